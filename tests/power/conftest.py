"""One recording of the daemon for all that look at it."""

from __future__ import annotations

import pytest

from tests.power.record import Recorder, Recording, Volume
from tests.strace import strace_or_skip


@pytest.fixture(scope="session")
def strace() -> str:
    """The path of strace; without one tests are skipped, or fail where SYNCD_REQUIRE_LIVE is 1."""
    return strace_or_skip()


@pytest.fixture(scope="session")
def recording(strace: str, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return Recorder(strace, tmp_path_factory.mktemp("recording"), Volume()).record()
