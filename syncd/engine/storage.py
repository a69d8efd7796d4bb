"""The database as the engine uses it: a disk that is full or away is waited for, and said once.

A damaged file mends itself never: nothing more is read from it or written into it, and the daemon ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from loguru import logger
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from syncd import clock
from syncd.store import room
from syncd.store.database import Database
from syncd.store.failures import WAY_OUT, DamagedError, is_damage, is_passing, words_of
from syncd.store.timeline import LARGEST_DRIFT_SECONDS, follow

T = TypeVar("T")

RETRY_SECONDS = 1.0
LONGEST_TURN_SECONDS = 20.0
"""A transaction waits 15 seconds for somebody else's lock, a backup's say: what takes longer hangs."""


class Storage:
    """Runs transactions and remembers whether the last one worked."""

    def __init__(self, database: Database, *, longest_turn: float = LONGEST_TURN_SECONDS) -> None:
        self._database = database
        self._longest_turn = longest_turn
        self._failure = ""
        self._cannot_write = asyncio.Event()
        self._damaged_at: float | None = None
        self._is_moving = True
        self._boot = clock.boot()
        self._ahead: float | None = None
        database.begin_with(self._follow_the_clock)

    @property
    def trouble(self) -> str:
        """Empty while the database is written, else what is wrong with it."""
        stalled = self._database.stalled_seconds
        return f"a transaction has hung for {stalled:.0f} seconds" if stalled > self._longest_turn else self._failure

    @property
    def damaged_seconds(self) -> float:
        """For how long the file is known to be damaged; 0 where it is not."""
        return 0.0 if self._damaged_at is None else clock.monotonic() - self._damaged_at

    def is_moving(self) -> bool:
        """Say whether transactions come to an end, if only to fail; the log has a line at each change."""
        is_moving = self._database.stalled_seconds <= self._longest_turn
        if self._is_moving and not is_moving:
            logger.critical("database: {}: nothing is stored, systemd is told no more that all is well", self.trouble)
        elif is_moving and not self._is_moving:
            logger.info("database: the transaction that hung has come to its end")
        self._is_moving = is_moving
        return is_moving

    async def attempt(self, work: Callable[[Connection], T], *, waiting: int = 0) -> T:
        """Run one transaction. Raises DatabaseError where the disk would not, DamagedError, any other for a bug."""
        if self._damaged_at is not None:
            raise DamagedError(self._failure)
        try:
            return await self._database.run(work, waiting=waiting)
        except DatabaseError as failure:
            # What it found of the clock may not be on disk.
            self._ahead = None
            if self.sees_damage(failure):
                raise DamagedError(self._failure) from failure
            if is_passing(failure):
                self._note(words_of(failure))
            raise

    async def insist(self, work: Callable[[Connection], T]) -> T:
        """Run one transaction, again and again until the database takes it. Raises for a bug, which no trial mends.

        On a damaged file it never comes back: what came of the work would be a guess.
        """
        while True:
            try:
                return await self.attempt(work)
            except (DatabaseError, DamagedError) as failure:
                if not (is_passing(failure) or is_damage(failure)):
                    raise
                await asyncio.sleep(RETRY_SECONDS)

    async def keep_trying(self) -> None:
        """While nothing can be written, find out each second whether it can again: perhaps nobody else would ask."""
        while True:
            await self._cannot_write.wait()
            await asyncio.sleep(RETRY_SECONDS)
            if self._cannot_write.is_set() and self._damaged_at is None:
                await self._try()

    async def _try(self) -> None:
        with suppress(DatabaseError, DamagedError):
            # The first may fit into the log that is there; the second shows that its pages went into the file. Where
            # they do not, that is nothing new. What is smaller may be taken meanwhile, and the next refused.
            for work in (room.take, room.take, room.give_back):
                await self._database.run(work)
            self._note("")

    def sees_damage(self, failure: SQLAlchemyError) -> bool:
        """Say whether a failure, a reader's too, shows that the file is damaged; from then on nothing is stored."""
        if is_damage(failure) and self._damaged_at is None:
            self._damaged_at, self._failure = clock.monotonic(), words_of(failure)
            told = "database: it is damaged ({}): webhooks get 503, nothing more is stored, and the daemon ends: {}"
            logger.critical(told, self._failure, WAY_OUT)
        return is_damage(failure)

    def _follow_the_clock(self, connection: Connection) -> None:
        """Where the wall clock was set since the last transaction, let what waits follow it before anything else."""
        ahead = clock.ahead()
        if self._ahead is not None and abs(ahead - self._ahead) <= LARGEST_DRIFT_SECONDS:
            return
        moved = follow(connection, self._boot, ahead)
        self._ahead = ahead
        if moved:
            logger.warning("the clock was set by {:+.0f} seconds: nothing waits longer or shorter for it", moved)

    def _note(self, trouble: str) -> None:
        if self._damaged_at is not None:
            return
        if bool(trouble) != bool(self._failure):
            if trouble:
                self._cannot_write.set()
                logger.error("database: cannot write ({}): webhooks get 503 until it can", trouble)
            else:
                self._cannot_write.clear()
                logger.info("database: writes again")
        self._failure = trouble
