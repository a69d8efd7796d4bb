"""A start that cannot be now and can be later is exit 75, and whoever starts again on 75 has a daemon in the end."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.process.programs import DaemonProcess, syncd

MEMORY = {"BRIDGE_CHAT": "memory", "BRIDGE_HELPDESK": "memory"}
TRY_LATER = 75


@pytest.fixture
def stopped(tmp_path: Path, disk: Path) -> DaemonProcess:
    """Give a daemon on a small disk that has run once."""
    with DaemonProcess(tmp_path, MEMORY, disk=disk) as daemon:
        assert daemon.end() == 0
    return daemon


@contextmanager
def full(_: DaemonProcess, disk: Path) -> Iterator[None]:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    yield
    ballast.unlink()


@contextmanager
def read_only(_: DaemonProcess, disk: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@contextmanager
def locked(daemon: DaemonProcess, _: Path) -> Iterator[None]:
    with closing(sqlite3.connect(daemon.database, isolation_level=None)) as backup:
        backup.execute("BEGIN EXCLUSIVE")
        yield


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def run_once(daemon: DaemonProcess) -> subprocess.CompletedProcess[str]:
    return syncd("run", **daemon.environment)


TROUBLES: dict[str, tuple[Callable[[DaemonProcess, Path], AbstractContextManager[None]], str]] = {
    "full": (full, "No space left on device|database or disk is full|disk I/O error|unable to open database file"),
    "read-only": (read_only, "Read-only file system"),
    "locked": (locked, "database is locked"),
}
each_trouble = pytest.mark.parametrize("name", TROUBLES)


@each_trouble
def test_a_trouble_that_passes_is_exit_75_with_one_line(stopped: DaemonProcess, disk: Path, name: str) -> None:
    trouble, words = TROUBLES[name]
    with trouble(stopped, disk):
        done = run_once(stopped)
    assert done.returncode == TRY_LATER
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"SYNCD_DATABASE_URL: {stopped.database} cannot be used")
    assert any(line.endswith(f" now: {one}") for one in words.split("|"))


@each_trouble
def test_whoever_starts_it_again_on_75_has_a_daemon_when_the_trouble_is_over(
    stopped: DaemonProcess, disk: Path, name: str
) -> None:
    codes: list[int] = []

    def supervise() -> None:
        while not codes or codes[-1] == TRY_LATER:
            stopped.begin()
            assert stopped.process is not None
            codes.append(stopped.process.wait(60))

    supervisor = threading.Thread(target=supervise)
    with TROUBLES[name][0](stopped, disk):
        supervisor.start()
        until(lambda: codes)
    until(stopped.is_up)
    assert httpx.post(stopped.hook, json={"events": []}).status_code == httpx.codes.OK
    assert stopped.end() == 0
    supervisor.join()
    assert (codes[-1], set(codes[:-1])) == (0, {TRY_LATER})


def test_a_stop_while_it_starts_on_a_locked_database_is_heard_at_once(stopped: DaemonProcess, disk: Path) -> None:
    with locked(stopped, disk):
        stopped.begin()
        time.sleep(3)
        began = time.monotonic()
        assert stopped.end(signal.SIGTERM) == 0
        took = time.monotonic() - began
    print(f"\nstopped while it waited for the database in {took:.1f} s")
    assert took < 5


def test_a_folder_in_the_place_of_the_database_is_exit_78(tmp_path: Path) -> None:
    (tmp_path / "syncd.db").mkdir()
    done = run_once(DaemonProcess(tmp_path, MEMORY))
    assert (done.returncode, done.stderr.splitlines()[-1].endswith("Is a directory")) == (78, True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")
def test_a_folder_without_rights_is_exit_75(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir(mode=0o500)
    assert run_once(DaemonProcess(tmp_path, MEMORY, disk=tmp_path / "disk")).returncode == TRY_LATER
