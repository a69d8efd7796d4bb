"""Nothing is there twice where a call was cut off and asking what became of it fails as well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from httpx import AsyncClient
from sqlalchemy import Connection

from connectors.memory.world import MemorySettings
from syncd.contract.errors import (
    AuthError,
    ConnectorError,
    RateLimitedError,
    RejectedError,
    RetryableError,
    UnavailableError,
)
from syncd.contract.http import Http
from syncd.contract.model import Cursor, DeliveryKey, EventPage, Receipt, TicketDraft, TicketId, Visitor
from syncd.store.tables import lane, outbox

from .conftest import ANN, SHOP, Shop, until
from .faulty_ends import Faults, FaultyHelpdesk

S = TypeVar("S", bound=Shop)
DAY = 86400.0
CUT = RetryableError("POST failed: ReadTimeout (no answer)", certain=False)


class MoodyHelpdesk(FaultyHelpdesk):
    """Takes no keys, so that what is sent twice is there twice; everything it is asked fails to order."""

    def __init__(self, settings: MemorySettings, http: Http) -> None:
        super().__init__(settings, http)
        self.opening, self.looking, self.polling, self.checking = Faults(), Faults(), Faults(), Faults()
        self.odd_ids: list[str] = []

    async def check(self) -> str:
        await self.checking.enter("", DeliveryKey(""))
        return await super().check()

    async def poll(self, after: Cursor | None) -> EventPage:
        await self.polling.enter("", DeliveryKey(""))
        return await super().poll(after)

    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        await self.opening.enter("", key)
        self.world.taken.pop(key, None)
        receipt = await super().open_ticket(draft, key=key)
        self.opening.leave()
        return receipt

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        self.world.taken.pop(key, None)
        receipt = await super().add_comment(ticket, text, key=key)
        return replace(receipt, id=self.odd_ids.pop()) if self.odd_ids else receipt

    async def find_delivery(self, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
        await self.looking.enter("", key)
        return await super().find_delivery(key, ticket)


class MoodyShop(Shop):
    """A shop with such a helpdesk."""

    helpdesk: MoodyHelpdesk

    def __init__(self, path: Path, http: Http) -> None:
        super().__init__(path, http)
        self.helpdesk = MoodyHelpdesk(MemorySettings(poll_seconds=0.02), http)


@asynccontextmanager
async def opened(kind: type[S], folder: Path) -> AsyncIterator[S]:
    """Run a shop of some kind."""
    async with AsyncClient() as client:
        shop = kind(folder / "syncd.db", Http(client))
        await shop.start()
        try:
            yield shop
        finally:
            await shop.stop()


async def until_state(shop: Shop, kind: str, state: str) -> None:
    """Wait until some delivery of a kind is in a state."""
    async with asyncio.timeout(5):
        while (kind, state) not in await shop.states():
            await asyncio.sleep(0.01)


async def hurry(shop: Shop, words: str) -> None:
    """Let every lane that rests be due, and let one more line of Ann's make the daemon look."""

    def end_rests(connection: Connection) -> None:
        connection.execute(lane.update().where(lane.c.due_at.is_not(None)).values(due_at=0.0))

    await shop.database.run(end_rests)
    shop.chat.visitor_says(ANN, words)


async def grow_old(shop: Shop, days: float) -> None:
    """Let every delivery have been planned some days earlier."""

    def move(connection: Connection) -> None:
        connection.execute(outbox.update().values(created_at=outbox.c.created_at - days * DAY))

    await shop.database.run(move)


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


@pytest.mark.parametrize(
    "error",
    [
        UnavailableError("GET failed: ConnectError (not reached)", certain=True),
        RateLimitedError("GET answered 429", retry_after=0.1),
        RetryableError("GET failed: ReadTimeout (no answer)", certain=True),
    ],
    ids=["away", "limited", "no answer"],
)
async def test_a_look_that_fails_leaves_the_line_in_doubt_and_it_is_there_once(
    talking: MoodyShop, error: ConnectorError
) -> None:
    talking.helpdesk.faults.after.append(CUT)
    talking.helpdesk.looking.before.append(error)
    talking.chat.visitor_says(ANN, "only once please")
    await until_state(talking, "add_comment", "in_doubt")
    await hurry(talking, "second")
    await until(lambda: talking.helpdesk.looking.calls)
    await until_state(talking, "add_comment", "in_doubt")
    await hurry(talking, "third")
    await until(lambda: "third" in "".join(talking.shown()))
    assert len(talking.helpdesk.looking.calls) == 2
    assert "".join(talking.shown()).count("only once please") == 1


