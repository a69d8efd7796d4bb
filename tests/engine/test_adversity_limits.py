"""An end that asks to be left alone is left alone, and it is said once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from loguru import logger

from syncd.contract.errors import AuthError, RateLimitedError
from syncd.contract.http import error_for_status
from syncd.contract.model import Author, Role, TicketId, Visitor

from .conftest import ANN, SHOP, until
from .test_adversity_doubt import CUT, MoodyShop, opened, until_state

BOB = Visitor("bob", "Bob")
CAROL = Visitor("carol", "Carol")
BO = Author(Role.AGENT, "Bo", "bo@example.com")


@contextmanager
def logged() -> Iterator[list[str]]:
    """Give the lines that are logged at INFO or above."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="INFO", format="{level} {message}", diagnose=False, backtrace=False)
    yield lines
    logger.remove(sink)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[MoodyShop]:
    async with opened(MoodyShop, tmp_path) as made:
        yield made


async def test_a_poll_that_is_limited_is_not_made_again_before_its_time_and_said_once(shop: MoodyShop) -> None:
    health = shop.daemon.healths[SHOP, "helpdesk"]
    with logged() as lines:
        shop.helpdesk.polling.before.append(RateLimitedError("GET answered 429", retry_after=60))
        await until(lambda: health.state == "limited")
        polls = len(shop.helpdesk.polling.calls)
        await asyncio.sleep(0.3)
    assert len(shop.helpdesk.polling.calls) == polls
    assert "no call for 60 s" in health.reason
    assert sum("429" in line for line in lines) == 1


async def test_a_limited_poll_holds_deliveries_too_and_both_go_on_afterwards(shop: MoodyShop) -> None:
    shop.helpdesk.polling.before.append(RateLimitedError("GET answered 429", retry_after=0.5))
    await until(lambda: shop.daemon.healths[SHOP, "helpdesk"].state == "limited")
    shop.chat.visitor_says(ANN, "hello")
    await asyncio.sleep(0.2)
    assert shop.helpdesk.opening.calls == []
    await until(shop.shown)
    await until(lambda: shop.daemon.healths[SHOP, "helpdesk"].state == "ok")


async def test_the_wait_that_a_503_asks_for_is_kept_by_polls_and_deliveries(shop: MoodyShop) -> None:
    asked = error_for_status("POST", httpx.Response(503, headers={"Retry-After": "600"}))
    shop.helpdesk.opening.before.append(asked)
    shop.chat.visitor_says(ANN, "hello")
    await until_state(shop, "open_ticket", "in_doubt")
    await asyncio.sleep(0.05)
    polls = len(shop.helpdesk.polling.calls)
    shop.chat.visitor_says(BOB, "hello")
    await asyncio.sleep(1.3)
    assert len(shop.helpdesk.polling.calls) == polls
    assert len(shop.helpdesk.opening.calls) == 1


async def test_a_shorter_wait_that_is_asked_for_later_does_not_shorten_the_longer_one(shop: MoodyShop) -> None:
    tickets = [await open_for(shop, visitor) for visitor in (ANN, BOB, CAROL)]
    faults = shop.helpdesk.faults
    faults.held.update(tickets)
    shop.chat.visitor_says(ANN, "told to wait for long")
    shop.chat.visitor_says(BOB, "told to wait for a moment")
    await until(lambda: len(faults.calls) == 2)
    for ticket, seconds in ((tickets[0], 30.0), (tickets[1], 0.1)):
        faults.before.append(RateLimitedError("POST answered 429", retry_after=seconds))
        faults.held.remove(ticket)
        await until(lambda: not faults.before)
    faults.held.clear()
    await asyncio.sleep(0.1)
    shop.chat.visitor_says(CAROL, "waits for long as well")
    await asyncio.sleep(1.3)
    assert len(faults.calls) == 2


async def open_for(shop: MoodyShop, visitor: Visitor) -> TicketId:
    known = set(shop.helpdesk.tickets)
    shop.chat.visitor_says(visitor, "hello")
    await until(lambda: set(shop.helpdesk.tickets) - known)
    (ticket,) = set(shop.helpdesk.tickets) - known
    while [state for _, state in await shop.states()] != ["sent"] * len(await shop.states()):
        await asyncio.sleep(0.01)
    return ticket


async def test_a_wait_that_is_asked_for_while_a_refusal_is_looked_into_is_kept(shop: MoodyShop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(shop.shown)
    shop.helpdesk.faults.before.append(AuthError("POST answered 403: the key lacks a right"))
    shop.helpdesk.checking.before.append(RateLimitedError("GET answered 429", retry_after=3600.0))
    shop.chat.visitor_says(ANN, "again")
    await until(lambda: shop.daemon.healths[SHOP, "helpdesk"].state == "limited")
    assert shop.daemon.healths[SHOP, "helpdesk"].wait > 3500
    assert ("add_comment", "parked") not in await shop.states()


async def test_what_is_given_up_is_told_although_no_call_is_allowed_to_the_chat(shop: MoodyShop) -> None:
    shop.chat.visitor_says(ANN, "I am Ann")
    shop.chat.visitor_says(BOB, "I am Bob")
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    anns, bobs = shop.helpdesk.tickets
    shop.chat.faults.before += [CUT, RateLimitedError("POST answered 429", retry_after=3600.0)]
    shop.helpdesk.agent_replies(anns, BO, "cut off")
    await until_state(shop, "post_message", "in_doubt")
    shop.helpdesk.agent_replies(bobs, BO, "limited")
    await until_state(shop, "post_message", "parked")
    await until(lambda: any("cut off" in one.text for one in shop.helpdesk.tickets[anns].comments if not one.public))
