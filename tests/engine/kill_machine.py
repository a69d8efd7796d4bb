"""A machine on which the daemon runs, is killed once, and runs again on the same file; and who brings its webhooks."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import httpx
from sqlalchemy import Engine

from syncd.engine.bridge import Bridge
from syncd.engine.daemon import Daemon
from syncd.engine.hooks import Hooks
from syncd.engine.intake import Intake
from syncd.engine.metrics import Metrics
from syncd.engine.storage import Storage
from syncd.store.database import Database

from .conftest import SHOP
from .kill_points import Killer, MortalDatabase

SECRET = "only-for-these-tests"
UNDER_WAY = "SELECT body FROM outbox WHERE end = 'chat' AND state = 'sending'"

Connect = Callable[[Killer, AsyncExitStack], Bridge]
"""Makes a bridge for one life; the stack closes what it opens."""


def its_own(daemon: Daemon, _: Storage) -> Intake:
    return daemon.intake


@dataclass(frozen=True)
class Build:
    """What a daemon is built of; another storage or intake makes a broken one."""

    storage: Callable[[Database], Storage] = Storage
    intake: Callable[[Daemon, Storage], Intake] = its_own


SOUND = Build()


class Told(Protocol):
    """Where webhooks come from."""

    def told(self, after: int) -> Sequence[bytes]:
        """Give the webhooks that the chat has sent, without the first `after`."""


class Machine(AbstractContextManager["Machine"]):
    """Each killer is one life's, on an event loop of its own that ends with it. What never dies is stopped at the end.

    `cut_off` are the chat's deliveries that were under way at a kill.
    """

    def __init__(self, path: Path, engine: Engine, connect: Connect, killers: Sequence[Killer], build: Build) -> None:
        self.path = path
        self._engine = engine
        self.cut_off: list[bytes] = []
        self._connect = connect
        self._killers = killers
        self._build = build
        self._turn = threading.Lock()
        self._door: tuple[httpx.AsyncClient, asyncio.AbstractEventLoop] | None = None
        self._daemon: Daemon | None = None
        self._ended: Future[None] = Future()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set_result(None)
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def hand_in(self, body: bytes) -> bool:
        """Bring a webhook; say whether it was answered 200 before the daemon died or while there was none."""
        with self._turn:
            if self._door is None:
                return False
            door, loop = self._door
            answer = asyncio.run_coroutine_threadsafe(door.post(f"/hooks/{SHOP}/chat/{SECRET}", content=body), loop)
        while not answer.done() and self._door is not None:
            time.sleep(0.0005)
        return answer.done() and not answer.cancelled() and answer.result().status_code == httpx.codes.OK

    def rows(self, query: str) -> list[Any]:
        """Ask the database."""
        with closing(looking_at(self.path)) as connection:
            return connection.execute(query).fetchall()

    def _live(self) -> None:
        try:
            for killer in self._killers:
                self._live_once(killer)
                if not killer.is_dead:
                    return
        except BaseException as failure:  # noqa: BLE001  (it belongs to the thread that has the machine)
            self._failure = failure

    def _live_once(self, killer: Killer) -> None:
        # Who closes a database last moves its log into it, but not who only reads: so both stay as a kill leaves them.
        with closing(looking_at(self.path)) as keeper:
            keeper.execute("SELECT 1 FROM outbox")
            database = MortalDatabase(self._engine, killer)
            try:
                asyncio.run(self._life(killer, database))
            finally:
                database.close()
            if killer.is_dead:
                self.cut_off += [body for (body,) in keeper.execute(UNDER_WAY)]

    async def _life(self, killer: Killer, database: MortalDatabase) -> None:
        async with AsyncExitStack() as stack:
            work = asyncio.create_task(self._work(killer, database, stack))
            await asyncio.wait({work, asyncio.wrap_future(killer.died)}, return_when=asyncio.FIRST_COMPLETED)
            self._shut()
            await cut_everything_off()
            if self._daemon is not None:
                # It ends no call and writes nothing any more, but its timers belong to the loop.
                await self._daemon.stop()
        if not killer.is_dead:
            work.result()

    async def _work(self, killer: Killer, database: Database, stack: AsyncExitStack) -> None:
        bridges = {SHOP: self._connect(killer, stack)}
        storage, metrics = self._build.storage(database), Metrics()
        daemon = Daemon(bridges, storage, metrics)
        hooks = Hooks(bridges, self._build.intake(daemon, storage), metrics)
        door = httpx.AsyncClient(transport=httpx.ASGITransport(hooks), base_url="http://syncd")
        self._daemon = None
        await daemon.start()
        self._daemon = daemon
        with self._turn:
            self._door = (door, asyncio.get_running_loop())
        await asyncio.shield(asyncio.wrap_future(self._ended))
        self._shut()
        await daemon.stop()
        self._daemon = None

    def _shut(self) -> None:
        with self._turn:
            self._door = None


async def cut_everything_off() -> None:
    """End every other task of the loop, and those that were about to begin."""
    await asyncio.sleep(0)
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        # Again and again: `wait_for` of Python 3.11 forgets a cancellation that comes together with what it waits for.
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=0.01)


def looking_at(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)


class Courier(AbstractContextManager["Courier"]):
    """Brings so many copies of each webhook, in order, and each again where nobody answered 200."""

    def __init__(self, source: Told, machine: Machine, copies: int) -> None:
        self.brought = 0
        self._source = source
        self._machine = machine
        self._copies = copies
        self._is_done = False
        self._thread = threading.Thread(target=self._bring, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_done = True
        self._thread.join()

    def _bring(self) -> None:
        while not self._is_done:
            for body in self._source.told(self.brought):
                for _ in range(self._copies):
                    while not self._is_done and not self._machine.hand_in(body):
                        time.sleep(0.001)
                self.brought += 1
            time.sleep(0.004)
