"""Contact data that an agent corrects goes to the chat, once, beside the replies, and comes to rest."""

from __future__ import annotations

import asyncio
from pathlib import Path

from syncd.contract.contact import CONTACT_FIELDS
from syncd.contract.errors import RejectedError, RetryableError, UnavailableError
from syncd.contract.model import Author, Contact, ConversationId, Role, TicketId, Visitor
from syncd.core.plan import Policy
from syncd.core.quota import spared
from syncd.store.operations import Retry, carry_out
from tests.engine.conftest import ANN, SHOP, Shop, planned, until
from tests.engine.faulty_ends import TAG
from tests.engine.test_adversity_doubt import opened
from tests.engine.test_scarce_calls import CALLS, ScarceShop

BO = Author(Role.AGENT, "Bo", "bo@example.com")
CHAT = ConversationId(ANN.id)


async def with_ticket(shop: Shop, *fields: str, to_chat: bool = True) -> TicketId:
    """Start again with corrections of these fields, all where none is named, and let Ann get a ticket."""
    await shop.stop()
    wanted = frozenset(field for field in CONTACT_FIELDS if not fields or field in fields)
    shop.helpdesk.want_contact(wanted)
    shop.policy = Policy(tag=TAG, contact=wanted, to_chat=to_chat)
    await shop.start()
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    return shop.ticket


def name(shop: Shop) -> str:
    return shop.chat.visitors[CHAT].name


def calls(shop: Shop) -> int:
    return len(shop.chat.faults_of_visitors.calls)


async def speaks(shop: Shop, text: str) -> None:
    """Let Ann say something, which tells again who she is, and wait until it is on the ticket."""
    shop.chat.visitor_says(shop.chat.visitors[CHAT], text)
    await until(lambda: any(text in shown for shown in shop.shown()))


async def test_a_correction_is_one_update_however_often_it_comes_back(shop: Shop) -> None:
    ticket = await with_ticket(shop)
    shop.helpdesk.agent_corrects(ticket, Contact("Anna", phone="+1 555"))
    await until(lambda: name(shop) == "Anna")
    told = shop.helpdesk.world.events[-1]
    await speaks(shop, "who told you?")
    await shop.kill()
    await shop.start()
    shop.helpdesk.world.events.append(told)
    shop.helpdesk.agent_corrects(ticket, Contact("Anna"))
    await planned(shop, "contact_changed", 3)
    await speaks(shop, "still me")
    assert calls(shop) == 1
    assert shop.chat.visitors[CHAT].phone == "+1 555"
    assert shop.chat.visitors[CHAT].email == ANN.email


async def test_what_the_chat_told_meanwhile_is_no_update_and_what_is_gone_is_removed(shop: Shop) -> None:
    ticket = await with_ticket(shop, "name", "email")
    await shop.chat.update_visitor(CHAT, Contact("Anna"))
    await speaks(shop, "my name is Anna")
    before = calls(shop)
    shop.helpdesk.agent_corrects(ticket, Contact("Anna"))
    await planned(shop, "contact_changed", 1)
    shop.helpdesk.agent_corrects(ticket, Contact("Anna", "", "+1 555"))
    await until(lambda: shop.chat.visitors[CHAT].email == "")
    assert calls(shop) == before + 1
    assert shop.chat.visitors[CHAT].phone == ANN.phone


async def test_with_the_direction_to_the_helpdesk_nothing_goes_to_the_chat(shop: Shop) -> None:
    ticket = await with_ticket(shop, to_chat=False)
    shop.helpdesk.agent_corrects(ticket, Contact("Anna"))
    await planned(shop, "contact_changed", 1)
    assert await shop.states() == [(kind, "sent") for kind, _ in await shop.states()]
    assert name(shop) == "Ann"


async def test_an_update_that_hangs_or_fails_holds_up_no_reply_and_the_latest_wins(shop: Shop) -> None:
    ticket = await with_ticket(shop)
    shop.chat.faults_of_visitors.held.add(CHAT)
    shop.chat.faults_of_visitors.before += [RetryableError("busy", certain=True)]
    shop.helpdesk.agent_corrects(ticket, Contact("Anna", "anna@example.com"))
    await until(lambda: calls(shop) == 1)
    for number in range(3):
        shop.helpdesk.agent_replies(ticket, BO, f"{number}")
    await until(lambda: shop.heard() == ["0", "1", "2"])
    shop.helpdesk.agent_corrects(ticket, Contact("Hanna"))
    await planned(shop, "contact_changed", 2)
    shop.chat.faults_of_visitors.held.clear()
    await until(lambda: name(shop) == "Hanna")
    assert shop.chat.visitors[CHAT].email == "anna@example.com"
    assert calls(shop) == 3


