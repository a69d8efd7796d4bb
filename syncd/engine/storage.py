"""The database as the engine uses it: a disk that is full or away is waited for, and said once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from loguru import logger
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from syncd.store.database import Database

T = TypeVar("T")

RETRY_SECONDS = 1.0


PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)


def is_passing(failure: OperationalError) -> bool:
    """Say whether time or an operator can mend it: a full disk, a lock, no rights."""
    return getattr(failure.orig, "sqlite_errorcode", 0) & 0xFF in PASSING


class Storage:
    """Runs transactions and remembers whether the last one worked: `trouble` is empty or says what failed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.trouble = ""

    async def attempt(self, work: Callable[[Connection], T], *, waiting: int = 0) -> T:
        """Run one transaction. Raises OperationalError where the disk or the file would not, any other for a bug."""
        try:
            value = await self._database.run(work, waiting=waiting)
        except OperationalError as failure:
            if is_passing(failure):
                self._note(str(failure.orig))
            raise
        if waiting:
            self._note("")
        return value

    async def insist(self, work: Callable[[Connection], T]) -> T:
        """Run one transaction, again and again until the database takes it. Raises for a bug, which no trial mends."""
        has_failed = False
        while True:
            try:
                value = await self.attempt(work)
            except OperationalError as failure:
                if not is_passing(failure):
                    raise
                has_failed = True
                await asyncio.sleep(RETRY_SECONDS)
            else:
                # One that only reads works on a full disk too: it says nothing.
                if has_failed:
                    self._note("")
                return value

    def _note(self, trouble: str) -> None:
        if bool(trouble) != bool(self.trouble):
            if trouble:
                logger.error("database: cannot write ({}): webhooks get 503 until it can", trouble)
            else:
                logger.info("database: writes again")
        self.trouble = trouble
