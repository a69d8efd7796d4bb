"""A booted machine with the package in it, and syncd running there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.booted.machine import Machine
from tests.booted.service import Service
from tests.process.programs import SECRET

BRIDGE = f"BRIDGE_CHAT=memory\nBRIDGE_HELPDESK=memory\nBRIDGE_WEBHOOK_SECRET={SECRET}\n"


@pytest.fixture(scope="session")
def machine(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Give a machine on which the package was installed while it runs, with one bridge between two ends in memory."""
    with Machine(tmp_path_factory.mktemp("machine")) as machine:
        shutil.copy(package, machine.root.folder / "root")
        machine.run("dpkg", "--install", f"/root/{package.name}")
        yield machine


@pytest.fixture
def service(machine: Machine) -> Iterator[Service]:
    """Give the service, enabled and started as the README says; nothing of it stays but its database."""
    machine.run("sh", "-c", f"umask 027; echo '{BRIDGE}' >/etc/syncd/bridges/shop.env")
    machine.run("systemctl", "enable", "--now", "syncd")
    service = Service(machine)
    yield service
    service.clear()
