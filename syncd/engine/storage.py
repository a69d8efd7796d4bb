"""The database as the engine uses it: a disk that is full or away is waited for, and said once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from loguru import logger
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from syncd.store.database import Database

T = TypeVar("T")

RETRY_SECONDS = 1.0


class Storage:
    """Runs transactions and remembers whether the last one worked: `trouble` is empty or says what failed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.trouble = ""

    async def attempt(self, work: Callable[[Connection], T], *, urgent: bool = False) -> T:
        """Run one transaction. Raises what SQLAlchemy raises."""
        try:
            value = await self._database.run(work, urgent=urgent)
        except SQLAlchemyError as failure:
            self._note(_cause(failure))
            raise
        self._note("")
        return value

    async def insist(self, work: Callable[[Connection], T]) -> T:
        """Run one transaction, again and again until the database takes it."""
        while True:
            try:
                return await self.attempt(work)
            except SQLAlchemyError:
                await asyncio.sleep(RETRY_SECONDS)

    def _note(self, trouble: str) -> None:
        if bool(trouble) != bool(self.trouble):
            if trouble:
                logger.error("database: cannot write ({}): webhooks get 503 until it can", trouble)
            else:
                logger.info("database: writes again")
        self.trouble = trouble


def _cause(failure: SQLAlchemyError) -> str:
    """Give the driver's words: SQLAlchemy's own would show the statement's values."""
    return str(getattr(failure, "orig", None) or type(failure).__name__)
