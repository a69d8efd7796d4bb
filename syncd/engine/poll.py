"""Asking an end what is new: the events of a page and the moved cursor are one commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from loguru import logger
from sqlalchemy import Connection

from syncd import clock
from syncd.contract.errors import ConnectorError, PayloadError, RetryableError
from syncd.contract.model import BridgeName, End, Event, EventPage
from syncd.contract.ports import Polls
from syncd.engine.account import account_of, take_call
from syncd.engine.bridge import Bridge
from syncd.engine.faults import frames
from syncd.engine.health import Health
from syncd.engine.metrics import Metrics
from syncd.engine.settle import block
from syncd.engine.storage import Storage
from syncd.store import ends, inbox
from syncd.store.codec import write_event
from syncd.store.inbox import Received

T = TypeVar("T")


class Asker:
    """Makes the calls that ask one end something, within its quota; what comes of them is the end's health."""

    def __init__(self, bridge: Bridge, end: End, storage: Storage, health: Health, metrics: Metrics) -> None:
        self.bridge = bridge.name
        self.end: End = end
        self.storage = storage
        self._bridge = bridge
        self._health = health
        self._metrics = metrics

    async def ask(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """Make the call and give its answer; None where it failed or must not be made now. Never raises for the end."""
        if self._health.wait > 0 or await self.storage.insist(self._take_call) > 0:
            return None
        try:
            self._health.account.admit()
            answer = await call()
        except ConnectorError as error:
            await self._failed(error)
        except Exception as bug:  # noqa: BLE001  (a connector from elsewhere may have any fault; the next poll must come)
            logger.error("bridge {}: asking the {} failed, this is a bug: {}", self.bridge, self.end, frames(bug))
            await self._failed(PayloadError(f"the connector failed: {type(bug).__name__}"))
        else:
            self._count("ok")
            await self._health.succeeded()
            return answer
        return None

    async def probe(self) -> None:
        """Find out how an end is that is not known to be well: for ends that are not polled."""
        if self._health.state != "ok":
            await self.ask(self._bridge.connector(self.end).check)

    async def _failed(self, error: ConnectorError) -> None:
        self._count("failed")
        if isinstance(error, RetryableError) and error.retry_after:
            self._health.account.hold(error.retry_after)
            blocked = partial(block, name=account_of(self._bridge, self.end), seconds=error.retry_after)
            await self.storage.insist(blocked)
        await self._health.failed(error)

    def _take_call(self, connection: Connection) -> float:
        return take_call(connection, self._bridge, self.end, clock.now(), is_poll=True)

    def _count(self, outcome: str) -> None:
        self._metrics.polls.labels(self.bridge, self.end, outcome).inc()


class Poller:
    """Polls one end of one bridge. `ready` is set once there is a cursor: nothing said after that is missed."""

    def __init__(self, asker: Asker, connector: Polls, arrived: Callable[[], None], ready: asyncio.Event) -> None:
        self._asker = asker
        self._connector = connector
        self._arrived = arrived
        self._ready = ready

    async def poll(self) -> None:
        """Read everything that is new now."""
        while await self._poll_page():
            pass

    async def _poll_page(self) -> bool:
        asker = self._asker
        after = await asker.storage.insist(partial(ends.cursor_of, bridge=asker.bridge, end=asker.end))
        if after is not None:
            self._ready.set()
        page = await asker.ask(partial(self._connector.poll, after))
        if page is None:
            return False
        if page.cursor != after or page.events:
            await asker.storage.insist(partial(store_page, bridge=asker.bridge, end=asker.end, page=page))
        self._ready.set()
        if page.events:
            self._arrived()
        return page.more


def store_page(connection: Connection, bridge: BridgeName, end: End, page: EventPage) -> None:
    """Store a page's events, one row each, and how far the poll has read."""
    now = clock.now()
    rows = [_row(bridge, end, event, now) for event in page.events]
    if rows:
        inbox.add(connection, rows)
    ends.move_cursor(connection, bridge, end, page.cursor, now)


def _row(bridge: BridgeName, end: End, event: Event, now: float) -> Received:
    """Make an event's row; one that cannot be written is a quarantined row, so that the others and the cursor move."""
    try:
        return Received(bridge, end, "event", "{}", write_event(event), now)
    except (ValueError, TypeError) as unwritable:
        reason = f"the connector made an event that cannot be stored: {type(unwritable).__name__}"
        return Received(bridge, end, "event", "{}", b"", now, "quarantined", reason)
