"""Transaction one, receive: what came in is on disk before anybody is told so.

Rows that wait at the same moment share one commit: one fsync for all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from loguru import logger

from syncd.engine.faults import frames
from syncd.engine.storage import Storage
from syncd.store import inbox
from syncd.store.failures import is_damage, is_passing
from syncd.store.inbox import Received

MOST_WAITING = 4096
MOST_WAITING_BYTES = 64 * 1024 * 1024
"""A disk may hang for long, and each of those that wait may have a body of a mebibyte."""

Waiting = tuple[Received, asyncio.Future[None]]


class FullError(Exception):
    """Nothing more can be taken right now: ask the sender to come again."""


class Intake:
    """Stores what came in; `arrived` is called after each commit."""

    def __init__(self, storage: Storage, arrived: Callable[[], None]) -> None:
        self._storage = storage
        self._arrived = arrived
        self._waiting: list[Waiting] = []
        self._bytes = 0
        self._committing: asyncio.Task[None] | None = None

    async def receive(self, row: Received) -> None:
        """Store a row and return once it is on disk. Raises FullError where that cannot be."""
        size = len(row.body) + len(row.headers)
        if len(self._waiting) >= MOST_WAITING or self._bytes + size > MOST_WAITING_BYTES:
            raise FullError
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append((row, stored))
        self._bytes += size
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit())
        await stored

    async def _commit(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await self._store(batch)
            self._bytes -= sum(len(row.body) + len(row.headers) for row, _ in batch)
            self._arrived()

    async def _store(self, batch: list[Waiting]) -> None:
        """Store rows in one commit, or if one of them cannot be, each in its own."""
        failure: Exception | None = None
        try:
            add = partial(inbox.add, rows=[row for row, _ in batch])
            await self._storage.attempt(add, waiting=len(batch))
        except Exception as error:  # noqa: BLE001  (whoever sent the others must get an answer)
            if not (is_passing(error) or is_damage(error)):
                if len(batch) > 1:
                    for waiting in batch:
                        await self._store([waiting])
                    return
                logger.error(
                    "what came in for bridge {} cannot be stored, this is a bug: {}", batch[0][0].bridge, frames(error)
                )
            failure = FullError()
        for _, stored in batch:
            if not stored.done():
                stored.set_result(None) if failure is None else stored.set_exception(failure)
