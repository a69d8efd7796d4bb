"""Chats that end, lines that come in bursts, and what nobody saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from connectors.memory.chat import write_webhook_body
from syncd.contract.model import Author, ChatContext, ChatEnded, ChatMessageAdded, Message, MessageId, Role, StatusClass
from syncd.store.operations import Replay, carry_out
from tests.engine.conftest import ANN, Shop, planned, until
from tests.engine.faulty_ends import TAG
from tests.engine.test_lifecycle import BO, CHAT, LIFE, begin, quiet, status, with_ticket, words

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def said(text: str, role: Role, number: int, *, missed: bool = False) -> ChatMessageAdded:
    at = NOON + timedelta(seconds=number)
    message = Message(MessageId(f"m{number}"), Author(role, "Ann"), text, at, missed=missed)
    return ChatMessageAdded(CHAT, message, ChatContext(ANN))


class TestChatEnd:
    async def test_a_chat_that_was_answered_is_noted_and_solved_once(self, shop: Shop) -> None:
        ticket = await with_ticket(shop, replace(LIFE, chat_end="note+solve"))
        shop.chat.agent_says(CHAT, BO, "here you are")
        shop.chat.visitor_says(ANN, "thanks")
        shop.chat.ends(CHAT)
        shop.chat.ends(CHAT)
        await planned(shop, "chat_ended", 2)
        await until(lambda: status(shop, ticket) is StatusClass.SOLVED)
        await quiet(shop)
        assert words(shop, ticket).count("The chat ended") == 1
        assert "waits" not in words(shop, ticket)
        shop.chat.visitor_says(ANN, "it fails again")
        await until(lambda: status(shop, ticket) is StatusClass.OPEN)

    async def test_an_unanswered_line_keeps_it_open(self, shop: Shop) -> None:
        ticket = await with_ticket(shop, replace(LIFE, chat_end="note+solve"))
        shop.chat.ends(CHAT)
        await until(lambda: "still waits for an answer" in words(shop, ticket))
        await quiet(shop)
        assert status(shop, ticket) is StatusClass.OPEN
        assert ("set_status", "dropped") not in await shop.states()

    async def test_a_reply_that_waits_keeps_it_open(self, shop: Shop) -> None:
        ticket = await with_ticket(shop, replace(LIFE, chat_end="solve"))
        shop.chat.agent_says(CHAT, BO, "one moment")
        await until(lambda: "one moment" in words(shop, ticket))
        shop.chat.faults.held.add(ANN.id)
        shop.helpdesk.agent_replies(ticket, BO, "the answer")
        await until(lambda: shop.chat.faults.calls)
        shop.chat.ends(CHAT)
        await planned(shop, "chat_ended", 1)
        await shop.comes_to("set_status", "dropped")
        assert status(shop, ticket) is StatusClass.OPEN
        shop.chat.faults.held.clear()

    async def test_a_line_that_comes_in_while_it_waits_keeps_it_open(self, shop: Shop) -> None:
        ticket = await with_ticket(shop, replace(LIFE, chat_end="solve"))
        shop.helpdesk.faults.held.add(ticket)
        shop.chat.agent_says(CHAT, BO, "here you are")
        await until(lambda: shop.helpdesk.faults.calls)
        shop.chat.ends(CHAT)
        await planned(shop, "chat_ended", 1)
        shop.chat.visitor_says(ANN, "one more thing")
        await planned(shop, "chat_message_added", 3)
        shop.helpdesk.faults.held.clear()
        await until(lambda: "one more thing" in words(shop, ticket))
        await quiet(shop)
        assert status(shop, ticket) is StatusClass.OPEN

    async def test_a_solving_whose_answer_is_missing_is_undone_where_the_visitor_spoke_since(self, shop: Shop) -> None:
        ticket = await with_ticket(shop, replace(LIFE, chat_end="solve"))
        shop.chat.agent_says(CHAT, BO, "here you are")
        await until(lambda: "here you are" in words(shop, ticket))
        shop.helpdesk.cut_after_setting = 1
        shop.chat.ends(CHAT)
        await until(lambda: status(shop, ticket) is StatusClass.SOLVED)
        shop.chat.visitor_says(ANN, "one more thing")
        await until(lambda: status(shop, ticket) is StatusClass.OPEN)
        await until(lambda: "one more thing" in words(shop, ticket))

    async def test_a_ticket_that_is_gone_is_not_opened_again_to_be_solved(self, shop: Shop) -> None:
        ticket = await with_ticket(shop, replace(LIFE, chat_end="solve"))
        shop.chat.agent_says(CHAT, BO, "here you are")
        await until(lambda: "here you are" in words(shop, ticket))
        shop.helpdesk.delete_ticket(ticket)
        shop.chat.ends(CHAT)
        await shop.comes_to("set_status", "dropped")
        assert not shop.helpdesk.tickets


class TestBursts:
    async def test_five_lines_in_a_window_are_one_comment_in_order(self, shop: Shop) -> None:
        ticket = await with_ticket(shop)
        await begin(shop, debounce=0.4)
        for number in range(5):
            shop.chat.visitor_says(ANN, f"line {number}")
            await planned(shop, "chat_message_added", number + 2)
        shop.helpdesk.agent_replies(ticket, BO, "at once")
        await until(shop.heard)
        assert "line" not in words(shop, ticket)
        await until(lambda: "line 4" in words(shop, ticket))
        (burst,) = [text for text in shop.shown() if "line" in text]
        assert [burst.index(f"line {number}") for number in range(5)] == sorted(
            burst.index(f"line {number}") for number in range(5)
        )
        assert burst.count("(visitor) · 2020-01-01 00:00:") == 5

    async def test_a_burst_that_begins_during_a_call_is_one_comment_as_well(self, shop: Shop) -> None:
        ticket = await with_ticket(shop)
        await begin(shop, debounce=1.0)
        shop.helpdesk.faults.held.add(ticket)
        shop.chat.visitor_says(ANN, "one moment")
        await until(lambda: shop.helpdesk.faults.calls)
        shop.chat.visitor_says(ANN, "line 0")
        await planned(shop, "chat_message_added", 3)
        shop.helpdesk.faults.held.clear()
        await until(lambda: "one moment" in words(shop, ticket))
        await shop.comes_to("add_comment", "sent", 2)
        shop.chat.visitor_says(ANN, "line 1")
        await until(lambda: "line 1" in words(shop, ticket))
        assert len([text for text in shop.shown() if "line" in text]) == 1

    async def test_a_kill_in_the_window_loses_nothing_and_a_first_burst_opens_the_ticket(self, shop: Shop) -> None:
        await begin(shop, debounce=0.4)
        for number in range(5):
            shop.chat.visitor_says(ANN, f"line {number}", at=NOON + timedelta(milliseconds=50 * number))
            await planned(shop, "chat_message_added", number + 1)
        await shop.kill()
        assert not shop.helpdesk.tickets
        await shop.start()
        await until(lambda: shop.shown() and shop.notes())
        (opened,) = shop.shown()
        assert [f"line {number}" in opened for number in range(5)] == [True] * 5


class TestMissed:
    async def test_a_missed_first_line_raises_the_ticket_and_is_noted_once(self, shop: Shop) -> None:
        await begin(shop)
        for number in range(2):
            await shop.webhook(write_webhook_body([said(f"anybody? {number}", Role.VISITOR, number, missed=True)]))
        await shop.webhook(write_webhook_body([ChatEnded(CHAT, missed=2)]))
        await until(lambda: len(shop.shown()) + len(shop.notes()) >= 2)
        await quiet(shop)
        draft = shop.helpdesk.tickets[shop.ticket].draft
        assert (draft.priority, draft.tags) == (50, ("missed",))
        assert len([note for note in shop.notes() if "Nobody" in note]) == 1

    async def test_missed_lines_that_only_the_end_tells_of_are_noted_and_raise_it(self, shop: Shop) -> None:
        ticket = await with_ticket(shop)
        for body in ([ChatEnded(CHAT, missed=1)], [ChatEnded(CHAT, missed=1), ChatEnded(CHAT, missed=1)]):
            await shop.webhook(write_webhook_body(body))
        await until(lambda: shop.helpdesk.tickets[ticket].priority == 50)
        await quiet(shop)
        assert words(shop, ticket).count("was seen by nobody") == 1

    async def test_an_answer_that_the_visitor_did_not_see_is_one_note(self, shop: Shop) -> None:
        ticket = await with_ticket(shop)
        shop.helpdesk.agent_replies(ticket, BO, "too late")
        await until(shop.heard)
        events = [one for one in shop.chat.world.events if isinstance(one, ChatMessageAdded)]
        missed = [replace(one, message=replace(one.message, missed=one.message.tag == TAG)) for one in events]
        for _ in range(3):
            await shop.webhook(write_webhook_body([*missed, ChatEnded(CHAT)]))
        await until(lambda: "left before this answer" in words(shop, ticket))
        await quiet(shop)
        assert words(shop, ticket).count("left before this answer") == 1
        assert "too late" in shop.notes()[-1]


async def test_a_replay_of_an_old_end_adds_nothing(shop: Shop) -> None:
    ticket = await with_ticket(shop, replace(LIFE, chat_end="note"))
    for number in range(2):
        await shop.webhook(write_webhook_body([said(f"line {number}", Role.VISITOR, number), ChatEnded(CHAT)]))
    await until(lambda: words(shop, ticket).count("The chat ended") == 2)
    await shop.webhook(write_webhook_body([said("line 2", Role.VISITOR, 2)]))
    await until(lambda: "line 2" in words(shop, ticket))
    await shop.storage.insist(lambda connection: carry_out(connection, Replay(1, 1000), 0.0))
    await shop.webhook(write_webhook_body([said("line 3", Role.VISITOR, 3)]))
    await until(lambda: "line 3" in words(shop, ticket))
    await quiet(shop)
    assert words(shop, ticket).count("The chat ended") == 2


async def test_a_line_that_comes_hours_late_shows_its_time_in_the_chat_with_its_zone(shop: Shop) -> None:
    late = said("from before", Role.VISITOR, 7)
    there = replace(late, message=replace(late.message, at=late.message.at.astimezone(timezone(timedelta(hours=-8)))))
    await with_ticket(shop)
    await shop.webhook(write_webhook_body([replace(there, repaired=True)]))
    await until(lambda: "Ann (visitor) · 2026-03-01 12:00:07 UTC\nfrom before" in "".join(shop.shown()))