async def test_a_look_that_fails_leaves_the_opening_in_doubt_and_there_is_one_ticket(shop: MoodyShop) -> None:
    shop.helpdesk.opening.after.append(CUT)
    shop.helpdesk.looking.before.append(UnavailableError("GET answered 503", certain=True))
    shop.chat.visitor_says(ANN, "hello")
    await until_state(shop, "open_ticket", "in_doubt")
    await hurry(shop, "second")
    await until(lambda: shop.helpdesk.looking.calls)
    await until_state(shop, "open_ticket", "in_doubt")
    await hurry(shop, "third")
    await until(lambda: "third" in "".join(shop.shown()))
    assert len(shop.helpdesk.opening.calls) == 1
    assert "".join(shop.shown()).count("hello") == 1


async def test_killed_after_the_helpdesk_took_a_line_and_unable_to_ask_at_the_restart_it_is_there_once(
    talking: MoodyShop,
) -> None:
    talking.helpdesk.faults.held.add(talking.ticket)
    talking.chat.visitor_says(ANN, "only once please")
    await until(lambda: talking.helpdesk.faults.calls)
    await talking.kill()
    talking.helpdesk.faults.held.clear()
    (key,) = {key for _, key, _ in talking.helpdesk.faults.calls}
    await talking.helpdesk.add_comment(talking.ticket, "Ann: only once please", key=key)
    talking.helpdesk.looking.before.append(UnavailableError("GET answered 503", certain=True))
    await talking.start()
    await until(lambda: talking.helpdesk.looking.calls)
    await until_state(talking, "add_comment", "in_doubt")
    await hurry(talking, "second")
    await until(lambda: "second" in "".join(talking.shown()))
    assert "".join(talking.shown()).count("only once please") == 1


async def test_what_was_in_doubt_for_days_and_is_not_found_is_parked_with_one_note_and_not_sent_again(
    talking: MoodyShop,
) -> None:
    talking.helpdesk.faults.before.append(CUT)
    talking.chat.visitor_says(ANN, "never arrived")
    await until_state(talking, "add_comment", "in_doubt")
    await grow_old(talking, days=4)
    await hurry(talking, "back again")
    await until(lambda: len(talking.notes()) == 2)
    await until(lambda: "back again" in "".join(talking.shown()))
    assert "given up after 96 hours" in talking.notes()[1]
    assert "never arrived" not in "".join(talking.shown())
    assert [state for _, state in await talking.states()].count("parked") == 1


async def test_a_receipt_that_cannot_be_stored_leaves_the_line_in_doubt_and_the_lane_goes_on(
    talking: MoodyShop,
) -> None:
    talking.helpdesk.odd_ids.append("\ud800")
    talking.chat.visitor_says(ANN, "only once please")
    await until_state(talking, "add_comment", "in_doubt")
    await hurry(talking, "goes on")
    await until(lambda: "goes on" in "".join(talking.shown()))
    assert "".join(talking.shown()).count("only once please") == 1
    assert talking.daemon.failed_loop() is None


@pytest.mark.parametrize(
    "error", [AuthError("GET answered 403: the key lacks a right"), RejectedError("GET answered 400")]
)
async def test_a_look_that_is_refused_parks_its_line_with_one_note_and_holds_nobody_else(
    talking: MoodyShop, error: ConnectorError
) -> None:
    talking.helpdesk.faults.after.append(CUT)
    talking.helpdesk.looking.before += [error] * 50
    talking.chat.visitor_says(ANN, "in doubt")
    await until_state(talking, "add_comment", "parked")
    await until(lambda: len(talking.notes()) == 2)
    talking.chat.visitor_says(Visitor("bob", "Bob"), "somebody else")
    await until(lambda: len(talking.helpdesk.tickets) == 2)
    assert talking.daemon.healths[SHOP, "helpdesk"].state == "ok"
