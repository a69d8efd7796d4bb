"""Visitors who tell who they are while they chat, whatever fails or is killed on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from connectors.memory import MemoryHelpdesk
from connectors.memory.world import MemorySettings
from syncd.contract.errors import ConnectorError, RejectedError, RetryableError
from syncd.contract.http import Http
from syncd.contract.model import (
    ConversationId,
    Cursor,
    DeliveryKey,
    EventPage,
    Receipt,
    StatusClass,
    TicketDraft,
    TicketId,
    Visitor,
)
from syncd.contract.ports import HelpdeskConnector, Polls, UpdatesRequester
from syncd.core.lifecycle import Lifecycle
from syncd.core.plan import Policy
from tests.engine.conftest import ANN, Shop, planned, until
from tests.engine.faulty_ends import TAG, FaultyHelpdesk

NOBODY = Visitor(ANN.id, "Visitor")
CHOSEN = Visitor("", "Somebody else", "else@example.com")


class StubbornHelpdesk(FaultyHelpdesk):
    """Fails to change requesters to order, before or after it did; `calls_for` counts the calls."""

    def __init__(self, settings: MemorySettings, http: Http) -> None:
        super().__init__(settings, http)
        self.before: list[ConnectorError] = []
        self.hangs_after = False
        self.calls_for: list[str] = []

    async def update_requester(self, ticket: TicketId, requester: Visitor, instead_of: Sequence[Visitor]) -> None:
        self.calls_for.append(requester.email)
        if self.before:
            raise self.before.pop(0)
        await super().update_requester(ticket, requester, instead_of)
        while self.hangs_after:
            await asyncio.sleep(0.005)


class FilelessHelpdesk(HelpdeskConnector, Polls, UpdatesRequester):
    """Can do what its class line says with another's tickets, and no more."""

    def __init__(self, whole: MemoryHelpdesk) -> None:
        self._whole = whole
        self.poll_seconds = whole.poll_seconds

    @property
    def account(self) -> str:
        return self._whole.account

    async def check(self) -> str:
        return await self._whole.check()

    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        return await self._whole.open_ticket(draft, key=key)

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        return await self._whole.add_comment(ticket, text, key=key)

    async def poll(self, after: Cursor | None) -> EventPage:
        return await self._whole.poll(after)

    async def update_requester(self, ticket: TicketId, requester: Visitor, instead_of: Sequence[Visitor]) -> None:
        await self._whole.update_requester(ticket, requester, instead_of)


class Desk(Shop):
    """A shop whose helpdesk changes requesters."""

    helpdesk: StubbornHelpdesk
    takes_files = True

    @property
    def desk(self) -> HelpdeskConnector:
        return self.helpdesk if self.takes_files else FilelessHelpdesk(self.helpdesk)

    def says(self, visitor: Visitor, text: str) -> None:
        self.chat.visitor_says(visitor, text)

    async def shows(self, text: str, seconds: float = 5.0) -> None:
        """Wait until a line is on the ticket."""
        await until(lambda: any(text in shown for shown in self.shown()), seconds)

    @property
    def requester(self) -> Visitor:
        return self.helpdesk.tickets[self.ticket].requester

    async def is_done(self, *states: str) -> None:
        """Wait until the changes of requesters that were ever planned have these states, oldest first; else fail."""
        async with asyncio.timeout(8):
            while tuple(state for kind, state in await self.states() if kind == "update_requester") != states:
                await asyncio.sleep(0.005)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with httpx.AsyncClient() as client:
        made = Desk(tmp_path / "syncd.db", Http(client))
        made.helpdesk = StubbornHelpdesk(MemorySettings(poll_seconds=0.02), Http(client))
        made.policy = Policy(tag=TAG, updates_requester=True)
        await made.start()
        made.says(NOBODY, "hello")
        await until(made.shown)
        yield made
        await made.stop()


async def test_an_e_mail_that_is_given_later_changes_the_requester_once_over_restarts(desk: Desk) -> None:
    assert desk.requester == NOBODY
    for number in range(3):
        desk.says(ANN, f"line {number}")
        await desk.shows(f"line {number}")
        await desk.is_done("sent")
        await desk.stop()
        await desk.start()
    assert desk.requester == ANN
    assert desk.helpdesk.calls_for == [ANN.email]


