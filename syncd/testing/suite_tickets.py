"""The suites of what a helpdesk can do to its tickets beside comments: statuses, priorities, tags, fields."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syncd.contract.errors import MissingTargetError
from syncd.contract.model import StatusClass, TicketId, TicketStatusChanged
from syncd.contract.ports import Polls, RaisesPriority, SetsFields, SetsStatus, TagsTickets
from syncd.testing.suite_ends import (
    ODD_WORDS,
    HelpdeskEnd,
    ShowsPriority,
    ShowsTags,
    TellsStatus,
    draft,
    new_key,
    new_text,
)
from syncd.testing.suite_hearing import read_all, read_until

CLOCKS_APART = timedelta(minutes=5)


def setting(end: HelpdeskEnd) -> SetsStatus:
    """Give the end's connector as one that sets statuses."""
    assert isinstance(end.connector, SetsStatus)
    return end.connector


def raising(end: HelpdeskEnd) -> RaisesPriority:
    """Give the end's connector as one that raises priorities."""
    assert isinstance(end.connector, RaisesPriority)
    return end.connector


def tagging(end: HelpdeskEnd) -> TagsTickets:
    """Give the end's connector as one that sets tags."""
    assert isinstance(end.connector, TagsTickets)
    return end.connector


def showing(end: HelpdeskEnd) -> ShowsTags:
    """Give the end as one that shows tags."""
    assert isinstance(end, ShowsTags)
    return end


def telling(end: HelpdeskEnd) -> TellsStatus:
    """Give the end as one whose people set statuses."""
    assert isinstance(end, TellsStatus)
    return end


class SetsStatusSuite:
    """For helpdesks with statuses; their ends are `TellsStatus` too."""

    async def test_a_new_ticket_is_open(self, end: HelpdeskEnd) -> None:
        assert (await setting(end).read_status(end.ticket)).status is StatusClass.OPEN

    async def test_each_status_that_is_set_is_read_and_since_when(self, end: HelpdeskEnd) -> None:
        for status in (StatusClass.PENDING, StatusClass.SOLVED, StatusClass.OPEN, StatusClass.CLOSED):
            before = (await setting(end).read_status(end.ticket)).since
            await setting(end).set_status(end.ticket, status)
            found = await setting(end).read_status(end.ticket)
            assert found.status is status
            assert found.since >= before
            assert found.since.utcoffset() == timedelta()
            assert found.since < datetime.now(UTC) + CLOCKS_APART

    async def test_the_same_status_again_changes_nothing(self, end: HelpdeskEnd) -> None:
        await setting(end).set_status(end.ticket, StatusClass.SOLVED)
        first = await setting(end).read_status(end.ticket)
        await setting(end).set_status(end.ticket, StatusClass.SOLVED)
        assert await setting(end).read_status(end.ticket) == first

    async def test_the_status_of_a_vanished_ticket_is_a_missing_target(self, end: HelpdeskEnd) -> None:
        with pytest.raises(MissingTargetError):
            await setting(end).read_status(end.gone)
        with pytest.raises(MissingTargetError):
            await setting(end).set_status(end.gone, StatusClass.SOLVED)

    async def test_statuses_of_people_are_heard_and_ours_are_not(self, end: HelpdeskEnd) -> None:
        if not isinstance(end.connector, Polls):
            return
        _, cursor = await read_all(end, None)
        await setting(end).set_status(end.ticket, StatusClass.SOLVED)
        await telling(end).people_set(end.ticket, StatusClass.PENDING)
        await telling(end).people_set(end.ticket, StatusClass.CLOSED)
        await end.people_say(last := new_text("last"))
        events, _ = await read_until(end, cursor, last)
        heard = [one for one in events if isinstance(one, TicketStatusChanged) and one.ticket == end.ticket]
        assert [one.status for one in heard][:2] == [StatusClass.PENDING, StatusClass.CLOSED]
        assert len({one.id for one in heard}) == len(heard)
        again, _ = await read_until(end, cursor, last)
        assert [one for one in again if isinstance(one, TicketStatusChanged)] == heard

    async def test_our_comments_change_no_status(self, end: HelpdeskEnd) -> None:
        for status in (StatusClass.PENDING, StatusClass.SOLVED, StatusClass.CLOSED):
            await telling(end).people_set(end.ticket, status)
            await end.deliver(new_text(), new_key())
            assert (await setting(end).read_status(end.ticket)).status is status


