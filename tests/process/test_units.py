"""The units in systemd/: without a fault, as closed as they claim, and about the same daemon."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from syncd.settings.models import DaemonSettings
from tests.process.units import UNITS, add_addresses, analyze, exposure, faults, lay_out


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the units, whose program is one that is there."""
    lay_out(tmp_path)
    return tmp_path


def test_systemd_finds_no_fault(folder: Path) -> None:
    add_addresses(folder)
    assert faults(folder) == []


def test_the_control_a_line_that_systemd_does_not_know_is_found(folder: Path) -> None:
    unit = folder / "syncd.service"
    unit.write_text(unit.read_text().replace("PrivateTmp=", "PrivateTemp="))
    (fault,) = faults(folder)
    assert "PrivateTemp" in fault


def test_the_control_a_program_that_is_not_there_is_an_exit_code(folder: Path) -> None:
    unit = folder / "syncd.service"
    unit.write_text(unit.read_text().replace(sys.executable, "/nowhere/syncd"))
    assert analyze(folder, "verify", str(unit)).returncode != 0


def test_the_service_is_open_to_1_1_of_10_and_to_0_9_with_its_addresses(folder: Path) -> None:
    plain = exposure(folder)
    add_addresses(folder)
    listed = exposure(folder)
    print(f"\nexposure {plain}, with a list of addresses {listed}")
    assert plain <= 1.1
    assert listed <= 0.9


def test_the_control_a_service_that_may_gain_rights_is_more_open(folder: Path) -> None:
    unit = folder / "syncd.service"
    unit.write_text(unit.read_text().replace("NoNewPrivileges=yes", "").replace("CapabilityBoundingSet=", ""))
    assert exposure(folder) > 1.1


def test_the_socket_listens_where_syncd_does_by_itself() -> None:
    default = DaemonSettings.model_fields["listen"].default
    assert f"ListenStream={default}" in (UNITS / "syncd.socket").read_text().splitlines()


def test_every_setting_of_the_service_has_its_reason() -> None:
    """Each group of lines in the unit stands below a comment."""
    groups = (UNITS / "syncd.service").read_text().split("[Service]")[1].split("[Install]")[0].strip().split("\n\n")
    assert [group for group in groups if not group.startswith(("Type=", "#"))] == []
