"""Tickets that agents merge: what is said goes on, to the right place."""

from __future__ import annotations

from connectors.memory.desk import Ticket
from syncd.contract.model import Author, ConversationId, Role, StatusClass, TicketDraft, TicketId, Visitor
from syncd.store.operations import Replay, carry_out

from .conftest import ANN, Shop, planned, until
from .faulty_ends import TAG
from .test_lifecycle import agent_sets, quiet, with_ticket

BO = Author(Role.AGENT, "Bo", "bo@example.com")
BOB = Visitor("bob", "Bob")
ELSEWHERE = TicketId("opened-by-mail")


def told(shop: Shop, visitor: Visitor) -> list[str]:
    """Give what a visitor was told by us."""
    said = [event for event in shop.chat.world.events if event.kind == "chat_message_added"]
    here = [event.message for event in said if event.conversation == ConversationId(visitor.id)]
    return [message.text for message in here if message.tag == TAG]


def words_on(shop: Shop, ticket: TicketId) -> str:
    return "\n".join(comment.text for comment in shop.helpdesk.tickets[ticket].comments)


def open_elsewhere(shop: Shop) -> None:
    """Let there be a ticket that syncd did not open."""
    shop.helpdesk.tickets[ELSEWHERE] = Ticket(TicketDraft("by mail", ANN, ConversationId("none"), ""))


async def test_replies_on_the_ticket_that_ours_was_merged_into_reach_the_chat(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    open_elsewhere(shop)
    ours = next(ticket for ticket in shop.helpdesk.tickets if ticket != ELSEWHERE)
    shop.helpdesk.merge_ticket(ours, ELSEWHERE)
    shop.helpdesk.agent_replies(ELSEWHERE, BO, "Both in one now.")
    await until(lambda: told(shop, ANN))
    for number in range(10):
        shop.chat.visitor_says(ANN, f"line {number}")
    await until(lambda: "line 9" in words_on(shop, ELSEWHERE))
    assert told(shop, ANN) == ["Both in one now."]
    assert list(shop.helpdesk.tickets) == [ELSEWHERE]
    assert "another chat" not in words_on(shop, ELSEWHERE)


async def test_two_chats_on_one_ticket_are_told_and_a_reply_reaches_only_the_one_it_was_opened_for(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "I am Ann")
    await until(lambda: len(shop.helpdesk.tickets) == 1)
    shop.chat.visitor_says(BOB, "I am Bob")
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    anns, bobs = shop.helpdesk.tickets
    await until(lambda: "I am Bob" in words_on(shop, bobs))
    shop.helpdesk.merge_ticket(bobs, anns)
    await until(lambda: "The ticket of another chat was merged into this one" in words_on(shop, anns))
    shop.helpdesk.agent_replies(anns, BO, "for Ann")
    await until(lambda: told(shop, ANN))
    shop.chat.visitor_says(BOB, "and I am still here")
    await until(lambda: "still here" in words_on(shop, anns))
    assert told(shop, ANN) == ["for Ann"]
    assert told(shop, BOB) == []
    assert words_on(shop, anns).count("The ticket of another chat") == 1


async def test_a_foreign_ticket_that_is_merged_into_ours_changes_nothing(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    ours = shop.ticket
    open_elsewhere(shop)
    shop.helpdesk.merge_ticket(ELSEWHERE, ours)
    shop.helpdesk.agent_replies(ours, BO, "Here.")
    await until(lambda: told(shop, ANN))
    shop.chat.visitor_says(ANN, "thanks")
    await until(lambda: "thanks" in words_on(shop, ours))
    assert "another chat" not in words_on(shop, ours)


async def test_a_merge_that_is_replayed_changes_nothing(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "I am Ann")
    await until(lambda: len(shop.helpdesk.tickets) == 1)
    shop.chat.visitor_says(BOB, "I am Bob")
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    anns, bobs = shop.helpdesk.tickets
    shop.helpdesk.merge_ticket(bobs, anns)
    await until(lambda: "merged into this one" in words_on(shop, anns))
    await shop.storage.insist(lambda connection: carry_out(connection, Replay(1, 1000), 0.0))
    shop.daemon.planner.wake()
    shop.chat.visitor_says(BOB, "the last line")
    await until(lambda: "the last line" in words_on(shop, anns))
    assert words_on(shop, anns).count("merged into this one") == 1


async def closed_and_followed_up(shop: Shop) -> tuple[TicketId, TicketId]:
    """Let a conversation have a closed ticket and one that goes on with it."""
    former = await with_ticket(shop)
    await agent_sets(shop, former, StatusClass.CLOSED)
    shop.chat.visitor_says(ANN, "another matter")
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    (new,) = set(shop.helpdesk.tickets) - {former}
    await quiet(shop)
    return former, new


async def test_a_former_ticket_that_is_merged_takes_the_conversation_nowhere(shop: Shop) -> None:
    former, new = await closed_and_followed_up(shop)
    open_elsewhere(shop)
    shop.helpdesk.merge_ticket(former, ELSEWHERE)
    await planned(shop, "ticket_merged", 1)
    shop.chat.visitor_says(ANN, "still about the other matter")
    await until(lambda: "still about" in words_on(shop, new))
    await quiet(shop)
    assert "still about" not in words_on(shop, ELSEWHERE)
    shop.helpdesk.agent_replies(ELSEWHERE, BO, "about the first")
    await until(lambda: told(shop, ANN) == ["about the first"])


async def test_a_ticket_that_is_merged_into_a_closed_one_is_followed_up_by_the_next_line(shop: Shop) -> None:
    former, new = await closed_and_followed_up(shop)
    shop.helpdesk.merge_ticket(new, former)
    await planned(shop, "ticket_merged", 1)
    shop.chat.visitor_says(ANN, "a third matter")
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    (last,) = set(shop.helpdesk.tickets) - {former}
    await until(lambda: "a third matter" in words_on(shop, last))
    assert "a third matter" not in words_on(shop, former)


async def test_a_status_of_a_ticket_that_two_chats_share_is_known_to_both(shop: Shop) -> None:
    anns = await with_ticket(shop)
    shop.chat.visitor_says(BOB, "I am Bob")
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    (bobs,) = set(shop.helpdesk.tickets) - {anns}
    await until(lambda: "I am Bob" in words_on(shop, bobs))
    await quiet(shop)
    shop.helpdesk.merge_ticket(bobs, anns)
    await until(lambda: "merged into this one" in words_on(shop, anns))
    shop.chat.visitor_says(BOB, "hello again")
    await until(lambda: "hello again" in words_on(shop, anns))
    await quiet(shop)
    await agent_sets(shop, anns, StatusClass.CLOSED)
    shop.chat.visitor_says(BOB, "and a new matter")
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    (new,) = set(shop.helpdesk.tickets) - {anns}
    await until(lambda: "a new matter" in words_on(shop, new))
    assert "a new matter" not in words_on(shop, anns)