class RaisesPrioritySuite:
    """For helpdesks with priorities; their ends are `ShowsPriority` too."""

    async def test_a_priority_is_raised_and_never_lowered(self, end: HelpdeskEnd) -> None:
        for asked, shown in ((30, 30), (20, 30), (30, 30), (60, 60)):
            await raising(end).raise_priority(end.ticket, asked)
            assert isinstance(end, ShowsPriority)
            assert await end.priority(end.ticket) == shown

    async def test_the_priority_of_a_vanished_ticket_is_a_missing_target(self, end: HelpdeskEnd) -> None:
        with pytest.raises(MissingTargetError):
            await raising(end).raise_priority(end.gone, 10)


class TagsTicketsSuite:
    """For helpdesks with tags; their ends are `ShowsTags` too."""

    async def test_the_tags_of_a_draft_are_on_the_ticket_and_another_comes_to_them_once(self, end: HelpdeskEnd) -> None:
        tagged = replace(draft(new_text()), tags=("first", "zwei ü"))
        opened = await end.connector.open_ticket(tagged, key=new_key())
        assert opened.ticket
        assert sorted(await showing(end).tags(opened.ticket)) == ["first", "zwei ü"]
        for _ in range(2):
            await tagging(end).add_tag(opened.ticket, "missed")
        assert sorted(await showing(end).tags(opened.ticket)) == ["first", "missed", "zwei ü"]

    async def test_a_tag_for_a_vanished_ticket_is_a_missing_target(self, end: HelpdeskEnd) -> None:
        with pytest.raises(MissingTargetError):
            await tagging(end).add_tag(end.gone, "missed")


class ShowsFields(ABC):
    """A helpdesk whose tickets have at least two fields that take any words."""

    free_fields: tuple[str, str]

    @abstractmethod
    async def fields_on(self, ticket: TicketId) -> Mapping[str, str]:
        """Give those fields of a ticket that have something in them."""


def with_fields(end: HelpdeskEnd) -> tuple[SetsFields, ShowsFields]:
    """Give the end's connector as one that sets fields, and the end as one that shows them."""
    assert isinstance(end.connector, SetsFields)
    assert isinstance(end, ShowsFields)
    return end.connector, end


class SetsFieldsSuite:
    """For helpdesks with fields; their ends are `ShowsFields` too."""

    async def test_a_new_ticket_has_its_fields_and_the_receipt_refuses_none(self, end: HelpdeskEnd) -> None:
        _, shown = with_fields(end)
        wanted = dict(zip(shown.free_fields, (ODD_WORDS, "0"), strict=True))
        receipt = await end.connector.open_ticket(
            replace(draft(new_text()), fields=tuple(wanted.items())), key=new_key()
        )
        assert receipt.ticket
        assert receipt.refused == ()
        found = await shown.fields_on(receipt.ticket)
        assert {name: found.get(name) for name in wanted} == wanted

    async def test_one_bad_field_keeps_no_other_out_and_is_named(self, end: HelpdeskEnd) -> None:
        _, shown = with_fields(end)
        fields = (("No such field", "a"), (shown.free_fields[0], "b"))
        receipt = await end.connector.open_ticket(replace(draft(new_text()), fields=fields), key=new_key())
        assert receipt.ticket
        assert receipt.refused == ("No such field",)
        assert (await shown.fields_on(receipt.ticket))[shown.free_fields[0]] == "b"

    async def test_the_fields_of_the_own_queue_are_named(self, end: HelpdeskEnd) -> None:
        connector, shown = with_fields(end)
        named = await connector.fields_of("")
        assert named >= set(shown.free_fields)
        assert "No such field" not in named
