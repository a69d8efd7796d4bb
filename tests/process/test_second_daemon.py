"""Two daemons on one database would deliver everything twice: the second one does not start."""

from __future__ import annotations

from pathlib import Path

from tests.process.programs import DaemonProcess, free_port, syncd

MEMORY = {"BRIDGE_CHAT": "memory", "BRIDGE_HELPDESK": "memory"}


def test_a_second_daemon_on_the_same_database_is_exit_75_and_disturbs_nothing(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, MEMORY) as first:
        elsewhere = {**first.environment, "SYNCD_LISTEN": f"127.0.0.1:{free_port()}"}
        second = syncd("run", **elsewhere)
        assert second.returncode == 75
        assert f"another syncd works on {first.database}: stop it first" in second.stderr
        assert "Traceback" not in second.stderr
        assert first.command("status").returncode == 0
        assert first.end() == 0


def test_a_daemon_that_was_killed_leaves_its_database_to_the_next_one(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, MEMORY) as daemon:
        daemon.kill()
        daemon.start()
        assert daemon.end() == 0
