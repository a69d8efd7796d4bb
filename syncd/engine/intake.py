"""Transaction one, receive: what came in is on disk before anybody is told so.

Rows that wait at the same moment share one commit: one fsync for all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from sqlalchemy.exc import OperationalError

from syncd.engine.storage import Storage
from syncd.store import inbox
from syncd.store.inbox import Received

MOST_WAITING = 4096

Waiting = tuple[Received, asyncio.Future[None]]


class FullError(Exception):
    """Nothing more can be taken right now: ask the sender to come again."""


class Intake:
    """Stores what came in; `arrived` is called after each commit."""

    def __init__(self, storage: Storage, arrived: Callable[[], None]) -> None:
        self._storage = storage
        self._arrived = arrived
        self._waiting: list[Waiting] = []
        self._committing: asyncio.Task[None] | None = None

    async def receive(self, row: Received) -> None:
        """Store a row and return once it is on disk. Raises FullError where that cannot be."""
        if len(self._waiting) >= MOST_WAITING:
            raise FullError
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append((row, stored))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit())
        await stored

    async def _commit(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await self._store(batch)
            self._arrived()

    async def _store(self, batch: list[Waiting]) -> None:
        """Store rows in one commit, or if one of them cannot be, each in its own."""
        failure: Exception | None = None
        try:
            add = partial(inbox.add, rows=[row for row, _ in batch])
            await self._storage.attempt(add, waiting=len(batch))
        except Exception as error:  # noqa: BLE001  (whoever sent the others must get an answer)
            if len(batch) > 1 and not isinstance(error, OperationalError):
                for waiting in batch:
                    await self._store([waiting])
                return
            failure = FullError()
        for _, stored in batch:
            if not stored.done():
                stored.set_result(None) if failure is None else stored.set_exception(failure)
