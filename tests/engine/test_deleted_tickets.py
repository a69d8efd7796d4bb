"""Tickets that agents delete while their helpdesk still takes comments on them: the conversation gets another, once."""

from __future__ import annotations

from syncd.contract.errors import RetryableError
from syncd.contract.model import Author, ConversationId, Role, TicketDeleted, TicketId
from tests.engine.conftest import ANN, Shop, planned, until

BO = Author(Role.AGENT, "Bo", "bo@example.com")
BOT = Author(Role.AUTOMATIC, "Greeter")


async def a_deleted_ticket(shop: Shop) -> TicketId:
    """Let Ann say hello and an agent delete the ticket; wait until syncd knows."""
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    ticket = shop.ticket
    shop.helpdesk.throw_away_ticket(ticket)
    await planned(shop, "ticket_deleted", 1)
    return ticket


def words(shop: Shop, ticket: TicketId) -> str:
    return "\n".join(comment.text for comment in shop.helpdesk.trash[ticket].comments)


async def test_the_next_line_opens_another_ticket_once(shop: Shop) -> None:
    deleted = await a_deleted_ticket(shop)
    assert shop.helpdesk.tickets == {}
    for number in range(5):
        shop.chat.visitor_says(ANN, f"line {number}")
    await until(lambda: "line 4" in "".join(shop.shown()))
    assert [f"line {number}" in "".join(shop.shown()) for number in range(5)] == [True] * 5
    assert "line" not in words(shop, deleted)
    [another] = shop.helpdesk.tickets.values()
    assert another.draft.requester == ANN
    assert another.draft.subject == shop.helpdesk.trash[deleted].draft.subject


async def test_replies_on_the_deleted_ticket_still_reach_the_chat(shop: Shop) -> None:
    deleted = await a_deleted_ticket(shop)
    shop.helpdesk.agent_replies(deleted, BO, "before another is there")
    await until(lambda: len(shop.heard()) == 1)
    shop.chat.visitor_says(ANN, "thanks")
    await until(shop.shown)
    shop.helpdesk.agent_replies(deleted, BO, "and after")
    shop.helpdesk.agent_replies(shop.ticket, BO, "and on the other")
    await until(lambda: len(shop.heard()) == 3)


async def test_a_ticket_that_is_deleted_with_nothing_more_to_say_stays_alone(shop: Shop) -> None:
    await a_deleted_ticket(shop)
    shop.chat.agent_says(ConversationId(ANN.id), BOT, "Still there?")
    shop.chat.ends(ConversationId(ANN.id))
    await planned(shop, "chat_ended", 1)
    assert shop.helpdesk.tickets == {}
    shop.chat.visitor_says(ANN, "yes")
    await until(shop.shown)
    assert "Still there?" in "".join(shop.shown())


async def test_each_ticket_that_is_deleted_is_replaced(shop: Shop) -> None:
    await a_deleted_ticket(shop)
    for number in range(3):
        shop.chat.visitor_says(ANN, f"line {number}")
        await until(shop.shown)
        assert f"line {number}" in "".join(shop.shown())
        shop.helpdesk.throw_away_ticket(shop.ticket)
        await planned(shop, "ticket_deleted", number + 2)
    assert len(shop.helpdesk.trash) == 4


async def test_lines_that_wait_already_go_into_another_ticket_at_once(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    ticket = shop.ticket
    shop.helpdesk.faults.before += [RetryableError("busy", certain=True)]
    shop.chat.visitor_says(ANN, "while it is busy")
    await until(lambda: not shop.helpdesk.faults.before)
    shop.helpdesk.throw_away_ticket(ticket)
    await until(lambda: "while it is busy" in "".join(shop.shown()))
    assert "busy" not in words(shop, ticket)


async def test_a_restart_and_being_told_again_change_nothing(shop: Shop) -> None:
    deleted = await a_deleted_ticket(shop)
    await shop.kill()
    await shop.start()
    shop.helpdesk.world.events.append(TicketDeleted(deleted))
    await planned(shop, "ticket_deleted", 2)
    shop.chat.visitor_says(ANN, "back again")
    await until(shop.shown)
    shop.helpdesk.world.events.append(TicketDeleted(deleted))
    await planned(shop, "ticket_deleted", 3)
    shop.chat.visitor_says(ANN, "and again")
    await until(lambda: "and again" in "".join(shop.shown()))
    assert (await shop.states()).count(("open_ticket", "sent")) == 2


async def test_a_line_in_doubt_is_settled_before_another_ticket_is_prepared(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    ticket = shop.ticket
    shop.helpdesk.faults.held.add(ticket)
    shop.chat.visitor_says(ANN, "under way")
    await until(lambda: len(shop.helpdesk.faults.calls) == 1)
    shop.helpdesk.throw_away_ticket(ticket)
    shop.chat.visitor_says(ANN, "behind it")
    shop.helpdesk.faults.held.clear()
    await planned(shop, "ticket_deleted", 1)
    shop.chat.visitor_says(ANN, "the next")
    await until(lambda: "the next" in "".join(shop.shown()))
    assert (await shop.states()).count(("open_ticket", "sent")) == 2


async def test_a_ticket_that_is_none_of_ours_changes_nothing(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    shop.helpdesk.world.events.append(TicketDeleted(TicketId("opened-by-mail")))
    shop.chat.visitor_says(ANN, "again")
    await until(lambda: "again" in "".join(shop.shown()))
    assert (await shop.states()).count(("open_ticket", "sent")) == 1
