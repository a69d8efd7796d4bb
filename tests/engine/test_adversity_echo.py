"""Our own words coming back from an end: late, out of turn, or without a mark that they are ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.memory.world import MemorySettings
from syncd.contract.errors import RejectedError, RetryableError
from syncd.contract.http import Http
from syncd.contract.model import (
    Author,
    CommentAdded,
    ConversationId,
    Cursor,
    DeliveryKey,
    Event,
    EventPage,
    Receipt,
    Role,
    TicketId,
)

from .conftest import ANN, Shop, until
from .faulty_ends import TAG, FaultyChat, FaultyHelpdesk
from .test_adversity_doubt import hurry, opened, until_state
from .test_parked_again import retry_all

BO = Author(Role.AGENT, "Bo", "bo@example.com")
CUT = RetryableError("POST failed: ReadTimeout (no answer)", certain=False)


class LateChat(FaultyChat):
    """Tells of what we said when it likes, with the time at which it was said."""

    def tells_of_ours(self, text: str, at: datetime) -> None:
        self._say(ConversationId(ANN.id), BO, text, tag=TAG, at=at)


class LateShop(Shop):
    """A shop with such a chat."""

    chat: LateChat

    def __init__(self, path: Path, http: Http) -> None:
        super().__init__(path, http)
        self.chat = LateChat(MemorySettings(poll_seconds=0.02), http)
        self.doubt_seconds = 0.8


class UnmarkedHelpdesk(FaultyHelpdesk):
    """Shows what we wrote as an agent's, and cannot tell that it is ours."""

    refuses_looks = False

    async def poll(self, after: Cursor | None) -> EventPage:
        page = await super().poll(after)
        return replace(page, events=tuple(map(self._unmarked, page.events)))

    def _unmarked(self, event: Event) -> Event:
        if not isinstance(event, CommentAdded):
            return event
        who = Author(Role.AGENT, "api") if event.comment.ours else event.comment.author
        return replace(event, comment=replace(event.comment, ours=None, author=who))

    async def find_delivery(self, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
        if self.refuses_looks:
            raise RejectedError("GET answered 400")
        return await super().find_delivery(key, ticket)


class UnmarkedShop(Shop):
    """A shop with such a helpdesk."""

    helpdesk: UnmarkedHelpdesk

    def __init__(self, path: Path, http: Http) -> None:
        super().__init__(path, http)
        self.helpdesk = UnmarkedHelpdesk(MemorySettings(poll_seconds=0.02), http)


@pytest.fixture
async def late(tmp_path: Path) -> AsyncIterator[LateShop]:
    async with opened(LateShop, tmp_path) as shop:
        shop.chat.visitor_says(ANN, "hello")
        await until(lambda: shop.shown() and shop.notes())
        yield shop


@pytest.fixture
async def unmarked(tmp_path: Path) -> AsyncIterator[UnmarkedShop]:
    async with opened(UnmarkedShop, tmp_path) as shop:
        shop.chat.visitor_says(ANN, "hello")
        await until(lambda: shop.shown() and shop.notes())
        yield shop


async def lose_two(late: LateShop) -> tuple[datetime, datetime]:
    """Let a first reply be given up and a second one be in doubt; give when each was sent."""
    late.chat.faults.before += [CUT, CUT]
    late.helpdesk.agent_replies(late.ticket, BO, "first")
    await until(lambda: any("did not reach" in note for note in late.notes()))
    late.helpdesk.agent_replies(late.ticket, BO, "second")
    await until_state(late, "post_message", "in_doubt")
    now, tick = datetime.now(UTC), asyncio.get_running_loop().time()
    first, second = (datetime.fromtimestamp(now.timestamp() - tick + at, UTC) for _, _, at in late.chat.faults.calls)
    return first, second


async def replies(shop: Shop) -> list[str]:
    return [state for kind, state in await shop.states() if kind == "post_message"]


async def test_the_late_echo_of_a_reply_that_was_given_up_settles_that_one_and_tells_the_agent(late: LateShop) -> None:
    first, _ = await lose_two(late)
    late.chat.tells_of_ours("first", first)
    await until(lambda: any("did reach the visitor after all" in note for note in late.notes()))
    assert await replies(late) == ["sent", "in_doubt"]
    await until_state(late, "post_message", "parked")
    await until(lambda: sum("did not reach" in note for note in late.notes()) == 2)
    assert await replies(late) == ["sent", "parked"]


async def test_the_echo_of_a_later_reply_settles_the_later_one_and_the_earlier_stays_parked(late: LateShop) -> None:
    _, second = await lose_two(late)
    late.chat.tells_of_ours("second", second)
    await until_state(late, "post_message", "sent")
    await asyncio.sleep(0.1)
    assert await replies(late) == ["parked", "sent"]
    assert not any("after all" in note for note in late.notes())


async def test_a_line_in_doubt_is_not_said_back_to_the_visitor_by_a_helpdesk_that_cannot_tell_ours(
    unmarked: UnmarkedShop,
) -> None:
    unmarked.helpdesk.faults.after.append(CUT)
    unmarked.chat.visitor_says(ANN, "my own words")
    await until_state(unmarked, "add_comment", "in_doubt")
    await asyncio.sleep(0.2)
    await hurry(unmarked, "more of mine")
    await until(lambda: "more of mine" in "".join(unmarked.shown()))
    unmarked.helpdesk.agent_replies(unmarked.ticket, BO, "and an answer")
    await until(unmarked.heard)
    assert unmarked.heard() == ["and an answer"]


async def test_a_line_that_was_put_aside_is_not_said_back_to_the_visitor_either(unmarked: UnmarkedShop) -> None:
    unmarked.helpdesk.refuses_looks = True
    unmarked.helpdesk.faults.after.append(CUT)
    unmarked.chat.visitor_says(ANN, "my own words")
    await until_state(unmarked, "add_comment", "parked")
    await asyncio.sleep(0.3)
    assert unmarked.heard() == []
    unmarked.helpdesk.refuses_looks = False
    unmarked.helpdesk.agent_replies(unmarked.ticket, BO, "and an answer")
    await retry_all(unmarked)
    await until(unmarked.heard)
    await asyncio.sleep(0.2)
    assert unmarked.heard() == ["and an answer"]
    assert "".join(unmarked.shown()).count("my own words") == 1