async def test_one_that_was_cut_off_is_made_again_at_once_and_after_a_kill(shop: Shop) -> None:
    shop.doubt_seconds = 600.0
    ticket = await with_ticket(shop)
    shop.chat.faults_of_visitors.after += [RetryableError("no answer", certain=False)]
    shop.helpdesk.agent_corrects(ticket, Contact("Anna"))
    await until(lambda: calls(shop) == 2)
    shop.chat.faults_of_visitors.held.add(CHAT)
    shop.helpdesk.agent_corrects(ticket, Contact("Hanna"))
    await until(lambda: calls(shop) == 3)
    await shop.kill()
    shop.chat.faults_of_visitors.held.clear()
    await shop.start()
    await until(lambda: name(shop) == "Hanna")
    assert calls(shop) == 4


async def test_one_that_is_refused_is_parked_with_one_note_and_brings_no_old_value_back(shop: Shop) -> None:
    ticket = await with_ticket(shop)
    before = len(shop.notes())
    shop.chat.faults_of_visitors.before += [RejectedError("no")]
    shop.helpdesk.agent_corrects(ticket, Contact("Anna", "anna@example.com"))
    await until(lambda: len(shop.notes()) > before)
    assert shop.notes()[before:] == [
        "The corrected name and email did not reach the chat, where the visitor keeps the former: no."
    ]
    shop.helpdesk.agent_corrects(ticket, Contact("Hanna"))
    await until(lambda: name(shop) == "Hanna")
    keys = await shop.database.run(
        lambda db: [row[0] for row in db.exec_driver_sql("SELECT key FROM outbox WHERE state = 'parked'")]
    )
    await shop.database.run(lambda db: carry_out(db, Retry(tuple(keys)), 0.0))
    shop.daemon.wake(SHOP, "contact")
    await until(lambda: shop.chat.visitors[CHAT].email == "anna@example.com")
    assert name(shop) == "Hanna"
    assert len(shop.notes()) == before + 1


async def test_a_chat_that_is_away_gets_it_later(shop: Shop) -> None:
    ticket = await with_ticket(shop)
    shop.chat.faults_of_visitors.before += [UnavailableError("away", certain=True)]
    shop.helpdesk.agent_corrects(ticket, Contact("Anna"))
    await until(lambda: name(shop) == "Anna", 10)


async def test_a_correction_on_a_former_ticket_or_a_foreign_one_changes_nothing(shop: Shop) -> None:
    ticket = await with_ticket(shop)
    shop.helpdesk.throw_away_ticket(ticket)
    await planned(shop, "ticket_deleted", 1)
    shop.chat.visitor_says(ANN, "again")
    await until(lambda: shop.helpdesk.tickets)
    await until(lambda: "again" in " ".join(shop.shown()))
    shop.helpdesk.agent_corrects(ticket, Contact("Old"))
    await planned(shop, "contact_changed", 1)
    shop.helpdesk.agent_corrects(shop.ticket, Contact("New"))
    await until(lambda: name(shop) == "New")
    assert calls(shop) == 1


async def test_corrections_count_as_calls_and_leave_some_for_replies(tmp_path: Path) -> None:
    async with opened(ScarceShop, tmp_path) as shop:
        ticket = await with_ticket(shop)
        people = [Visitor(f"visitor{number}", "Ann") for number in range(2 * CALLS.calls)]
        for visitor in people:
            shop.chat.visitor_says(visitor, "hello")
        await until(lambda: len(shop.helpdesk.tickets) == len(people) + 1, 20)
        await until(lambda: all(one.comments for one in shop.helpdesk.tickets.values()), 20)
        await asyncio.sleep(CALLS.seconds)
        for other in set(shop.helpdesk.tickets) - {ticket}:
            shop.helpdesk.agent_corrects(other, Contact("Anna"))
        await until(lambda: len(shop.chat.meter.taken) >= spared(CALLS).calls)
        shop.helpdesk.agent_replies(ticket, BO, "at once")
        await until(shop.heard)
        assert sum(visitor.name == "Anna" for visitor in shop.chat.visitors.values()) < len(people)
        await until(lambda: sum(visitor.name == "Anna" for visitor in shop.chat.visitors.values()) == len(people), 20)
        assert shop.chat.meter.refused == 0
