"""The one connection that writes, on one thread of its own, and the connections that only read.

SQLite before 3.51.3 can corrupt a WAL database that two connections write or checkpoint: so exactly one does, and the
readers open the file `mode=ro`. FULL, because NORMAL loses committed rows in a power cut.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from syncd.store.turns import Turns

T = TypeVar("T")
Work = Callable[[Connection], Any]

CLOSE_SECONDS = 1.0
WRITER_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA wal_autocheckpoint=250",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=15000",
)


def _engine(path: Path, *, pragmas: tuple[str, ...], mode: str, begin: str) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False
        )
        for pragma in pragmas:
            connection.execute(pragma)
        return connection

    # An error must not show the values of its statement: they hold visitors' words.
    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def writer(path: Path) -> Engine:
    """Open the file for writing, made when it is not there. Every transaction begins IMMEDIATE."""
    return _engine(path, pragmas=WRITER_PRAGMAS, mode="rwc", begin="BEGIN IMMEDIATE")


def reader(path: Path) -> Engine:
    """Open the file for reading only; it can neither write nor checkpoint."""
    return _engine(path, pragmas=("PRAGMA busy_timeout=5000",), mode="ro", begin="BEGIN")


@dataclass(frozen=True)
class Together:
    """Work that shares a transaction; after each part of it `went_on` is called."""

    works: tuple[Work, ...]
    went_on: Callable[[], None]

    def __call__(self, connection: Connection) -> list[Any]:
        """Do all of it, one after the other, and give the values."""
        values = []
        for work in self.works:
            values.append(work(connection))
            self.went_on()
        return values


class _Job(NamedTuple):
    work: Work
    done: Future[Any]


class Database:
    """Runs transactions, one after the other, on a thread of their own.

    Work takes the connection and gives plain values: nothing of SQLAlchemy leaves it. Queries are SQLAlchemy Core on
    the SQLModel tables: a Session costs three times as much and would give nothing that is used here.
    """

    def __init__(self, engine: Engine, *, thread_name: str = "syncd-database") -> None:
        self._engine = engine
        self._first: Callable[[Connection], None] = _nothing
        self._turns = Turns[_Job]()
        self._thread = threading.Thread(target=self._turns.run, args=[self._fulfil], name=thread_name, daemon=True)
        self._thread.start()

    @property
    def is_dead(self) -> bool:
        """Whether its thread has ended: what is given to `run` is never done."""
        return not self._thread.is_alive()

    @property
    def stalled_seconds(self) -> float:
        """For how long work has waited or been under way without any coming to its end; 0 where there is none."""
        return self._turns.stalled_seconds

    def begin_with(self, first: Callable[[Connection], None]) -> None:
        """Let every transaction from now on begin with this."""
        self._first = first

    async def run(self, work: Callable[[Connection], T], *, waiting: int = 0) -> T:
        """Run `work` in one transaction and give its value once that is on disk. Raises what SQLAlchemy raises.

        What somebody outside is waiting for goes first; while many wait, all other work gets a small share of time.
        Other work that waits at the same moment may share the transaction; where any of it fails, it is rolled back,
        and each runs again in its own: so work changes nothing but the database, and may run more than once.
        """
        done: Future[T] = Future()
        self._turns.add(_Job(work, done), waiting=waiting)
        return await asyncio.wrap_future(done)

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction on the calling thread: for start-up and commands, never beside `run`."""
        with self._engine.begin() as connection:
            self._first(connection)
            return work(connection)

    def _fulfil(self, jobs: Sequence[_Job]) -> None:
        begun = [job for job in jobs if job.done.set_running_or_notify_cancel()]
        try:
            self._try_together(begun)
        except BaseException as end:
            # It was meant for this thread: in whoever asked, it would end the daemon without a word.
            for job in begun:
                if not job.done.done():
                    job.done.set_exception(RuntimeError(f"the database's thread was ended by {type(end).__name__}"))
            raise

    def _try_together(self, jobs: Sequence[_Job]) -> None:
        try:
            values = self._transact_all([job.work for job in jobs])
        except Exception as failure:  # noqa: BLE001  (whatever it is belongs to whoever asked, as in an executor)
            if len(jobs) == 1:
                jobs[0].done.set_exception(failure)
                return
            for job in jobs:
                self._try_together([job])
        else:
            for job, value in zip(jobs, values, strict=True):
                job.done.set_result(value)

    def _transact_all(self, works: Sequence[Work]) -> list[Any]:
        if len(works) == 1:
            return [self.transact(works[0])]
        return self.transact(Together(tuple(works), self._turns.went_on)) if works else []

    def close(self) -> None:
        """Finish what was given to `run`, then close the file.

        What takes longer than a second hangs on a lock or a disk: nobody was told of it, and it is left behind.
        """
        self._turns.end()
        self._thread.join(CLOSE_SECONDS)
        if self.is_dead:
            self._engine.dispose()


def _nothing(_: Connection) -> None:
    return


@contextmanager
def opened(engine: Engine, *, thread_name: str = "syncd-database") -> Iterator[Database]:
    """Give a Database over `engine` and close it."""
    database = Database(engine, thread_name=thread_name)
    try:
        yield database
    finally:
        database.close()
