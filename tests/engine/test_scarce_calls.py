"""Accounts with few calls a minute: never more than allowed, in order, and what visitors wait for first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.memory.world import MemorySettings
from syncd.contract.errors import RateLimitedError
from syncd.contract.http import Http
from syncd.contract.model import (
    Author,
    Contact,
    ConversationId,
    Cursor,
    DeliveryKey,
    EventPage,
    Quota,
    Receipt,
    Reply,
    Role,
    TicketId,
    Visitor,
)

from .conftest import Shop, until
from .faulty_ends import FaultyChat, FaultyHelpdesk
from .test_adversity_doubt import opened

pytestmark = pytest.mark.alone

BO = Author(Role.AGENT, "Bo", "bo@example.com")
CALLS = Quota(40, 0.5)
FEW = Quota(10, 0.5)
REPLIES = 200
VISITORS = [Visitor(f"visitor{number}", "Ann") for number in range(5)]


class Meter:
    """What a vendor does: it counts calls in any window, and refuses what is above."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self.taken: list[float] = []
        self.refused = 0

    def take(self) -> None:
        now = time.monotonic()
        if sum(at > now - self._quota.seconds for at in self.taken) >= self._quota.calls:
            self.refused += 1
            raise RateLimitedError("POST answered 429", retry_after=1)
        self.taken.append(now)


class ScarceChat(FaultyChat):
    quota = CALLS

    def __init__(self, settings: MemorySettings, http: Http) -> None:
        super().__init__(settings, http)
        self.meter = Meter(CALLS)

    async def post_message(self, conversation: ConversationId, reply: Reply, *, key: DeliveryKey) -> Receipt:
        self.meter.take()
        return await super().post_message(conversation, reply, key=key)

    async def update_visitor(self, conversation: ConversationId, contact: Contact) -> None:
        self.meter.take()
        await super().update_visitor(conversation, contact)


class UnmeasuredChat(ScarceChat):
    quota = None  # type: ignore[assignment]  # as if the vendor's page were silent


class ScarceHelpdesk(FaultyHelpdesk):
    quota = FEW

    def __init__(self, settings: MemorySettings, http: Http) -> None:
        super().__init__(settings, http)
        self.meter = Meter(FEW)
        self.polled: list[float] = []

    async def poll(self, after: Cursor | None) -> EventPage:
        self.meter.take()
        self.polled.append(time.monotonic())
        return await super().poll(after)

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        self.meter.take()
        return await super().add_comment(ticket, text, key=key)


class ScarceShop(Shop):
    """A shop whose chat gives few calls."""

    chat: ScarceChat

    def __init__(self, path: Path, http: Http) -> None:
        super().__init__(path, http)
        self.chat = ScarceChat(MemorySettings(poll_seconds=0.5), http)


class UnmeasuredShop(Shop):
    """A shop whose chat gives few calls, of which the connector does not know."""

    chat: ScarceChat

    def __init__(self, path: Path, http: Http) -> None:
        super().__init__(path, http)
        self.chat = UnmeasuredChat(MemorySettings(poll_seconds=0.5), http)


class BusyShop(Shop):
    """A shop whose helpdesk gives few calls, for comments and polls together."""

    helpdesk: ScarceHelpdesk

    def __init__(self, path: Path, http: Http) -> None:
        super().__init__(path, http)
        self.helpdesk = ScarceHelpdesk(MemorySettings(poll_seconds=0.5), http)


@pytest.fixture
async def scarce(tmp_path: Path) -> AsyncIterator[ScarceShop]:
    async with opened(ScarceShop, tmp_path) as made:
        yield made


@pytest.fixture
async def busy(tmp_path: Path) -> AsyncIterator[BusyShop]:
    async with opened(BusyShop, tmp_path) as made:
        yield made


async def tickets_of(shop: Shop) -> dict[str, TicketId]:
    """Give every visitor's ticket."""
    for visitor in VISITORS:
        shop.chat.visitor_says(visitor, "hello")
    await until(lambda: len(shop.helpdesk.tickets) == len(VISITORS))
    return {ticket.draft.requester.id: id_ for id_, ticket in shop.helpdesk.tickets.items()}


def told(shop: Shop, visitor: str) -> list[str]:
    said = [event for event in shop.chat.world.events if event.kind == "chat_message_added"]
    messages = [event.message for event in said if event.conversation == visitor]
    return [message.text for message in messages if message.tag]


async def reply_often(shop: Shop) -> None:
    """Let agents reply two hundred times at once."""
    tickets = await tickets_of(shop)
    for number in range(REPLIES):
        shop.helpdesk.agent_replies(tickets[f"visitor{number % 5}"], BO, f"reply {number:03}")


async def test_two_hundred_replies_go_out_in_order_and_none_is_refused_restart_and_all(scarce: ScarceShop) -> None:
    await reply_often(scarce)
    await until(lambda: len(scarce.heard()) > REPLIES // 3, 20)
    await scarce.stop()
    await scarce.start()
    await until(lambda: len(scarce.heard()) >= REPLIES, 40)
    for number in range(5):
        assert told(scarce, f"visitor{number}") == [f"reply {n:03}" for n in range(number, REPLIES, 5)]
    seconds = scarce.chat.meter.taken[-1] - scarce.chat.meter.taken[0]
    print(f"\n{REPLIES} replies in {seconds:.1f} s, {CALLS.calls} in any {CALLS.seconds} s, 0 refused")
    assert scarce.chat.meter.refused == 0


async def test_the_control_without_a_quota_the_chat_has_to_refuse(tmp_path: Path) -> None:
    async with opened(UnmeasuredShop, tmp_path) as shop:
        await reply_often(shop)
        await until(lambda: shop.chat.meter.refused > 0, 20)


async def test_a_backlog_of_lines_leaves_calls_for_the_polls_that_bring_replies(busy: BusyShop) -> None:
    tickets = await tickets_of(busy)
    stop = asyncio.Event()

    async def talk() -> None:
        number = 0
        while not stop.is_set():
            for visitor in VISITORS:
                busy.chat.visitor_says(visitor, f"line {number}")
            number += 1
            await asyncio.sleep(0.01)

    talking = asyncio.create_task(talk())
    await asyncio.sleep(1.5)
    began = time.monotonic()
    busy.helpdesk.agent_replies(tickets["visitor3"], BO, "just a moment")
    await until(lambda: told(busy, "visitor3"), 10)
    waited = time.monotonic() - began
    await asyncio.sleep(2)
    stop.set()
    await talking
    gaps = [later - earlier for earlier, later in zip(busy.helpdesk.polled, busy.helpdesk.polled[1:], strict=False)]
    print(f"\nreply after {waited:.2f} s, longest gap between polls {max(gaps):.2f} s at an interval of 0.5 s")
    assert (waited < 2.5, max(gaps) < 2.5, busy.helpdesk.meter.refused) == (True, True, 0)
