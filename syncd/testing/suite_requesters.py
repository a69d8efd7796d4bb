"""The suite of who a ticket is from, changed later."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from uuid import uuid4

import pytest

from syncd.contract.errors import MissingTargetError
from syncd.contract.model import TicketDraft, TicketId, Visitor
from syncd.contract.ports import UpdatesRequester
from syncd.testing.suite_ends import HelpdeskEnd, draft, new_key, new_text


class ChoosesRequester(ABC):
    """A helpdesk whose people may say who a ticket is from."""

    @abstractmethod
    async def people_choose_requester(self, ticket: TicketId, email: str) -> None:
        """Let an agent make the person with an address the only requester."""


def changing(end: HelpdeskEnd) -> UpdatesRequester:
    """Give the end's connector as one that changes requesters."""
    assert isinstance(end.connector, UpdatesRequester)
    return end.connector


def choosing(end: HelpdeskEnd) -> ChoosesRequester:
    """Give the end as one whose people choose requesters."""
    assert isinstance(end, ChoosesRequester)
    return end


def anonymous() -> TicketDraft:
    """Make a ticket of a visitor of whom nothing but an id is known."""
    made = draft(new_text())
    return replace(made, requester=Visitor(made.requester.id))


def with_email(visitor: Visitor) -> Visitor:
    """Give the same visitor once they have told who they are, by an address that nobody else has."""
    return replace(visitor, name="Jane Doe", email=f"jane-{uuid4().hex[:12]}@example.com")


async def opened(end: HelpdeskEnd, wanted: TicketDraft) -> TicketId:
    """Open a ticket."""
    receipt = await end.connector.open_ticket(wanted, key=new_key())
    assert receipt.ticket
    return receipt.ticket


class UpdatesRequesterSuite:
    """For helpdesks whose tickets can get another requester; their ends are `ChoosesRequester` too."""

    async def test_two_visitors_of_whom_nothing_is_known_stay_two(self, end: HelpdeskEnd) -> None:
        one, other = anonymous(), anonymous()
        first, second = await opened(end, one), await opened(end, other)
        placeholder = await end.requester(second)
        if placeholder:
            assert await end.requester(first) != placeholder
        told = with_email(one.requester)
        await changing(end).update_requester(first, told, [one.requester])
        assert await end.requester(first) == told.email
        assert await end.requester(second) == placeholder

    async def test_an_address_that_is_corrected_replaces_the_former(self, end: HelpdeskEnd) -> None:
        was = with_email(Visitor(uuid4().hex))
        ticket = await opened(end, replace(draft(new_text()), requester=was))
        told = with_email(was)
        await changing(end).update_requester(ticket, told, [was])
        assert await end.requester(ticket) == told.email

    async def test_the_same_again_and_what_is_overtaken_change_nothing(self, end: HelpdeskEnd) -> None:
        one = anonymous()
        ticket = await opened(end, one)
        told, last = with_email(one.requester), with_email(one.requester)
        for _ in range(2):
            await changing(end).update_requester(ticket, told, [one.requester])
        await changing(end).update_requester(ticket, last, [told, one.requester])
        await changing(end).update_requester(ticket, told, [one.requester])
        assert await end.requester(ticket) == last.email

    async def test_whom_an_agent_chose_stays(self, end: HelpdeskEnd) -> None:
        one = anonymous()
        ticket = await opened(end, one)
        chosen = f"chosen-{uuid4().hex[:12]}@example.com"
        await choosing(end).people_choose_requester(ticket, chosen)
        await changing(end).update_requester(ticket, with_email(one.requester), [one.requester])
        assert await end.requester(ticket) == chosen

    async def test_a_name_alone_leaves_the_person(self, end: HelpdeskEnd) -> None:
        one = anonymous()
        ticket = await opened(end, one)
        before = await end.requester(ticket)
        named = replace(one.requester, name="Jane Doe")
        await changing(end).update_requester(ticket, named, [one.requester])
        assert await end.requester(ticket) == before
        told = with_email(named)
        await changing(end).update_requester(ticket, told, [named])
        assert await end.requester(ticket) == told.email

    async def test_the_requester_of_a_vanished_ticket_is_a_missing_target(self, end: HelpdeskEnd) -> None:
        visitor = anonymous().requester
        with pytest.raises(MissingTargetError):
            await changing(end).update_requester(end.gone, with_email(visitor), [visitor])
