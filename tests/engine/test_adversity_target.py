"""Tickets that are opened late, seem to be gone, or may not be written to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from syncd.contract.errors import AuthError, MissingTargetError, RetryableError, UnavailableError
from syncd.contract.model import Author, ConversationId, Role, TicketId, Visitor

from .conftest import ANN, SHOP, until
from .test_adversity_doubt import MoodyShop, grow_old, opened, until_state
from .test_flow import fragment

BO = Author(Role.AGENT, "Bo", "bo@example.com")
BOB = Visitor("bob", "Bob")
GONE = MissingTargetError("POST answered 404: not there any more")
FORBIDDEN = AuthError("POST answered 403: the key is refused or lacks a right")


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[MoodyShop]:
    async with opened(MoodyShop, tmp_path) as made:
        yield made


@pytest.fixture
async def talking(shop: MoodyShop) -> MoodyShop:
    """Give a shop in which Ann has said something."""
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    return shop


def words_on(shop: MoodyShop, ticket: TicketId) -> str:
    return "\n".join(comment.text for comment in shop.helpdesk.tickets[ticket].comments)


async def test_a_greeting_that_was_held_for_days_does_not_make_the_opening_too_old_for_a_second_try(
    shop: MoodyShop,
) -> None:
    await shop.webhook(fragment("Can we help?", role=Role.AUTOMATIC))
    await until_state(shop, "add_comment", "held")
    await grow_old(shop, days=4)
    shop.helpdesk.opening.before.append(UnavailableError("POST failed: ConnectError (not reached)", certain=True))
    await shop.webhook(fragment("Yes please", first_id=2))
    await until(shop.shown)
    assert "Can we help?" in shop.shown()[0]
    assert len(shop.helpdesk.opening.calls) == 2


async def test_a_404_from_something_in_front_of_the_helpdesk_loses_no_reply_on_the_living_ticket(
    talking: MoodyShop,
) -> None:
    living = talking.ticket
    talking.helpdesk.faults.before.append(GONE)
    talking.helpdesk.opening.held.add("")
    talking.chat.visitor_says(ANN, "still there?")
    await until(lambda: len(talking.helpdesk.opening.calls) == 2)
    talking.helpdesk.agent_replies(living, BO, "Yes, I am.")
    await until(lambda: talking.heard() == ["Yes, I am."])
    talking.helpdesk.opening.held.clear()
    await until(lambda: len(talking.helpdesk.tickets) == 2)
    talking.helpdesk.agent_replies(living, BO, "On the former ticket.")
    await until(lambda: talking.heard() == ["Yes, I am.", "On the former ticket."])


async def test_a_404_from_something_in_front_of_the_helpdesk_parks_no_opening(talking: MoodyShop) -> None:
    living = talking.ticket
    talking.helpdesk.faults.before.append(GONE)
    talking.helpdesk.opening.before.append(GONE)
    talking.chat.visitor_says(ANN, "still there?")
    await until(lambda: len(talking.helpdesk.tickets) == 2)
    (new,) = set(talking.helpdesk.tickets) - {living}
    await until(lambda: "still there?" in words_on(talking, new))
    assert "parked" not in [state for _, state in await talking.states()]


async def test_a_ticket_that_may_not_be_written_to_parks_its_line_and_holds_no_other(talking: MoodyShop) -> None:
    talking.helpdesk.faults.before.append(FORBIDDEN)
    talking.chat.visitor_says(ANN, "not for you")
    await until_state(talking, "add_comment", "parked")
    await until(lambda: len(talking.notes()) == 2)
    assert "POST answered 403" in talking.notes()[1]
    talking.chat.visitor_says(BOB, "hello")
    await until(lambda: len(talking.helpdesk.tickets) == 2)
    assert talking.daemon.healths[SHOP, "helpdesk"].state == "ok"


async def test_a_key_that_is_refused_altogether_parks_nothing_and_pauses_the_end(talking: MoodyShop) -> None:
    talking.helpdesk.faults.before.append(FORBIDDEN)
    talking.helpdesk.checking.before += [FORBIDDEN] * 100
    talking.chat.visitor_says(ANN, "hello again")
    await until(lambda: talking.daemon.healths[SHOP, "helpdesk"].state == "refused")
    talking.chat.visitor_says(BOB, "hello")
    await until(lambda: ConversationId("bob") in talking.chat.visitors)
    await asyncio.sleep(0.2)
    assert len(talking.helpdesk.tickets) == 1
    assert "parked" not in [state for _, state in await talking.states()]
    assert ("add_comment", "waiting") in await talking.states()


async def test_an_opening_that_was_refused_before_its_effect_is_made_once(shop: MoodyShop) -> None:
    shop.helpdesk.opening.before.append(RetryableError("POST failed: ConnectError (not reached)", certain=True))
    shop.chat.visitor_says(ANN, "hello")
    await until(shop.shown)
    assert len(shop.helpdesk.tickets) == 1
    assert len(shop.helpdesk.opening.calls) == 2


def is_shown(shop: MoodyShop, words: str) -> bool:
    return words in "".join(shop.shown())


async def test_a_ticket_that_took_the_place_of_another_and_vanishes_too_is_replaced_as_well(talking: MoodyShop) -> None:
    for number in range(3):
        lost = talking.ticket
        talking.helpdesk.delete_ticket(lost)
        talking.chat.visitor_says(ANN, f"line {number}")
        await until(lambda: talking.helpdesk.tickets)
        talking.chat.visitor_says(ANN, f"and {number}")
        await until(partial(is_shown, talking, f"and {number}"))
        assert is_shown(talking, f"line {number}")
    assert ("add_comment", "parked") not in await talking.states()
