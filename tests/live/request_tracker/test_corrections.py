"""Corrections of who asks in a ticket, as a real Request Tracker shows them and the connector tells them."""

from __future__ import annotations

import pytest

from connectors.request_tracker import RequestTracker
from syncd.contract.contact import CONTACT_FIELDS
from syncd.contract.model import CommentAdded, Contact, ContactChanged, Cursor
from tests.live.request_tracker.drafts import Connect, a_ticket, from_now
from tests.live.request_tracker.server import RequestTrackerServer

pytestmark = pytest.mark.live


@pytest.fixture
def connector(connect: Connect) -> RequestTracker:
    one = connect()
    one.want_contact(frozenset(CONTACT_FIELDS))
    return one


async def told(connector: RequestTracker, after: Cursor, ticket: str) -> tuple[list[Contact], Cursor]:
    """Poll until nothing is waiting; give what was corrected of who asks in the ticket."""
    found: list[Contact] = []
    more = True
    while more:
        page = await connector.poll(after)
        found += [one.contact for one in page.events if isinstance(one, ContactChanged) and one.ticket == ticket]
        after, more = page.cursor, page.more
    return found, after


async def test_several_changes_between_two_polls_are_told_once_with_what_there_is_then(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    ticket = await a_ticket(connector, email="jane.once@example.com")
    start = await from_now(connector)
    for name in ("Janet", "Jean", "Jane"):
        request_tracker.correct(ticket, Contact(name))
    request_tracker.correct(ticket, Contact(email="jane.doe@example.com"))
    found, after = await told(connector, start, ticket)
    assert found == [Contact("Jane", "jane.doe@example.com")]
    assert await told(connector, after, ticket) == ([], after)


async def test_a_poll_makes_two_calls_more_and_others_only_when_something_was_corrected(
    connector: RequestTracker, asked: list[str]
) -> None:
    start = await from_now(connector)
    asked.clear()
    await connector.poll(start)
    assert asked == ["GET /REST/2.0/transactions"] * 3


async def test_another_person_in_the_place_is_told_whole_without_what_nobody_knows(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    ticket = await a_ticket(connector, name="Visitor")
    start = await from_now(connector)
    request_tracker.change(ticket, Requestor="agent2@rt.test")
    found, _ = await told(connector, start, ticket)
    assert found == [Contact("Zoë Agent", "agent2@rt.test")]


async def test_a_made_up_address_is_never_told(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    ticket, other = await a_ticket(connector), await a_ticket(connector, name="Bob")
    start = await from_now(connector)
    request_tracker.change(ticket, Requestor=request_tracker.ticket(other)["Requestor"][0]["id"])
    found, _ = await told(connector, start, ticket)
    assert found == [Contact("Bob")]


async def test_of_two_who_ask_nobody_knows_the_visitor_until_one_is_left(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    ticket = await a_ticket(connector, email="first@example.com")
    start = await from_now(connector)
    request_tracker.ask("PUT", f"ticket/{ticket}", {"Requestor": ["first@example.com", "agent1@rt.test"]})
    found, after = await told(connector, start, ticket)
    assert found == []
    request_tracker.change(ticket, Requestor="first@example.com")
    found, after = await told(connector, after, ticket)
    assert found == []
    request_tracker.ask("PUT", f"ticket/{ticket}", {"Requestor": ["first@example.com", "agent1@rt.test"]})
    _, after = await told(connector, after, ticket)
    request_tracker.change(ticket, Requestor="agent1@rt.test")
    found, _ = await told(connector, after, ticket)
    assert found == [Contact("Agent One", "agent1@rt.test")]


async def test_a_customer_with_two_tickets_is_corrected_on_both(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    tickets = [await a_ticket(connector, email="twice@example.com") for _ in range(2)]
    start = await from_now(connector)
    request_tracker.correct(tickets[0], Contact("Twice"))
    assert [(await told(connector, start, ticket))[0] for ticket in tickets] == [[Contact("Twice")]] * 2


async def test_our_own_changes_are_no_corrections_and_phones_take_the_right_to_edit_users(
    connect: Connect, connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    able = connect(token=request_tracker.tokens["admin"])
    able.want_contact(frozenset(CONTACT_FIELDS))
    ticket = await a_ticket(able, email="phones@example.com")
    start, blind = await from_now(able), await from_now(connector)
    request_tracker.correct(ticket, Contact("By us", phone="+1 555"), by="admin")
    found, start = await told(able, start, ticket)
    assert found == []
    request_tracker.correct(ticket, Contact(phone="+1 777"))
    assert (await told(able, start, ticket))[0] == [Contact(phone="+1 777")]
    assert (await told(connector, blind, ticket))[0] == [Contact("By us")]
    assert (await able.check()).endswith("tags in Tags")
    assert (await connector.check()).endswith("corrections of phone are not seen: give the account AdminUsers")


async def test_a_cursor_of_before_goes_on_and_corrections_begin_with_it(
    connect: Connect, connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    plain = connect()
    ticket = await a_ticket(plain, email="before@example.com")
    start = await from_now(plain)
    assert "/" not in start
    request_tracker.correct(ticket, Contact("Too early"))
    request_tracker.change(ticket, Requestor="agent2@rt.test")
    said = request_tracker.reply(ticket, "hello")
    page = await connector.poll(start)
    assert [one.comment.id if isinstance(one, CommentAdded) else one for one in page.events] == [said]
    request_tracker.change(ticket, Requestor="before@example.com")
    request_tracker.correct(ticket, Contact("In time"))
    found, after = await told(connector, page.cursor, ticket)
    assert found == [Contact("In time", "before@example.com")]
    page = await plain.poll(after)
    assert "/" not in page.cursor
    assert page.events == ()
