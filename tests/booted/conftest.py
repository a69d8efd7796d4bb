"""A booted machine with the package in it, and syncd running there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.booted.machine import Machine
from tests.booted.service import Service


@pytest.fixture(scope="session")
def machine(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Give a machine on which the package was installed while it ran."""
    with Machine(tmp_path_factory.mktemp("machine")) as machine:
        machine.install(package)
        yield machine


@pytest.fixture
def service(machine: Machine) -> Iterator[Service]:
    """Give the service, which runs; nothing of it stays but its database."""
    service = Service(machine)
    yield service
    service.clear()
