"""The loop that plans what came in, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar

from loguru import logger
from sqlalchemy import Connection

from syncd.contract.deliveries import LaneName
from syncd.contract.model import BridgeName
from syncd.engine.bridge import Bridge
from syncd.engine.faults import frames
from syncd.engine.metrics import Metrics
from syncd.engine.plan import Planned, RowPlan
from syncd.engine.storage import Storage
from syncd.store import inbox

ROWS_A_COMMIT = 20


class Planner:
    """Plans what came in, in order; `due` is called with each lane's name that got work."""

    rows: ClassVar[type[RowPlan]] = RowPlan

    def __init__(
        self,
        bridges: Mapping[BridgeName, Bridge],
        storage: Storage,
        metrics: Metrics,
        due: Callable[[BridgeName, LaneName], None],
    ) -> None:
        self._bridges = bridges
        self._storage = storage
        self._metrics = metrics
        self._due = due
        self._waiting: dict[int, int] = {}
        self._woken = asyncio.Event()
        self._woken.set()

    def wake(self) -> None:
        """Say that something came in or that a delivery is no longer under way."""
        self._woken.set()

    async def run(self) -> None:
        """Plan for ever."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            await self._drain()

    async def _drain(self) -> None:
        planned = Planned(last=0)
        while planned.last is not None:
            planned = await self._plan(planned, ROWS_A_COMMIT)
        self._waiting = planned.waiting

    async def _plan(self, before: Planned, limit: int) -> Planned:
        """Plan some rows in one commit; where one of them fails, each in its own, and that one into quarantine."""
        try:
            planned = await self._storage.insist(partial(self._plan_rows, before=before, limit=limit))
        except Exception as bug:  # noqa: BLE001  (one row must never stop the planning of all others)
            if limit > 1:
                return await self._plan(before, 1)
            logger.error("an event after number {} cannot be planned, this is a bug: {}", before.last, frames(bug))
            reason = type(bug).__name__
            planned = await self._storage.insist(partial(quarantine_next, after=before.last or 0, reason=reason))
            planned.held, planned.waiting = set(before.held), dict(before.waiting)
        self._tell(planned)
        return planned

    def _plan_rows(self, connection: Connection, before: Planned, limit: int) -> Planned:
        planned = Planned(held=set(before.held), waiting=dict(before.waiting))
        for row in inbox.new_after(connection, before.last or 0, limit):
            bridge = self._bridges.get(row.bridge)
            if bridge is not None:
                begun = before.begun if before.begun is not None and before.begun.row == row.id else None
                planned.begun = self.rows(connection, bridge, row, planned).carry_out(
                    begun, self._waiting.get(row.id, 0)
                )
            if planned.begun is not None:
                planned.last = row.id - 1
                return planned
            planned.last = row.id
        return planned

    def _tell(self, planned: Planned) -> None:
        for bridge, verdict in planned.verdicts:
            self._metrics.events.labels(bridge, verdict).inc()
            if verdict == "repaired":
                self._metrics.drift.labels(bridge).inc()
        for bridge, what in planned.unknown:
            self._metrics.count_unknown(bridge, what)
        for bridge, row, reason in planned.unreadable:
            logger.error("bridge {}: event {} is in quarantine: {}", bridge, row, reason)
        for bridge, lane in sorted(planned.due):
            self._due(bridge, lane)


def quarantine_next(connection: Connection, after: int, reason: str) -> Planned:
    """Put the oldest new row behind `after` into quarantine."""
    (row,) = inbox.new_after(connection, after, 1)
    inbox.finish(connection, row.id, "quarantined", reason)
    return Planned(last=row.id, unreadable=[(row.bridge, row.id, reason)])
