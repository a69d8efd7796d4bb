"""A disk that is full, read-only, failing or locked: what is acknowledged is there, and all goes on by itself (R10)."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.process.conftest import DISK_BYTES
from tests.process.programs import DaemonProcess, nobody_there
from tests.strace import strace_or_skip

WORDS = "x" * 50_000
LOCKED_SECONDS = 10.0
FULL_SECONDS = 5.0
RECOVERY_SECONDS = 3.0


class Sender:
    """Posts webhooks and remembers which were answered 200."""

    def __init__(self, daemon: DaemonProcess, client: httpx.Client) -> None:
        self._daemon = daemon
        self._client = client
        self._numbers = itertools.count()
        self.answers: Counter[int] = Counter()
        self.taken: set[str] = set()

    def send(self, words: str = "") -> httpx.Response:
        name = f"m{next(self._numbers):05}"
        message = {"id": name, "type": "client", "text": f"{name} {words}", "createdAt": 1767225600000}
        body = {"eventName": "chatFragment", "messages": [message], "client": {"id": "v1"}}
        answer = self._client.post(self._daemon.hook, json=body)
        self.answers[answer.status_code] += 1
        if answer.is_success:
            self.taken.add(name)
        return answer

    def send_until(self, status: int, words: str = "", most: int = 400) -> httpx.Response:
        """Send until there is such an answer."""
        for _ in range(most):
            answer = self.send(words)
            if answer.status_code == status:
                return answer
            time.sleep(0.05 if status == httpx.codes.OK else 0.0)
        raise AssertionError(f"no {status} in {most} answers: {self.answers}")

    def missing(self) -> set[str]:
        """Give what was answered 200 and is not stored."""
        found = self._daemon.rows("SELECT json_extract(body, '$.messages[0].id') FROM payload")
        return self.taken - {name for (name,) in found}

    def told(self, what: str) -> str:
        return f"\n{what}: {dict(self.answers)}, {len(self.missing())} of {len(self.taken)} acknowledged are missing"


def until_well(daemon: DaemonProcess) -> float:
    """Wait until health is well, which takes 3 seconds at most; give how long it took."""
    began = time.monotonic()
    while httpx.get(f"{daemon.url}/healthz").status_code != httpx.codes.OK:
        assert time.monotonic() < began + RECOVERY_SECONDS, daemon.log.read_text()
        time.sleep(0.05)
    return time.monotonic() - began


@contextmanager
def talking(daemon: DaemonProcess) -> Iterator[Sender]:
    """Start the daemon; in the end all that it acknowledged is there and its file is whole."""
    with daemon, httpx.Client(timeout=30) as client:
        sender = Sender(daemon, client)
        sender.send_until(httpx.codes.OK)
        yield sender
        sender.send_until(httpx.codes.OK)
        until_well(daemon)
        assert sender.missing() == set()
        assert daemon.rows("PRAGMA integrity_check") == [("ok",)]
        assert daemon.end() == 0


def lines_about_the_disk(daemon: DaemonProcess) -> list[str]:
    return [line for line in daemon.log.read_text().splitlines() if "database: " in line]


def test_a_full_disk_is_503_and_said_once_and_all_goes_on_when_there_is_room(tmp_path: Path, disk: Path) -> None:
    daemon = DaemonProcess(tmp_path, nobody_there(), disk=disk)
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * (DISK_BYTES // 2))
    with talking(daemon) as sender:
        refused = sender.send_until(httpx.codes.SERVICE_UNAVAILABLE, WORDS)
        assert refused.headers["retry-after"]
        health = httpx.get(f"{daemon.url}/healthz")
        assert (health.status_code, health.json()["database"]) == (503, "database or disk is full")
        for _ in range(20):
            assert sender.send(WORDS).status_code == httpx.codes.SERVICE_UNAVAILABLE
        ballast.unlink()
        sender.send_until(httpx.codes.OK, WORDS)
        print(sender.told("a full disk"))
    said = lines_about_the_disk(daemon)
    assert [("cannot write" in line, "writes again" in line) for line in said] == [(True, False), (False, True)]


def test_health_is_well_again_by_itself_once_there_is_room_and_not_before(tmp_path: Path, disk: Path) -> None:
    daemon = DaemonProcess(tmp_path, nobody_there(), disk=disk)
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * (DISK_BYTES // 2))
    with talking(daemon) as sender, httpx.Client(base_url=daemon.url) as proxy:
        sender.send_until(httpx.codes.SERVICE_UNAVAILABLE, WORDS)
        refused = time.monotonic()
        while time.monotonic() < refused + FULL_SECONDS:
            assert proxy.get("/healthz").status_code == httpx.codes.SERVICE_UNAVAILABLE
            assert sender.send(WORDS).status_code == httpx.codes.SERVICE_UNAVAILABLE
        ballast.unlink()
        print(f"\nhealth is well {until_well(daemon):.1f} s after there was room, with no webhook")
    assert len(lines_about_the_disk(daemon)) == 2


class FailingDiskDaemon(DaemonProcess):
    """A daemon some of whose calls to the kernel fail: from the one with a number to that with another."""

    def __init__(self, folder: Path, calls: str, error: str, first: int, last: int) -> None:
        super().__init__(folder, nobody_there())
        self._calls = calls
        self._failing = f"inject={calls}:error={error}:when={first}..{last}"

    def _spawn(self, arguments: list[str], *, handed_over: tuple[int, ...] = ()) -> None:
        tracing = [strace_or_skip(), "-D", "-f", "-o", "/dev/null", "-e", f"trace={self._calls}", "-e", self._failing]
        super()._spawn([*tracing, *arguments], handed_over=handed_over)


@pytest.mark.parametrize(
    ("calls", "error", "first", "last", "words"),
    [
        ("fdatasync,fsync", "EIO", 40, 60, "disk I/O error"),
        ("pwrite64", "EIO", 400, 430, "disk I/O error"),
        ("pwrite64", "EROFS", 400, 430, "disk I/O error"),
    ],
    ids=["syncs fail", "writes fail", "the disk became read-only"],
)
def test_a_disk_that_fails_acknowledges_nothing_and_all_goes_on_when_it_works_again(
    tmp_path: Path, calls: str, error: str, first: int, last: int, words: str
) -> None:
    strace_or_skip()
    daemon = FailingDiskDaemon(tmp_path, calls, error, first, last)
    with talking(daemon) as sender:
        sender.send_until(httpx.codes.SERVICE_UNAVAILABLE)
        sender.send_until(httpx.codes.OK)
        print(sender.told(f"{error} from {calls}"))
    assert words in lines_about_the_disk(daemon)[0]


def test_a_backup_that_locks_the_database_for_ten_seconds_loses_nothing(tmp_path: Path) -> None:
    daemon = DaemonProcess(tmp_path, nobody_there())
    with talking(daemon) as sender, ThreadPoolExecutor(20) as everybody:
        with closing(sqlite3.connect(daemon.database, isolation_level=None)) as backup:
            backup.execute("BEGIN EXCLUSIVE")
            waiting = [everybody.submit(sender.send) for _ in range(20)]
            time.sleep(LOCKED_SECONDS)
            assert not any(one.done() for one in waiting)
        assert {one.result().status_code for one in waiting} == {httpx.codes.OK}
        print(sender.told(f"locked for {LOCKED_SECONDS:.0f} s"))
    assert lines_about_the_disk(daemon) == []


def test_the_control_what_is_acknowledged_and_not_stored_is_found(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, nobody_there()) as daemon, httpx.Client() as client:
        sender = Sender(daemon, client)
        sender.send_until(httpx.codes.OK)
        sender.taken.add("never sent")
        print(sender.told("a line that was never sent"))
        assert sender.missing() == {"never sent"}
