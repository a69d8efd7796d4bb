"""Takes the due deliveries of one end to it: claim, call, settle; several lanes side by side, each in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import assert_never

from loguru import logger

from syncd import clock
from syncd.contract.deliveries import AddComment, AddNote, OpenTicket, PostMessage
from syncd.contract.errors import AuthError, ConnectorError, RejectedError
from syncd.contract.model import End, Receipt, TicketDraft, TicketId
from syncd.contract.ports import AddsNotes, FindsDeliveries
from syncd.core import retry
from syncd.core.batch import joined
from syncd.engine import settle
from syncd.engine.bridge import Bridge
from syncd.engine.claim import Claim, Claimed, claim
from syncd.engine.faults import frames
from syncd.engine.health import Health
from syncd.engine.metrics import Metrics
from syncd.engine.plan import UNANSWERED
from syncd.engine.storage import Storage
from syncd.store import doubt

LANES_AT_A_TIME = 8


class Dispatcher:
    """Delivers to one end of one bridge, once `ready` is set; tells `settled` which end got work by it."""

    def __init__(
        self,
        bridge: Bridge,
        end: End,
        storage: Storage,
        health: Health,
        metrics: Metrics,
        settled: Callable[[End | None], None],
        ready: asyncio.Event,
    ) -> None:
        self._bridge = bridge
        self._end: End = end
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
            try:
                await asyncio.wait_for(self._woken.wait(), wait)
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Let `run` end. It is never cut off: what it has claimed must be sent, or it would be in doubt for nothing."""
        self._is_stopping = True
        self._ready.set()
        self._woken.set()

    async def finish(self) -> None:
        """Wait for the calls under way and what they settle; call it after `run` has ended."""
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _begin_calls(self) -> float | None:
        if self._health.wait > 0:
            return self._health.wait
        free = (1 if self._health.is_probing else LANES_AT_A_TIME) - len(self._calls)
        if free <= 0:
            return None
        claimed: Claimed = await self._storage.insist(partial(claim, bridge=self._bridge, end=self._end, limit=free))
        for begun in claimed.claims:
            task = asyncio.create_task(self._deliver(begun))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)
        for unanswered in claimed.hopeless:
            await self._give_up(unanswered)
        return claimed.wait

    async def _give_up(self, unanswered: Claim) -> None:
        if await self._storage.insist(partial(settle.give_up_doubt, bridge=self._bridge, claim=unanswered)):
            self._parked(unanswered, UNANSWERED)

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
        self._woken.set()
        self._settled(None)

    async def _try(self, begun: Claim) -> None:
        """Find out whether it happened before, if that is in doubt; else make the call. Settle either way."""
        connector = self._bridge.connector(self._end)
        receipt = None
        if begun.doubtful and isinstance(connector, FindsDeliveries):
            ticket = None if isinstance(begun.rows[0].delivery, OpenTicket) else begun.ticket
            try:
                receipt = await connector.find_delivery(begun.key, ticket)
            except ConnectorError as error:
                await self._fail(begun, error, was_looking=True)
                return
            age = settle.age_of(begun, clock.now())
            if receipt is None and retry.is_too_old(self._end, age):
                reason = retry.given_up(age)
                await self._storage.insist(partial(settle.give_up, bridge=self._bridge, claim=begun, reason=reason))
                self._parked(begun, reason)
                return
        try:
            receipt = receipt or await perform(self._bridge, begun)
        except ConnectorError as error:
            await self._fail(begun, await self._understood(error), was_looking=False)
        else:
            await self._storage.insist(partial(settle.sent, bridge=self._bridge, claim=begun, receipt=receipt))
            self._count(begun, "sent")
            await self._health.succeeded()

    async def _understood(self, error: ConnectorError) -> ConnectorError:
        """Tell a key that is refused altogether from one that lacks a right for this delivery alone."""
        if not isinstance(error, AuthError):
            return error
        try:
            await self._bridge.connector(self._end).check()
        except ConnectorError:
            return error
        return RejectedError(str(error))

    async def _fail(self, begun: Claim, error: ConnectorError, *, was_looking: bool) -> None:
        failed = partial(settle.failed, bridge=self._bridge, claim=begun, error=error, was_looking=was_looking)
        decision = await self._storage.insist(failed)
        if decision.deed == "park":
            self._parked(begun, decision.reason)
        else:
            self._count(begun, decision.deed)
        if isinstance(error, RejectedError):
            await self._health.succeeded()
        else:
            await self._health.failed(error)

    def _parked(self, parked: Claim, reason: str) -> None:
        self._count(parked, "park")
        logger.error("bridge {}: delivery {} to the {} is parked: {}", self._bridge.name, parked.key, self._end, reason)
        self._settled("helpdesk")

    def _count(self, begun: Claim, outcome: str) -> None:
        for delivery in begun.deliveries:
            self._metrics.deliveries.labels(self._bridge.name, self._end, delivery.kind, outcome).inc()


async def perform(bridge: Bridge, begun: Claim) -> Receipt:
    """Make the call that a claim stands for. Raises the errors of the contract."""
    first = begun.rows[0].delivery
    match first:
        case OpenTicket():
            return await bridge.helpdesk.open_ticket(_draft(first, begun), key=begun.key)
        case AddComment():
            return await bridge.helpdesk.add_comment(_ticket(begun), joined(begun.deliveries), key=begun.key)
        case AddNote():
            if not isinstance(bridge.helpdesk, AddsNotes):
                raise RejectedError("this helpdesk has no private notes")
            return await bridge.helpdesk.add_note(_ticket(begun), first.text, key=begun.key)
        case PostMessage():
            return await bridge.chat.post_message(begun.conversation, first.reply, key=begun.key)
        case _:
            assert_never(first)


def _draft(opening: OpenTicket, begun: Claim) -> TicketDraft:
    text = joined(begun.deliveries)
    return TicketDraft(
        opening.subject, opening.requester, begun.conversation, text, opening.queue, opening.tags, opening.priority
    )


def _ticket(begun: Claim) -> TicketId:
    if begun.ticket is None:
        raise RejectedError("the conversation has no ticket")
    return begun.ticket


async def doubt_interrupted(bridge: Bridge, storage: Storage) -> None:
    """Put in doubt what was under way when the last run ended: looked at now, or where no look is possible, awaited."""
    now = clock.now()
    for end in ("chat", "helpdesk"):
        looks = isinstance(bridge.connector(end), FindsDeliveries)
        due_at = now if looks else now + bridge.doubt_seconds
        doubted = partial(doubt.interrupted, bridge=bridge.name, end=end, due_at=due_at)
        if found := await storage.insist(doubted):
            logger.warning(
                "bridge {}: the last run was cut off: {} call(s) to the {} in doubt", bridge.name, found, end
            )
