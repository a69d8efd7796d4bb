"""The one connection that writes, on one thread of its own, and the connections that only read.

SQLite before 3.51.3 can corrupt a WAL database that two connections write or checkpoint: so exactly one does, and the
readers open the file `mode=ro`. FULL, because NORMAL loses committed rows in a power cut.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from syncd.store.turns import Turns

T = TypeVar("T")

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


class Database:
    """Runs transactions, one after the other, on a thread of their own.

    Work takes the connection and gives plain values: nothing of SQLAlchemy leaves it. Queries are SQLAlchemy Core on
    the SQLModel tables: a Session costs three times as much and would give nothing that is used here.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turns = Turns()
        self._thread = threading.Thread(target=self._turns.run, name="syncd-database", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[Connection], T], *, waiting: int = 0) -> T:
        """Run `work` in one transaction and give its value once that is on disk. Raises what SQLAlchemy raises.

        What somebody outside is waiting for goes first; while many wait, all other work gets a small share of time.
        """
        done: Future[T] = Future()
        self._turns.add(partial(_fulfil, done, self.transact, work), waiting=waiting)
        return await asyncio.wrap_future(done)

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction on the calling thread: for start-up and commands, never beside `run`."""
        with self._engine.begin() as connection:
            return work(connection)

    def close(self) -> None:
        """Finish what was given to `run`, then close the file."""
        self._turns.end()
        self._thread.join()
        self._engine.dispose()


def _fulfil(
    done: Future[T], transact: Callable[[Callable[[Connection], T]], T], work: Callable[[Connection], T]
) -> None:
    if not done.set_running_or_notify_cancel():
        return
    try:
        done.set_result(transact(work))
    except BaseException as failure:  # noqa: BLE001  (whatever it is belongs to whoever asked, as in an executor)
        done.set_exception(failure)


@contextmanager
def opened(engine: Engine) -> Iterator[Database]:
    """Give a Database over `engine` and close it."""
    database = Database(engine)
    try:
        yield database
    finally:
        database.close()
