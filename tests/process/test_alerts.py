"""A daemon as a process tells somebody once what is wrong, and once that it is over, whatever happens in between."""

from __future__ import annotations

from pathlib import Path

from tests.process.programs import DaemonProcess, until
from tests.process.receiver import Receiver
from tests.process.test_operations import put_aside

MEMORY = {"BRIDGE_CHAT": "memory", "BRIDGE_HELPDESK": "memory"}
BEGUN, OVER = ("parked", "helpdesk", "begun"), ("parked", "helpdesk", "over")


def test_a_parked_delivery_is_told_once_and_that_it_is_over_once(tmp_path: Path) -> None:
    with Receiver() as receiver, DaemonProcess(tmp_path, {**MEMORY, **receiver.settings}) as daemon:
        put_aside(daemon, "syncd-1", "default", "x'7b7d'")
        until(receiver.told)
        assert receiver.told() == [BEGUN]
        assert daemon.command("failed", "drop", "--all").returncode == 0
        until(lambda: len(receiver.told()) > 1)
        assert receiver.told() == [BEGUN, OVER]
