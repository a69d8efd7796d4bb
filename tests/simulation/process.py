"""One run of the daemon, real but for what it stops at: the commits of its database and the calls of its ends."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from syncd.engine.bridge import Bridge
from syncd.engine.daemon import Daemon
from syncd.engine.intake import Intake
from syncd.engine.metrics import Metrics
from syncd.engine.planner import Planner
from syncd.engine.schedule import Schedule
from syncd.engine.storage import Storage
from syncd.store import migrations
from syncd.store.database import Database, writer
from tests.simulation.gates import Fate, Gates
from tests.simulation.loop import StillLoop
from tests.simulation.watch import Watch

T = TypeVar("T")
Transaction = Callable[..., Any]

METRICS = Metrics()
"""One for all runs: nobody reads it, and it is slow to make."""


class Disk:
    """The daemon's database file. One engine for all runs: each close leaves it without a connection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.engine = writer(path)
        migrations.bring_up_to_date(self.engine)
        self.engine.dispose()
        self._empty = path.read_bytes()

    def wipe(self) -> None:
        """Put an empty database there."""
        for leftover in self._path.parent.iterdir():
            leftover.unlink()
        self._path.write_bytes(self._empty)

    def read_only(self) -> sqlite3.Connection:
        """Open it beside the daemon."""
        return sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)


@dataclass(frozen=True)
class Steps:
    """The engine's steps. `instead` gives for a transaction those that are done in its place, a commit each."""

    intake: type[Intake] = Intake
    planner: type[Planner] = Planner
    instead: Mapping[Transaction, tuple[Transaction, ...]] = field(default_factory=dict)

    def stages(self, work: Callable[[Connection], T]) -> list[Callable[[Connection], T]]:
        """Give the transactions that do some work; the last one's value is the work's."""
        if not isinstance(work, partial):
            return [work]
        others = self.instead.get(work.func, (work.func,))
        return [partial(other, *work.args, **work.keywords) for other in others]


class SteppedDatabase(Database):
    """Runs transactions where it is called, each when its gate lets it go."""

    def __init__(self, engine: Engine, steps: Steps, gates: Gates, watch: Watch) -> None:
        super().__init__(engine)
        self._steps = steps
        self._gates = gates
        self._watch = watch

    async def run(self, work: Callable[[Connection], T], *, waiting: int = 0) -> T:
        del waiting
        name = getattr(work.func, "__name__", "") if isinstance(work, partial) else ""
        for stage in self._steps.stages(work):
            go = await self._gates.stop("commit", name)
            if go.fate is Fate.FULL:
                raise OperationalError("", {}, full_disk())
            value = self.transact(partial(self._watch.over, work=stage))
            if go.lingers:
                await self._gates.stop("committed", name)
        return value


def full_disk() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


class HandSchedule(Schedule):
    """Runs its jobs when it is told to. `is_set` says whether the clock was set since the last look."""

    def __init__(self) -> None:
        self.is_set = False
        self._jobs: list[Callable[[], Awaitable[None]]] = []
        self._running: dict[int, asyncio.Task[None]] = {}

    def every(self, seconds: float, job: Callable[[], Awaitable[None]]) -> None:
        del seconds
        self._jobs.append(job)

    def start(self) -> None:
        self.run_all()

    def run_all(self) -> None:
        """Begin every job that does not run already."""
        loop = asyncio.get_running_loop()
        for number, job in enumerate(self._jobs):
            if number not in self._running or self._running[number].done():
                self._running[number] = loop.create_task(_as_coroutine(job))

    def look_at_the_clock(self) -> bool:
        was_set, self.is_set = self.is_set, False
        if was_set:
            self.run_all()
        return was_set


async def _as_coroutine(job: Callable[[], Awaitable[None]]) -> None:
    await job()


class SteppedDaemon(Daemon):
    """The daemon with other polls, and where a variant wants them, other steps."""

    def __init__(self, bridge: Bridge, storage: Storage, schedule: Schedule, steps: Steps) -> None:
        bridges = {bridge.name: bridge}
        super().__init__(bridges, storage, METRICS)
        self.planner = steps.planner(bridges, storage, METRICS, self.wake)
        self.intake = steps.intake(storage, self.planner.wake)
        self._schedule = schedule


class Process:
    """One run of the daemon, from its start to its crash."""

    def __init__(self, disk: Disk, bridge: Bridge, steps: Steps, watch: Watch, gates: Gates) -> None:
        self.schedule = HandSchedule()
        self.loop = StillLoop()
        self.failures: list[Mapping[str, Any]] = []
        self.loop.set_exception_handler(lambda _, context: self.failures.append(context))
        self._gates = gates
        self._database = SteppedDatabase(disk.engine, steps, gates, watch)
        self.storage = Storage(self._database)
        self.daemon = SteppedDaemon(bridge, self.storage, self.schedule, steps)
        self._starting = self.do(self.daemon.start())

    @property
    def is_up(self) -> bool:
        """Whether the start has come to its end."""
        return self._starting.done()

    def do(self, work: Awaitable[T]) -> asyncio.Task[T]:
        """Begin something and run until all stops."""
        task = self.loop.create_task(cast("Any", work))
        self.loop.run_until_still()
        return cast("asyncio.Task[T]", task)

    def soon(self, act: Callable[[], None]) -> None:
        """Do something inside the loop and run until all stops."""
        self.loop.call_soon(act)
        self.loop.run_until_still()

    def crash(self) -> None:
        """End it where it is: whoever waits to be let go never is."""
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        with self._gates.shut():
            self.loop.run_until_still()
        self.loop.close()
        self._database.close()
