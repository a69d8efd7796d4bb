"""A delivery whose row is damaged is parked as loudly as any other: one note, one line in the log, one count."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Connection, text

from syncd.contract.model import Author, ConversationId, Role, TicketId
from syncd.core.sentences import SENTENCES

from .conftest import ANN, Shop, until
from .faulty_ends import Faults
from .test_adversity_doubt import until_state
from .test_adversity_limits import logged
from .test_adversity_rows import DAMAGES
from .test_flow import fragment

BO = Author(Role.AGENT, "Bo", "bo@example.com")
REASON = "its row in the database cannot be read"


async def damage_what_waits(shop: Shop, damaged: str) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text(f"UPDATE outbox SET body = {damaged} WHERE state = 'waiting'"))  # noqa: S608  (our own words)

    await shop.database.run(work)


async def hold(shop: Shop, faults: Faults, target: TicketId | ConversationId) -> None:
    """Let the next call for a target take long."""
    await shop.webhook(fragment("hello"))
    await until(shop.shown)
    shop.chat.visitors[ConversationId(ANN.id)] = ANN
    faults.calls.clear()
    faults.held.add(target)


def notes_about_it(shop: Shop) -> list[str]:
    return [note for note in shop.notes() if REASON in note]


def parked(shop: Shop, end: str, kind: str) -> float | None:
    registry = shop.metrics.render([], 0.0).decode()
    wanted = f'syncd_deliveries_total{{bridge="shop",end="{end}",kind="{kind}",outcome="park"}} '
    return next((float(line.removeprefix(wanted)) for line in registry.splitlines() if line.startswith(wanted)), None)


@pytest.mark.parametrize("damaged", DAMAGES.values(), ids=DAMAGES)
async def test_a_line_whose_row_is_damaged_is_noted_logged_and_counted_once(shop: Shop, damaged: str) -> None:
    await shop.webhook(fragment("hello"))
    await until(shop.shown)
    await hold(shop, shop.helpdesk.faults, shop.ticket)
    await shop.webhook(fragment("under way", first_id=2))
    await until(lambda: shop.helpdesk.faults.calls)
    await shop.webhook(fragment("my card is 4111", first_id=3))
    await until_state(shop, "add_comment", "waiting")
    await damage_what_waits(shop, damaged)
    with logged() as lines:
        shop.helpdesk.faults.held.clear()
        await until(lambda: notes_about_it(shop))
        await shop.webhook(fragment("goes on", first_id=4))
        await until(lambda: "goes on" in "".join(shop.shown()))
    assert len(notes_about_it(shop)) == 1
    assert [line.count("is parked: " + REASON) for line in lines if "parked" in line] == [1]
    assert parked(shop, "helpdesk", "add_comment") == 1.0


async def test_a_reply_whose_row_is_damaged_is_noted_logged_and_counted_once(shop: Shop) -> None:
    await hold(shop, shop.chat.faults, ConversationId(ANN.id))
    shop.helpdesk.agent_replies(shop.ticket, BO, "under way")
    await until(lambda: shop.chat.faults.calls)
    shop.helpdesk.agent_replies(shop.ticket, BO, "damaged")
    await until_state(shop, "post_message", "waiting")
    await damage_what_waits(shop, "x'7b'")
    with logged() as lines:
        shop.chat.faults.held.clear()
        await until(lambda: notes_about_it(shop))
        shop.helpdesk.agent_replies(shop.ticket, BO, "goes on")
        await until(lambda: shop.heard() == ["under way", "goes on"])
        await asyncio.sleep(0.1)
    (note,) = notes_about_it(shop)
    assert SENTENCES["lost_words"].template in note
    assert [line.count("is parked: " + REASON) for line in lines if "parked" in line] == [1]
    assert parked(shop, "chat", "post_message") == 1.0
