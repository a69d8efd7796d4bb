"""Daemons that break their promise, so that the runs must find it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from syncd.engine.daemon import Daemon
from syncd.engine.intake import Intake
from syncd.engine.storage import Storage
from syncd.store import doubt
from syncd.store.inbox import Received
from syncd.store.tables import lane, outbox

from .kill_machine import Build

T = TypeVar("T")


class SurestStorage(Storage):
    """Takes what was under way at the last kill for what was never sent, and lets it go again."""

    async def insist(self, work: Callable[[Connection], T]) -> T:
        if isinstance(work, partial) and work.func is doubt.interrupted:
            await super().insist(put_back)
        return await super().insist(work)


def put_back(connection: Connection) -> None:
    connection.execute(outbox.update().where(outbox.c.state == "sending").values(state="waiting", batch=None))
    connection.execute(lane.update().values(due_at=0.0))


class HastyIntake(Intake):
    """Lets a webhook be answered at once and stores it a moment later."""

    async def receive(self, row: Received) -> None:
        self._late = asyncio.create_task(self._store_late(row))

    async def _store_late(self, row: Received) -> None:
        await asyncio.sleep(0.03)
        await super().receive(row)


def hasty(daemon: Daemon, storage: Storage) -> Intake:
    return HastyIntake(storage, daemon.planner.wake)


SENDS_AGAIN = Build(storage=SurestStorage)
ANSWERS_FIRST = Build(intake=hasty)
