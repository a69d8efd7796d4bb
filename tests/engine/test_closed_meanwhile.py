"""Agents who end a ticket while the visitor's line is not on it yet: nobody reads it there, so it comes elsewhere."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syncd.contract.model import StatusClass, TicketId, TicketStatusChanged
from tests.engine.conftest import ANN, Shop, planned, until
from tests.engine.test_lifecycle import BO, CHAT, LIFE, begin, quiet, status, with_ticket, words


def soon() -> datetime:
    """Give a time at the helpdesk that is after all that was said until now."""
    return datetime.now(UTC) + timedelta(milliseconds=200)


async def heard(shop: Shop, text: str) -> None:
    """Let a line come in while lines of the lane wait for more of them."""
    shop.chat.visitor_says(ANN, text)
    await planned(shop, "chat_message_added", 2)


async def followed_up(shop: Shop, former: TicketId) -> TicketId:
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    (new,) = set(shop.helpdesk.tickets) - {former}
    await quiet(shop)
    return new


async def waiting(shop: Shop) -> TicketId:
    """Open a ticket, and then let a second line wait."""
    ticket = await with_ticket(shop)
    await begin(shop, LIFE, debounce=1.0)
    await heard(shop, "one more thing")
    return ticket


async def test_a_line_that_waits_while_the_ticket_is_closed_is_on_its_follow_up(shop: Shop) -> None:
    former = await waiting(shop)
    shop.helpdesk.agent_sets(former, StatusClass.CLOSED, at=soon())
    new = await followed_up(shop, former)
    assert "one more thing" not in words(shop, former)
    assert words(shop, new).startswith(f"This goes on with ticket {former}, which was done already.\n\nAnn")
    assert "one more thing" in words(shop, new)


@pytest.mark.parametrize("done", [StatusClass.SOLVED, StatusClass.PENDING])
async def test_one_that_waits_while_it_is_solved_reopens_it(shop: Shop, done: StatusClass) -> None:
    ticket = await waiting(shop)
    shop.helpdesk.agent_sets(ticket, done, at=soon())
    await until(lambda: status(shop, ticket) is done)
    await until(lambda: "one more thing" in words(shop, ticket) and status(shop, ticket) is StatusClass.OPEN)
    assert list(shop.helpdesk.tickets) == [ticket]


async def test_a_kill_before_the_line_goes_changes_nothing(shop: Shop) -> None:
    former = await waiting(shop)
    shop.helpdesk.agent_sets(former, StatusClass.CLOSED, at=soon())
    await planned(shop, "ticket_status_changed", 1)
    await shop.kill()
    await shop.start()
    new = await followed_up(shop, former)
    assert "one more thing" in words(shop, new)


async def test_one_that_came_to_the_ticket_after_it_was_closed_is_told_of_on_its_follow_up(shop: Shop) -> None:
    former = await with_ticket(shop)
    shop.helpdesk.faults.held.add(former)
    await heard(shop, "one more thing")
    await until(lambda: shop.helpdesk.faults.calls)
    await asyncio.sleep(0.1)
    closed_at = datetime.now(UTC)
    await asyncio.sleep(0.1)
    shop.helpdesk.faults.held.clear()
    await until(lambda: "one more thing" in words(shop, former))
    await quiet(shop)
    shop.helpdesk.world.events.append(TicketStatusChanged(former, "s9", StatusClass.CLOSED, closed_at))
    new = await followed_up(shop, former)
    assert "The visitor's last words stand there" in words(shop, new)


async def test_one_that_was_on_the_ticket_before_is_not(shop: Shop) -> None:
    ticket = await with_ticket(shop)
    await heard(shop, "one more thing")
    await until(lambda: "one more thing" in words(shop, ticket))
    await quiet(shop)
    shop.helpdesk.agent_sets(ticket, StatusClass.CLOSED, at=soon())
    await planned(shop, "ticket_status_changed", 1)
    await quiet(shop)
    assert list(shop.helpdesk.tickets) == [ticket]


async def test_a_reply_that_was_written_before_the_last_line_was_there_answers_only_what_was(shop: Shop) -> None:
    ticket = await with_ticket(shop, replace(LIFE, chat_end="note+solve"))
    shop.chat.faults.held.add(ANN.id)
    shop.helpdesk.agent_replies(ticket, BO, "about your hello")
    await until(lambda: shop.chat.faults.calls)
    await heard(shop, "and how long does it take?")
    await until(lambda: "how long" in words(shop, ticket))
    shop.chat.faults.held.clear()
    await until(shop.heard)
    await shop.comes_to("post_message", "sent")
    await planned(shop, "chat_message_added", 3)
    shop.chat.ends(CHAT)
    await until(lambda: "still waits for an answer" in words(shop, ticket))
    await quiet(shop)
    assert status(shop, ticket) is StatusClass.OPEN
    shop.helpdesk.agent_replies(ticket, BO, "two days")
    await until(lambda: len(shop.heard()) == 2)
    await planned(shop, "chat_message_added", 4)
    shop.chat.ends(CHAT)
    await until(lambda: status(shop, ticket) is StatusClass.SOLVED)
