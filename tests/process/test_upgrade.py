"""A daemon on the database of the first version."""

from __future__ import annotations

from pathlib import Path

import httpx

from syncd.store import migrations
from syncd.store.database import writer
from tests.process.programs import DaemonProcess, nobody_there, until
from tests.store.former import fill_first


def test_it_starts_and_knows_all_that_was(tmp_path: Path) -> None:
    engine = writer(tmp_path / "syncd.db")
    with engine.begin() as connection:
        fill_first(connection)
    engine.dispose()
    with DaemonProcess(tmp_path, nobody_there()) as daemon:
        assert "k2" in daemon.command("failed", "list").stdout
        assert "ann" in daemon.command("trace", "42").stdout
        assert daemon.command("failed", "drop", "k2").returncode == 0
        assert daemon.rows("SELECT native FROM ledger WHERE ours") == [("m1",)]


def upgrade_beyond_us(database: Path, *, oldest: int) -> None:
    """Do what a later version of syncd would do to a database: add a table, and say from which schema on it is used."""
    engine = writer(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE later (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.exec_driver_sql(f"PRAGMA user_version = {oldest}")
    engine.dispose()


def say(daemon: DaemonProcess, message: str) -> None:
    line = {"id": message, "type": "client", "text": "hello", "createdAt": 1767225600000}
    body = {"eventName": "chatFragment", "messages": [line], "client": {"id": "ann", "chatId": "ann"}}
    assert httpx.post(daemon.hook, json=body).status_code == 200
    until(lambda: daemon.rows("SELECT 1 FROM ledger WHERE native = ?", message))


def test_one_of_a_later_version_goes_on_where_that_has_only_added_to_ours_and_back_again(tmp_path: Path) -> None:
    daemon = DaemonProcess(tmp_path, nobody_there())
    with daemon:
        say(daemon, "m1")
        assert daemon.end() == 0
    upgrade_beyond_us(daemon.database, oldest=int(migrations.HEAD))
    with daemon:
        say(daemon, "m2")
        assert "the daemon runs" in daemon.command("status").stdout
    assert daemon.rows("SELECT native FROM ledger WHERE native IN ('m1', 'm2') ORDER BY 1") == [("m1",), ("m2",)]
    assert daemon.rows("SELECT version_num FROM alembic_version") == [("9999",)]


def test_one_of_a_later_version_is_refused_in_one_line(tmp_path: Path) -> None:
    daemon = DaemonProcess(tmp_path, nobody_there())
    with daemon:
        assert daemon.end() == 0
    upgrade_beyond_us(daemon.database, oldest=int(migrations.HEAD) + 1)
    done = daemon.command("run")
    assert done.returncode == 78
    assert "install a newer syncd" in done.stderr
