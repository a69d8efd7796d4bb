"""A writer that hangs is seen from outside: by /healthz, by the log, and by beats that stay away."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection
from starlette.responses import PlainTextResponse

from syncd.app import Running, watch
from syncd.engine.daemon import Daemon
from syncd.engine.hooks import Hooks
from syncd.engine.metrics import Metrics
from syncd.engine.storage import LONGEST_TURN_SECONDS, Storage
from syncd.engine.web import Figures, application
from syncd.store import migrations
from syncd.store.database import Database, opened, reader, writer
from tests.engine.test_adversity_limits import logged

pytestmark = pytest.mark.alone

LONGEST_TURN = 0.5


class Watched:
    """A daemon without bridges whose transactions may hang, what it tells systemd, and what /healthz says of it."""

    def __init__(self, database: Database, readers: Database, ear: socket.socket) -> None:
        storage, metrics = Storage(database, longest_turn=LONGEST_TURN), Metrics()
        daemon = Daemon({}, storage, metrics)
        self.database = database
        self.running = Running({}, daemon, storage, (database, readers), "")
        figures = Figures({}, storage, readers, metrics)
        served = httpx.ASGITransport(application(Hooks({}, daemon.intake, metrics), figures, PlainTextResponse("")))
        self._client = httpx.AsyncClient(transport=served, base_url="http://syncd")
        self._ear = ear

    async def health(self) -> tuple[int, str]:
        answer = await self._client.get("/healthz")
        return answer.status_code, answer.json()["database"]

    async def hang(self, until: threading.Event) -> None:
        def work(_: Connection) -> None:
            until.wait(5)

        await self.database.run(work)

    def beats(self) -> int:
        """Count the beats since the last call."""
        count = 0
        with suppress(BlockingIOError):
            while self._ear.recv(100) == b"WATCHDOG=1":
                count += 1
        return count


@pytest.fixture
async def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    engine = writer(tmp_path / "syncd.db")
    migrations.bring_up_to_date(engine)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "100000")
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear,
        opened(engine) as database,
        opened(reader(tmp_path / "syncd.db")) as readers,
    ):
        ear.bind(str(tmp_path / "notify"))
        ear.setblocking(False)
        made = Watched(database, readers, ear)
        watching = asyncio.create_task(watch(made.running, asyncio.Event()))
        yield made
        watching.cancel()


async def test_a_transaction_that_hangs_ends_the_beats_and_is_503_and_all_comes_back_with_it(watched: Watched) -> None:
    may_go_on = threading.Event()
    with logged() as lines:
        hanging = asyncio.create_task(watched.hang(may_go_on))
        began = time.monotonic()
        async with asyncio.timeout(5):
            while await watched.health() == (200, "ok"):
                await asyncio.sleep(0.01)
        seen_after = time.monotonic() - began
        await asyncio.sleep(0.2)
        watched.beats()
        await asyncio.sleep(0.5)
        status, words = await watched.health()
        print(f"\nhung: /healthz tells it after {seen_after:.2f} s (bound {LONGEST_TURN} s), beats afterwards: 0")
        assert (status, words) == (503, "a transaction has hung for 1 seconds")
        assert watched.beats() == 0
        may_go_on.set()
        await hanging
        await asyncio.sleep(0.2)
    assert await watched.health() == (200, "ok")
    assert watched.beats() > 0
    assert ["hung" in line for line in lines] == [True, True]
    assert LONGEST_TURN <= seen_after < LONGEST_TURN + 1


async def test_the_control_transactions_one_after_the_other_for_longer_than_that_are_no_stall(watched: Watched) -> None:
    began = time.monotonic()
    work = [watched.database.run(lambda _: time.sleep(LONGEST_TURN / 5)) for _ in range(12)]
    waiting = asyncio.gather(*work)
    while not waiting.done():
        assert await watched.health() == (200, "ok")
        await asyncio.sleep(0.05)
    assert time.monotonic() - began > 2 * LONGEST_TURN
    assert watched.beats() > 4


async def test_a_backups_lock_may_last_as_long_as_the_writer_waits_for_it(watched: Watched) -> None:
    waits = await watched.database.run(lambda c: c.exec_driver_sql("PRAGMA busy_timeout").scalar_one() / 1000)
    assert waits >= 15
    assert waits + 3 < LONGEST_TURN_SECONDS


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_work_that_ends_the_thread_is_told_to_whoever_asked_and_ends_the_watch(watched: Watched) -> None:
    def work(_: Connection) -> None:
        raise SystemExit

    watching = asyncio.create_task(watch(watched.running, asyncio.Event()))
    with pytest.raises(RuntimeError, match="ended by SystemExit"):
        await watched.database.run(work)
    async with asyncio.timeout(2):
        await watching
    assert watched.database.is_dead
