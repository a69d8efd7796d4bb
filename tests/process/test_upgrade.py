"""A daemon on the database of the first version."""

from __future__ import annotations

from pathlib import Path

from syncd.store.database import writer
from tests.process.programs import DaemonProcess, nobody_there
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


def test_one_of_a_later_version_is_refused_in_one_line(tmp_path: Path) -> None:
    daemon = DaemonProcess(tmp_path, nobody_there())
    with daemon:
        assert daemon.end() == 0
    engine = writer(daemon.database)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    done = daemon.command("run")
    assert done.returncode == 78
    assert "install a newer syncd" in done.stderr
