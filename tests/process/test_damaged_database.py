"""A database that cannot be used stops the start with one clear line, and the daemon that it is damaged under."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from connectors.memory.chat import write_webhook_body
from syncd.contract.model import (
    Author,
    ChatContext,
    ChatMessageAdded,
    ConversationId,
    Message,
    MessageId,
    Role,
    Visitor,
)
from tests.process.programs import SECRET, DaemonProcess, syncd

BRIDGE = {
    "BRIDGE_CHAT": "memory",
    "BRIDGE_HELPDESK": "memory",
    "BRIDGE_WEBHOOK_SECRET": SECRET,
    "SYNCD_LISTEN": "127.0.0.1:0",
}


@pytest.mark.parametrize("command", ["run", "status"])
def test_a_file_that_is_no_database_is_exit_78(tmp_path: Path, command: str) -> None:
    damaged = tmp_path / "syncd.db"
    damaged.write_bytes(b"this is not a database at all" * 1000)
    done = syncd(command, SYNCD_DATABASE_URL=f"sqlite:///{damaged}", **BRIDGE)
    assert done.returncode == 78
    assert done.stderr.splitlines()[-1].startswith(f"SYNCD_DATABASE_URL: {damaged} cannot be ")
    assert "not a database" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_made_is_exit_78(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = syncd("run", SYNCD_DATABASE_URL=f"sqlite:///{tmp_path}/file/syncd.db", **BRIDGE)
    assert done.returncode == 78
    assert "SYNCD_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


MEMORY = {"BRIDGE_CHAT": "memory", "BRIDGE_HELPDESK": "memory"}
AT = datetime(2026, 3, 1, tzinfo=UTC)
PAGE = 4096
MALFORMED = "database disk image is malformed"
SECONDS_TO_THE_END = 10.0
NOISE_SECONDS = 5.0


def webhook(number: int) -> bytes:
    visitor = Visitor(f"v{number}", "Ann")
    message = Message(MessageId(f"m{number}"), Author(Role.VISITOR, "Ann"), "hello", AT)
    return write_webhook_body([ChatMessageAdded(ConversationId(visitor.id), message, ChatContext(visitor))])


def send(daemon: DaemonProcess, number: int) -> int:
    return httpx.post(daemon.hook, content=webhook(number), timeout=10).status_code


def overwrite(database: Path, name: str) -> None:
    """Overwrite the first page of a table or index, under a daemon too."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with database.open("r+b", buffering=0) as file:
            file.seek((page - 1) * PAGE)
            file.write(b"\xa5" * PAGE)
        # Whoever has pages in memory reads them again after a commit of another.
        connection.execute("PRAGMA user_version = 1")


def is_alive(daemon: DaemonProcess) -> bool:
    assert daemon.process is not None
    return daemon.process.poll() is None


@pytest.mark.parametrize("table", ["inbox", "lane", "ledger", "ix_outbox_waiting"])
def test_a_table_that_is_damaged_stops_the_start_with_one_line_and_exit_78(tmp_path: Path, table: str) -> None:
    with DaemonProcess(tmp_path, MEMORY) as daemon:
        assert [send(daemon, number) for number in range(20)] == [200] * 20
        assert daemon.end() == 0
    overwrite(daemon.database, table)
    done = syncd("run", **daemon.environment)
    assert done.returncode == 78
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"SYNCD_DATABASE_URL: {daemon.database} cannot be used: it is damaged (")
    assert "put a backup in its place" in line


@pytest.mark.parametrize("table", ["inbox", "lane", "ledger", "outbox"])
def test_damage_under_a_daemon_is_503_said_once_harms_no_event_and_ends_it_with_78(tmp_path: Path, table: str) -> None:
    with DaemonProcess(tmp_path, MEMORY) as daemon:
        assert send(daemon, 0) == 200
        overwrite(daemon.database, table)
        began = time.monotonic()
        answers = [send(daemon, 1)]
        while httpx.get(f"{daemon.url}/healthz").status_code == httpx.codes.OK:
            assert time.monotonic() - began < NOISE_SECONDS, daemon.log.read_text()
        noticed = time.monotonic() - began
        assert httpx.get(f"{daemon.url}/healthz").json()["database"] == MALFORMED
        answers.append(send(daemon, 2))
        assert is_alive(daemon)
        assert daemon.process is not None
        assert daemon.process.wait(SECONDS_TO_THE_END + NOISE_SECONDS) == 78
    print(f"\n{table}: answers {answers}, seen in /healthz after {noticed:.1f} s")
    said = daemon.log.read_text()
    assert answers[1] == httpx.codes.SERVICE_UNAVAILABLE
    assert [line.count("put a backup in its place") for line in said.splitlines() if "CRITICAL" in line] == [1]
    assert [word for word in ("quarantine", "parked", "bug", "Traceback") if word in said] == []


def test_damage_that_only_a_reader_sees_is_503_too(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, MEMORY) as daemon:
        assert send(daemon, 0) == 200
        overwrite(daemon.database, "ix_outbox_parked")
        answer = httpx.get(f"{daemon.url}/metrics")
        assert (answer.status_code, answer.text) == (503, f"{MALFORMED}\n")
        assert httpx.get(f"{daemon.url}/healthz").json()["database"] == MALFORMED
        assert send(daemon, 1) == httpx.codes.SERVICE_UNAVAILABLE


def test_the_control_a_file_that_somebody_else_has_only_written_to_is_no_damage(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, MEMORY) as daemon:
        with closing(sqlite3.connect(daemon.database, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA user_version = 1")
        assert send(daemon, 0) == 200
        assert httpx.get(f"{daemon.url}/healthz").status_code == httpx.codes.OK
        assert daemon.end() == 0
