"""Ways out of the sandbox, tried from inside it: all are blocked, and each would work without it."""

from __future__ import annotations

import pytest

from tests.booted.escapes import ESCAPES, NEEDS
from tests.booted.machine import Machine
from tests.booted.sandbox import Attempt, escapes, filters_packets

pytestmark = pytest.mark.torture


@pytest.fixture(scope="module")
def attempts(machine: Machine) -> dict[str, Attempt]:
    return escapes(machine)


@pytest.mark.parametrize("name", ESCAPES)
def test_it_is_blocked_and_would_work_without_the_sandbox(
    attempts: dict[str, Attempt], machine: Machine, name: str
) -> None:
    attempt = attempts[name]
    if not attempt.is_known:
        pytest.skip("this kernel cannot do that for anybody")
    if name == "send to an address not listed" and not filters_packets(machine):
        pytest.skip("this kernel has no BPF for control groups")
    assert attempt.would_work, attempt
    assert attempt.is_blocked, attempt


@pytest.mark.parametrize("name", NEEDS)
def test_what_syncd_needs_is_let(attempts: dict[str, Attempt], name: str) -> None:
    assert attempts[name].inside == "done"