async def test_whom_an_agent_chose_stays_after_a_kill_between_the_call_and_its_answer(desk: Desk) -> None:
    desk.helpdesk.hangs_after = True
    desk.says(ANN, "it is me")
    await until(lambda: desk.requester == ANN)
    await desk.kill()
    desk.helpdesk.agent_makes_requester(desk.ticket, CHOSEN)
    desk.helpdesk.hangs_after = False
    desk.doubt_seconds = 0.05
    await desk.start()
    await desk.is_done("sent")
    assert desk.helpdesk.calls_for == [ANN.email] * 2
    assert desk.requester == CHOSEN
    desk.says(replace(ANN, email="ann@other.example"), "from home")
    await desk.is_done("sent", "sent")
    assert desk.requester == CHOSEN


async def test_a_requester_that_cannot_be_changed_yet_holds_up_no_line(desk: Desk) -> None:
    desk.helpdesk.before = [RetryableError("busy", certain=False)] * 2
    desk.says(ANN, "it is me")
    await until(lambda: desk.helpdesk.calls_for)
    for number in range(3):
        desk.says(ANN, f"line {number}")
        await desk.shows(f"line {number}", 0.4)
    assert desk.requester == NOBODY
    await desk.is_done("sent")
    assert desk.requester == ANN


async def test_what_is_refused_is_one_note_and_the_next_address_is_tried(desk: Desk) -> None:
    desk.helpdesk.before = [RejectedError("no right")]
    desk.says(ANN, "it is me")
    await desk.is_done("parked")
    await until(lambda: [note for note in desk.notes() if "requester ann@example.com" in note and "no right" in note])
    other = replace(ANN, email="ann@other.example")
    desk.says(other, "or this")
    await desk.is_done("parked", "sent")
    assert desk.requester == other
    assert len([note for note in desk.notes() if "could not change" in note]) == 1


async def test_the_ticket_that_takes_the_place_of_one_that_vanished_is_from_who_is_known_by_then(desk: Desk) -> None:
    desk.says(ANN, "it is me")
    await desk.is_done("sent")
    desk.helpdesk.delete_ticket(desk.ticket)
    desk.says(ANN, "still there?")
    await desk.shows("still there")
    assert desk.requester == ANN


async def test_the_ticket_that_follows_one_that_could_not_be_reopened_is_from_who_is_known_by_then(desk: Desk) -> None:
    desk.says(ANN, "it is me")
    await desk.is_done("sent")
    await desk.stop()
    desk.policy = replace(desk.policy, lifecycle=Lifecycle(sets_status=True))
    await desk.start()
    former = desk.ticket
    desk.helpdesk.refuses = True
    desk.helpdesk.agent_sets(former, StatusClass.SOLVED, at=datetime.now(UTC) + timedelta(seconds=1))
    await planned(desk, "ticket_status_changed", 1)
    desk.says(ANN, "again")
    await until(lambda: len(desk.helpdesk.tickets) == 2)
    (new,) = set(desk.helpdesk.tickets) - {former}
    assert desk.helpdesk.tickets[new].requester == ANN


async def test_a_conversation_of_an_earlier_syncd_learns_as_well(desk: Desk) -> None:
    with desk.other_connection() as other:
        other.execute("DELETE FROM requester")
    desk.says(ANN, "it is me")
    await desk.is_done("sent")
    assert desk.requester == ANN


async def test_two_visitors_of_whom_nothing_is_known_stay_two(desk: Desk) -> None:
    desk.says(Visitor("bob"), "me too")
    await until(lambda: len(desk.helpdesk.tickets) == 2)
    desk.says(ANN, "it is me")
    await desk.is_done("sent")
    found = {ticket.draft.conversation: ticket.requester for ticket in desk.helpdesk.tickets.values()}
    assert found == {ConversationId(ANN.id): ANN, ConversationId("bob"): Visitor("bob", "Visitor")}


async def test_a_helpdesk_that_takes_no_files_has_its_requesters_changed_all_the_same(desk: Desk) -> None:
    await desk.stop()
    desk.takes_files = False
    await desk.start()
    desk.says(ANN, "it is me")
    await desk.is_done("sent")
    assert desk.requester == ANN
