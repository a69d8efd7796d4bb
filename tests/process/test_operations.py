"""Commands that change something, at moments at which the daemon cannot do it, and on rows that are damaged."""

from __future__ import annotations

import fcntl
import json
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.process.programs import DaemonProcess

MEMORY = {"BRIDGE_CHAT": "memory", "BRIDGE_HELPDESK": "memory"}
COMMANDS = [("pause",), ("resume",), ("replay", "1"), ("failed", "retry", "syncd-1"), ("failed", "drop", "syncd-1")]

HTTPCORES = re.compile("^(Exception ignored|ResourceWarning).*socket")
"""It forgets to close a socket that it could not connect, which only `-W error` tells."""


@pytest.fixture
def stopped(tmp_path: Path) -> DaemonProcess:
    """Give a daemon that has run once."""
    with DaemonProcess(tmp_path, MEMORY) as daemon:
        assert daemon.end() == 0
    return daemon


def put_aside(daemon: DaemonProcess, key: str, bridge: str, body: str) -> None:
    """Put a parked delivery into the database."""
    with closing(sqlite3.connect(daemon.database, isolation_level=None)) as connection:
        new = "INSERT INTO link (bridge, conversation, created_at) VALUES (?, ?, 0) RETURNING id"
        (link,) = connection.execute(new, (bridge, key)).fetchone()
        connection.execute(
            "INSERT INTO lane (link_id, end, bridge, attempts) VALUES (?, 'helpdesk', ?, 0)", (link, bridge)
        )
        row = "INSERT INTO outbox (link_id, end, key, kind, body, rank, at, created_at, state, reason, parked_at)"
        values = f"VALUES (?, 'helpdesk', ?, 'add_note', {body}, 1, 0, 0, 'parked', 'because', 0)"
        connection.execute(f"{row} {values}", (link, key))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_while_the_daemon_starts_or_stops_is_exit_75_with_one_line(
    stopped: DaemonProcess, command: tuple[str, ...]
) -> None:
    with Path(f"{stopped.database}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = stopped.command(*command)
    assert (done.returncode, done.stdout) == (75, "")
    (line,) = (line for line in done.stderr.splitlines() if not HTTPCORES.search(line))
    assert line.startswith(f"the syncd that works on {stopped.database} does not answer (")


@pytest.mark.parametrize("command", [("pause",), ("status",)], ids=" ".join)
def test_a_command_on_a_database_that_somebody_has_locked_is_exit_75_with_one_line(
    stopped: DaemonProcess, command: tuple[str, ...]
) -> None:
    with closing(sqlite3.connect(stopped.database, isolation_level=None)) as other:
        # Not even readers may come in.
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("DELETE FROM bridge_pause")
        other.execute("COMMIT")
        done = stopped.command(*command)
    assert done.returncode == 75
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"SYNCD_DATABASE_URL: {stopped.database} cannot be ")
    assert line.endswith("now: database is locked")


def test_a_retry_of_all_goes_on_where_one_is_of_a_bridge_that_is_gone(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, MEMORY) as daemon:
        put_aside(daemon, "syncd-gone", "gone", "x'7b7d'")
        put_aside(daemon, "syncd-here", "default", "x'7b7d'")
        done = daemon.command("failed", "retry", "--all")
        assert (done.returncode, done.stdout, done.stderr) == (0, "2 retried\n", "")
        deadline = time.monotonic() + 5
        while "delivery syncd-here to the helpdesk is parked" not in daemon.log.read_text():
            assert time.monotonic() < deadline, daemon.log.read_text()
            time.sleep(0.05)
        assert "Traceback" not in daemon.log.read_text()
        assert daemon.rows("SELECT state FROM outbox WHERE key = 'syncd-gone'") == [("waiting",)]


@pytest.mark.parametrize("body", ["x'7b'", "x'7b22ff'", "CAST(x'7b22ff' AS TEXT)", "''"])
def test_a_parked_delivery_whose_row_is_damaged_is_listed_and_shown(stopped: DaemonProcess, body: str) -> None:
    put_aside(stopped, "syncd-damaged", "default", body)
    listed, shown = stopped.command("failed", "list"), stopped.command("failed", "show", "syncd-damaged")
    assert (listed.returncode, shown.returncode, listed.stderr, shown.stderr) == (1, 0, "", "")
    assert "syncd-damaged" in listed.stdout
    assert json.loads(shown.stdout)["body"] in {"{", '{"\\xff', ""}
