"""The suites of contact data: a helpdesk that tells what agents correct, and a chat that takes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from uuid import uuid4

import pytest

from syncd.contract.contact import CONTACT_FIELDS, contact_of
from syncd.contract.errors import MissingTargetError
from syncd.contract.model import Contact, ContactChanged, ContactField, ConversationId, TicketId
from syncd.contract.ports import TellsContact, UpdatesVisitors
from syncd.testing.suite_ends import ChatEnd, HelpdeskEnd, new_text
from syncd.testing.suite_hearing import read_all, read_until


class CorrectsContact(ABC):
    """A helpdesk where agents correct who asks in a ticket."""

    seen_fields: frozenset[ContactField] = frozenset(CONTACT_FIELDS)
    """Which fields' corrections the suite's account may see."""

    @abstractmethod
    async def people_correct(self, ticket: TicketId, contact: Contact) -> None:
        """Let an agent set fields of the person who asks, and remove those that are empty."""


class ShowsVisitor(ABC):
    """A chat that shows its agents who the visitor is."""

    @abstractmethod
    async def visitor(self) -> Contact:
        """Give all contact data of the conversation's visitor; empty where there is none."""


def new_contact(field: ContactField) -> Contact:
    """Make a value for a field that nobody has."""
    unique = uuid4().int % 10**10
    values = {"name": f"Zoë {unique}", "email": f"suite-{unique}@example.com", "phone": f"+1 {unique}"}
    return contact_of({field: values[field]})


def telling_contact(end: HelpdeskEnd) -> TellsContact:
    """Give the end's connector as one that tells of corrections."""
    assert isinstance(end.connector, TellsContact)
    return end.connector


def correcting(end: HelpdeskEnd) -> CorrectsContact:
    """Give the end as one whose agents correct contact data."""
    assert isinstance(end, CorrectsContact)
    return end


def updating(end: ChatEnd) -> UpdatesVisitors:
    """Give the end's connector as one that updates visitors."""
    assert isinstance(end.connector, UpdatesVisitors)
    return end.connector


def showing(end: ChatEnd) -> ShowsVisitor:
    """Give the end as one that shows its visitor."""
    assert isinstance(end, ShowsVisitor)
    return end


class TellsContactSuite:
    """For helpdesks that tell of corrections; their ends are `CorrectsContact` too."""

    async def test_each_correction_is_told_with_its_field_alone_and_once(self, end: HelpdeskEnd) -> None:
        fields = sorted(correcting(end).seen_fields)
        telling_contact(end).want_contact(frozenset(fields))
        _, cursor = await read_all(end, None)
        for field in fields:
            await correcting(end).people_correct(end.ticket, wanted := new_contact(field))
            await end.people_say(last := new_text("last"))
            events, cursor = await read_until(end, cursor, last)
            more, cursor = await read_all(end, cursor)
            heard = [one for one in [*events, *more] if isinstance(one, ContactChanged) and one.ticket == end.ticket]
            assert [one.contact for one in heard] == [wanted]

    async def test_a_field_that_is_removed_is_told_as_empty(self, end: HelpdeskEnd) -> None:
        telling_contact(end).want_contact(frozenset({"name"}))
        await correcting(end).people_correct(end.ticket, new_contact("name"))
        _, cursor = await read_all(end, None)
        await correcting(end).people_correct(end.ticket, Contact(name=""))
        events, _ = await read_all(end, cursor)
        assert [one.contact for one in events if isinstance(one, ContactChanged)] == [Contact(name="")]

    async def test_what_nobody_wants_is_not_told(self, end: HelpdeskEnd) -> None:
        telling_contact(end).want_contact(frozenset({"email"}))
        _, cursor = await read_all(end, None)
        await correcting(end).people_correct(end.ticket, new_contact("name"))
        events, _ = await read_all(end, cursor)
        assert [one for one in events if isinstance(one, ContactChanged)] == []


class UpdatesVisitorsSuite:
    """For chats whose visitors can be corrected; their ends are `ShowsVisitor` too."""

    async def test_fields_are_set_and_removed_and_all_others_stay(self, end: ChatEnd) -> None:
        whole = Contact("Jane Doe", "jane@example.com", "+353 1 568 4258")
        await updating(end).update_visitor(end.conversation, whole)
        assert await showing(end).visitor() == whole
        await updating(end).update_visitor(end.conversation, Contact(email="", phone="+353 1 568 7922"))
        assert await showing(end).visitor() == Contact("Jane Doe", "", "+353 1 568 7922")

    async def test_the_same_update_again_changes_nothing(self, end: ChatEnd) -> None:
        for _ in range(2):
            await updating(end).update_visitor(end.conversation, Contact("Jane Doe", "jane@example.com", ""))
            assert await showing(end).visitor() == Contact("Jane Doe", "jane@example.com", "")

    async def test_a_visitor_who_is_not_there_is_a_missing_target(self, end: ChatEnd) -> None:
        with pytest.raises(MissingTargetError):
            await updating(end).update_visitor(ConversationId("nobody"), Contact("Jane"))
