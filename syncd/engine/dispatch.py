"""Takes the due deliveries of one end to it: claim, call, settle; several lanes side by side, each in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from math import inf

from loguru import logger

from syncd import clock
from syncd.contract.deliveries import LaneName, OpenTicket
from syncd.contract.errors import AuthError, ConnectorError, RateLimitedError, RejectedError, RetryableError
from syncd.contract.model import DeliveryKey, End, Receipt
from syncd.contract.ports import FindsDeliveries
from syncd.core import retry
from syncd.engine import settle
from syncd.engine.bridge import Bridge
from syncd.engine.claim import Claim, Claimed, claim
from syncd.engine.faults import frames
from syncd.engine.health import Health
from syncd.engine.metrics import Metrics
from syncd.engine.perform import FAULTS_OF_OURS, perform
from syncd.engine.storage import Storage
from syncd.store import doubt
from syncd.store.lanes import LANES, end_of
from syncd.store.unreadable import UNREADABLE

LANES_AT_A_TIME = 8
FILES_AT_A_TIME = 2
"""Each is in memory as long as it is on its way."""


class Dispatcher:
    """Delivers what is in a bridge's lanes of one name, once `ready` is set; tells `settled` which got work by it."""

    def __init__(
        self,
        bridge: Bridge,
        lane_name: LaneName,
        storage: Storage,
        health: Health,
        metrics: Metrics,
        settled: Callable[[LaneName | None], None],
        ready: asyncio.Event,
    ) -> None:
        self._bridge = bridge
        self._lane_name: LaneName = lane_name
        self._end: End = end_of(lane_name)
        self._most = FILES_AT_A_TIME if lane_name == "files" else LANES_AT_A_TIME
        self._storage = storage
        self._health = health
        self._metrics = metrics
        self._settled = settled
        self._ready = ready
        self._woken = asyncio.Event()
        self._is_stopping = False
        self._calls: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Say that a lane may be due."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until told to stop."""
        await self._ready.wait()
        while not self._is_stopping:
            self._woken.clear()
            wait = await self._begin_calls()
            with suppress(TimeoutError):
                async with asyncio.timeout(None if wait == inf else wait):
                    await self._woken.wait()

    def stop(self) -> None:
        """Let `run` end. It is never cut off: what it has claimed must be sent, or it would be in doubt for nothing."""
        self._is_stopping = True
        self._ready.set()
        self._woken.set()

    async def finish(self) -> None:
        """Wait for the calls under way and what they settle; call it after `run` has ended."""
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _begin_calls(self) -> float:
        free = (1 if self._health.is_probing else self._most) - len(self._calls)
        if free <= 0:
            return inf
        wait = self._health.wait
        limit = 0 if wait else free
        claimed: Claimed = await self._storage.insist(
            partial(claim, bridge=self._bridge, lane_name=self._lane_name, limit=limit)
        )
        for begun in claimed.claims:
            task = asyncio.create_task(self._deliver(begun))
            self._calls.add(task)
            task.add_done_callback(self._end_call)
        for unanswered in claimed.hopeless:
            await self._give_up(unanswered)
        for damaged in claimed.unreadable:
            self._say_parked(damaged.key, UNREADABLE, [damaged.kind])
        return min(claimed.wait, wait or inf)

    def _end_call(self, call: asyncio.Task[None]) -> None:
        # In this order: whoever wakes up counts the places that are free.
        self._calls.discard(call)
        self._woken.set()

    async def _give_up(self, unanswered: Claim) -> None:
        if await self._storage.insist(partial(settle.give_up_doubt, bridge=self._bridge, claim=unanswered)):
            self._parked(unanswered, settle.UNANSWERED)

    async def _deliver(self, begun: Claim) -> None:
        started = clock.monotonic()
        try:
            await self._try(begun)
        except Exception as bug:  # noqa: BLE001  (whatever fails, here or in a connector, its lane must not hang for ever)
            where = (self._bridge.name, begun.key, self._end)
            logger.error("bridge {}: delivery {} to the {} failed, this is a bug: {}", *where, frames(bug))
            await self._storage.insist(
                partial(settle.put_in_doubt, bridge=self._bridge, claim=begun, reason="a fault of syncd")
            )
            self._count(begun, "doubt")
        self._metrics.call_seconds.labels(self._bridge.name, self._end).observe(clock.monotonic() - started)
        self._settled(None)

    async def _try(self, begun: Claim) -> None:
        """Find out whether it happened before, if that is in doubt; else make the call. Settle either way."""
        connector = self._bridge.connector(self._end)
        finder = connector if begun.is_looked_for and isinstance(connector, FindsDeliveries) else None
        if finder is None or await self._is_unfound(begun, finder):
            try:
                self._health.account.admit()
                receipt = await perform(self._bridge, begun)
            except ConnectorError as error:
                await self._fail(begun, error, was_looking=False)
            else:
                await self._succeed(begun, receipt)

    async def _is_unfound(self, begun: Claim, finder: FindsDeliveries) -> bool:
        """Ask the end for what is in doubt; True where it has to go now, else it is settled, or later asked again."""
        ticket = None if isinstance(begun.rows[0].delivery, OpenTicket) else begun.place
        try:
            self._health.account.admit()
            receipt = await finder.find_delivery(begun.key, ticket)
        except ConnectorError as error:
            await self._fail(begun, error, was_looking=True)
            return False
        if receipt is not None:
            await self._succeed(begun, receipt)
            return False
        decision = await self._storage.insist(partial(settle.unfound, bridge=self._bridge, claim=begun))
        if decision.deed == "park":
            self._parked(begun, decision.reason)
        return decision.deed == "again"

    async def _succeed(self, begun: Claim, receipt: Receipt) -> None:
        if await self._storage.insist(partial(settle.sent, bridge=self._bridge, claim=begun, receipt=receipt)):
            self._settled("helpdesk")
        self._count(begun, "sent")
        await self._health.succeeded()

    async def _understood(self, error: ConnectorError) -> ConnectorError:
        """Tell a key that is refused altogether from one that lacks a right for this delivery alone."""
        if not isinstance(error, AuthError):
            return error
        try:
            await self._bridge.connector(self._end).check()
        except RateLimitedError as limited:
            return limited
        except ConnectorError:
            return error
        return RejectedError(str(error))

    async def _fail(self, begun: Claim, error: ConnectorError, *, was_looking: bool) -> None:
        error = await self._understood(error)
        if isinstance(error, RetryableError):
            self._health.account.hold(error.retry_after)
        failed = partial(settle.failed, bridge=self._bridge, claim=begun, error=error, was_looking=was_looking)
        decision = await self._storage.insist(failed)
        if decision.deed == "park":
            self._parked(begun, decision.reason)
        else:
            self._count(begun, decision.deed)
        if isinstance(error, FAULTS_OF_OURS):
            return
        if isinstance(error, RejectedError):
            await self._health.succeeded()
        else:
            await self._health.failed(error)

    def _parked(self, parked: Claim, reason: str) -> None:
        self._say_parked(parked.key, reason, [delivery.kind for delivery in parked.deliveries])

    def _say_parked(self, key: DeliveryKey, reason: str, kinds: Sequence[str]) -> None:
        self._count_kinds(kinds, "park")
        logger.error("bridge {}: delivery {} to the {} is parked: {}", self._bridge.name, key, self._end, reason)
        self._settled("helpdesk")

    def _count(self, begun: Claim, outcome: str) -> None:
        self._count_kinds([delivery.kind for delivery in begun.deliveries], outcome)

    def _count_kinds(self, kinds: Sequence[str], outcome: str) -> None:
        for kind in kinds:
            self._metrics.deliveries.labels(self._bridge.name, self._end, kind, outcome).inc()


async def doubt_interrupted(bridge: Bridge, storage: Storage) -> None:
    """Put in doubt what was under way when the last run ended: looked at soon, or where no look is possible, awaited.

    Not at once: an end goes on with a call although its caller has gone, and a look would not see yet what comes of it.
    A call that does no harm twice is made again as soon.
    """
    now = clock.now()
    for lane_name in LANES:
        end = end_of(lane_name)
        looks = isinstance(bridge.connector(end), FindsDeliveries)
        is_soon = looks or lane_name == "contact"
        wait = min(retry.LOOK_AGAIN_SECONDS, bridge.doubt_seconds) if is_soon else bridge.doubt_seconds
        doubted = partial(doubt.interrupted, bridge=bridge.name, lane_name=lane_name, now=now, due_at=now + wait)
        if found := await storage.insist(doubted):
            logger.warning(
                "bridge {}: the last run was cut off: {} call(s) to the {} in doubt", bridge.name, found, end
            )
