"""The file with the tickets: its tables, and the one connection to it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from syncd.contract.errors import UnavailableError

Answer = TypeVar("Answer")
NOW = "(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"
"""To the millisecond, as the tables have it."""
_NEW_ID = "(lower(hex(randomblob(8))))"
_VERSIONS = (
    # Ids are random, so that none means something else after a backup was restored or the file was thrown away.
    f"""
    CREATE TABLE ticket (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE DEFAULT {_NEW_ID}, key TEXT NOT NULL UNIQUE,
        subject TEXT NOT NULL, visitor TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'open', since TEXT NOT NULL DEFAULT {NOW}, priority INTEGER NOT NULL,
        tags TEXT NOT NULL, fields TEXT NOT NULL, follows TEXT, last INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX ticket_by_last ON ticket (last);
    CREATE TABLE comment (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE DEFAULT {_NEW_ID}, key TEXT UNIQUE,
        ticket TEXT NOT NULL REFERENCES ticket (id), text TEXT NOT NULL, at TEXT NOT NULL DEFAULT {NOW},
        name TEXT NOT NULL DEFAULT '', email TEXT NOT NULL DEFAULT '', public INTEGER NOT NULL, ours INTEGER NOT NULL,
        edited TEXT);
    CREATE INDEX comment_by_ticket ON comment (ticket, number);
    CREATE TABLE file (
        number INTEGER PRIMARY KEY AUTOINCREMENT, comment TEXT NOT NULL REFERENCES comment (id) ON DELETE CASCADE,
        name TEXT NOT NULL, kind TEXT NOT NULL, content BLOB NOT NULL, word TEXT NOT NULL UNIQUE);
    CREATE INDEX file_by_comment ON file (comment, number);
    CREATE TABLE event (number INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
    """,
)
"""What each version of the tables adds to the one before; new ones come last."""


class Database:
    """One SQLite file. It is opened at the first call, and each call is one transaction on disk when it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    @classmethod
    def at(cls, path: Path) -> Database:
        """Give the one of this process for the file."""
        # Before 3.51.3 SQLite can damage a file with a write-ahead log to which two connections write.
        return _OPEN.setdefault(path.absolute(), cls(path))

    async def run(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Do `work` in one transaction, none of it where it raises. Raises UnavailableError."""
        return await asyncio.to_thread(self._run, work)

    def _run(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        certain = True
        try:
            with self._lock, _transaction(self._open()) as connection:
                answer = work(connection)
                # A commit that fails may be on the disk all the same.
                certain = False
        except (sqlite3.Error, OSError) as bad:
            msg = f"{self._path}: {bad}; see whether the disk is full and the file is whole and ours"
            raise UnavailableError(msg, certain=certain) from None
        return answer

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
            weakref.finalize(self, connection.close)
            connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                connection.execute(f"PRAGMA {pragma}").close()
            with _transaction(connection):
                _bring_forward(connection)
            self._connection = connection
        return self._connection


_OPEN: weakref.WeakValueDictionary[Path, Database] = weakref.WeakValueDictionary()


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _bring_forward(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, script in enumerate(_VERSIONS[version:], version + 1):
        for statement in [*script.split(";"), f"PRAGMA user_version = {number}"]:
            connection.execute(statement)
