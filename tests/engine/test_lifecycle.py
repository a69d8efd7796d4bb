"""What becomes of tickets that are done while their visitor goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syncd.contract.errors import RetryableError
from syncd.contract.model import (
    Author,
    ConversationId,
    Role,
    StatusClass,
    TicketId,
)
from syncd.core.lifecycle import Lifecycle
from syncd.core.plan import Policy
from tests.engine.conftest import ANN, Shop, planned, until
from tests.engine.faulty_ends import TAG

BO = Author(Role.AGENT, "Bo", "bo@example.com")
BOT = Author(Role.AUTOMATIC, "Greeter")
CHAT = ConversationId(ANN.id)
LIFE = Lifecycle(sets_status=True, raises_priority=True, missed_priority=50)


async def begin(shop: Shop, policy: Lifecycle = LIFE, debounce: float = 0.0) -> None:
    """Start again with a policy."""
    await shop.stop()
    shop.policy = Policy(tag=TAG, lifecycle=policy, debounce_seconds=debounce)
    await shop.start()


async def with_ticket(shop: Shop, policy: Lifecycle = LIFE) -> TicketId:
    await begin(shop, policy)
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    return shop.ticket


async def agent_sets(shop: Shop, ticket: TicketId, status: StatusClass, count: int = 1) -> None:
    """Let an agent set a status after all that is on the ticket, and wait until syncd knows."""
    shop.helpdesk.agent_sets(ticket, status, at=datetime.now(UTC) + timedelta(seconds=1))
    await planned(shop, "ticket_status_changed", count)


def status(shop: Shop, ticket: TicketId) -> StatusClass:
    return shop.helpdesk.tickets[ticket].status.status


def words(shop: Shop, ticket: TicketId) -> str:
    return "\n".join(comment.text for comment in shop.helpdesk.tickets[ticket].comments)


async def quiet(shop: Shop) -> None:
    """Wait until nothing waits or is under way."""
    while any(state in {"waiting", "sending", "in_doubt"} for _, state in await shop.states()):
        await until(lambda: True)
        shop.daemon.wake(next(iter(shop.daemon.healths))[0], "helpdesk")


async def test_a_line_on_a_solved_ticket_reopens_it_once(shop: Shop) -> None:
    ticket = await with_ticket(shop)
    await agent_sets(shop, ticket, StatusClass.SOLVED)
    for number in range(3):
        shop.chat.visitor_says(ANN, f"it fails again {number}")
    await until(lambda: "again 2" in words(shop, ticket) and status(shop, ticket) is StatusClass.OPEN)
    await quiet(shop)
    assert (await shop.states()).count(("set_status", "sent")) == 1
    await agent_sets(shop, ticket, StatusClass.SOLVED, 2)
    shop.chat.visitor_says(ANN, "and once more")
    await until(lambda: status(shop, ticket) is StatusClass.OPEN)
    assert list(shop.helpdesk.tickets) == [ticket]


async def test_a_closed_ticket_gets_one_follow_up_linked_both_ways(shop: Shop) -> None:
    former = await with_ticket(shop)
    await agent_sets(shop, former, StatusClass.CLOSED)
    for number in range(3):
        shop.chat.visitor_says(ANN, f"another matter {number}")
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    (new,) = set(shop.helpdesk.tickets) - {former}
    await until(lambda: "matter 2" in words(shop, new) and new in words(shop, former))
    await quiet(shop)
    assert former in shop.helpdesk.tickets[new].draft.text
    assert words(shop, former).count(new) == 1
    assert "matter" not in words(shop, former)
    notes = [one for one in shop.helpdesk.tickets[former].comments if not one.public and new in one.text]
    assert len(notes) == 1
    shop.helpdesk.agent_replies(former, BO, "on the old one")
    shop.helpdesk.agent_replies(new, BO, "on the new one")
    await until(lambda: len(shop.heard()) == 2)


async def test_a_replay_of_a_status_and_a_restart_change_nothing(shop: Shop) -> None:
    ticket = await with_ticket(shop)
    await agent_sets(shop, ticket, StatusClass.SOLVED)
    told = shop.helpdesk.world.events[-1]
    shop.chat.visitor_says(ANN, "again")
    await until(lambda: status(shop, ticket) is StatusClass.OPEN)
    await shop.kill()
    await shop.start()
    shop.helpdesk.world.events.append(told)
    await planned(shop, "ticket_status_changed", 2)
    shop.chat.visitor_says(ANN, "and again")
    await until(lambda: "and again" in words(shop, ticket))
    await quiet(shop)
    assert (await shop.states()).count(("set_status", "sent")) == 1


async def test_a_line_that_came_before_the_status_was_known_reopens_the_ticket_all_the_same(shop: Shop) -> None:
    ticket = await with_ticket(shop)
    shop.helpdesk.agent_sets(ticket, StatusClass.SOLVED)
    # The line is on the ticket before the poll tells; the clock in memory is years behind, as for a line after it.
    await until(lambda: status(shop, ticket) is StatusClass.OPEN)
    await quiet(shop)
    assert (await shop.states()).count(("set_status", "sent")) == 1


async def test_an_agents_own_choice_meanwhile_stays(shop: Shop) -> None:
    ticket = await with_ticket(shop)
    await agent_sets(shop, ticket, StatusClass.SOLVED)
    shop.helpdesk.faults.before += [RetryableError("busy", certain=True)]
    shop.chat.visitor_says(ANN, "again")
    await until(lambda: not shop.helpdesk.faults.before)
    shop.helpdesk.agent_sets(ticket, StatusClass.CLOSED)
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    await quiet(shop)
    assert status(shop, ticket) is StatusClass.CLOSED
    assert "\nagain" not in words(shop, ticket)


@pytest.mark.parametrize("text", ["Thanks!", "vielen Dank 🙏"])
async def test_thanks_are_recorded_and_reopen_nothing(shop: Shop, text: str) -> None:
    ticket = await with_ticket(shop)
    shop.chat.agent_says(CHAT, BO, "done")
    await until(lambda: "done" in words(shop, ticket))
    await agent_sets(shop, ticket, StatusClass.SOLVED)
    shop.chat.visitor_says(ANN, text)
    shop.chat.agent_says(CHAT, BOT, "Anything else?")
    shop.chat.agent_says(CHAT, BO, "You are welcome")
    await until(lambda: "welcome" in words(shop, ticket))
    await quiet(shop)
    assert text in words(shop, ticket)
    assert status(shop, ticket) is StatusClass.SOLVED


async def test_a_solved_ticket_that_the_helpdesk_does_not_reopen_is_followed_up(shop: Shop) -> None:
    former = await with_ticket(shop)
    await agent_sets(shop, former, StatusClass.SOLVED)
    shop.helpdesk.refuses = True
    for number in range(3):
        shop.chat.visitor_says(ANN, f"it fails again {number}")
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    (new,) = set(shop.helpdesk.tickets) - {former}
    shop.chat.visitor_says(ANN, "are you there?")
    await until(lambda: "are you there?" in words(shop, new))
    await quiet(shop)
    assert "could not change this ticket as it should (status open)" in words(shop, former)
    assert f"This goes on with ticket {former}, which could not be reopened" in words(shop, new)
    assert "again 0" in words(shop, former)
    assert len(shop.helpdesk.tickets) == 2


async def test_a_pending_ticket_that_the_helpdesk_does_not_reopen_stays_the_one(shop: Shop) -> None:
    ticket = await with_ticket(shop)
    await agent_sets(shop, ticket, StatusClass.PENDING)
    shop.helpdesk.refuses = True
    shop.chat.visitor_says(ANN, "it fails again")
    await until(lambda: "could not change this ticket" in words(shop, ticket))
    await quiet(shop)
    assert list(shop.helpdesk.tickets) == [ticket]
