"""Statuses and priorities of a real Request Tracker, as the connector reads and sets them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.request_tracker import RequestTracker
from syncd.contract.errors import AuthError, RejectedError
from syncd.contract.model import StatusClass, TicketId, TicketStatusChanged
from tests.live.request_tracker.drafts import Connect, a_draft, a_ticket, from_now, new_key, ticket_of
from tests.live.request_tracker.server import RequestTrackerServer

pytestmark = pytest.mark.live


async def test_statuses_are_told_where_their_meaning_changes_and_never_ours(
    connector: RequestTracker, connect: Connect, request_tracker: RequestTrackerServer, asked: list[str]
) -> None:
    ticket = await a_ticket(connector)
    start = await from_now(connector)
    await connector.set_status(ticket, StatusClass.SOLVED)
    for status in ("open", "new", "stalled", "rejected"):
        request_tracker.change(ticket, Status=status)
    asked.clear()
    page = await connector.poll(start)
    told = [event.status for event in page.events if isinstance(event, TicketStatusChanged)]
    assert told == [StatusClass.OPEN, StatusClass.PENDING, StatusClass.CLOSED]
    assert asked == ["GET /REST/2.0/transactions"]
    other = connect(statuses="open=open,new,rejected pending=stalled solved=resolved closed=nothing")
    assert (await other.read_status(ticket)).status is StatusClass.OPEN
    with pytest.raises(RejectedError, match="RT_STATUSES"):
        await other.set_status(ticket, StatusClass.CLOSED)


async def test_an_account_that_may_not_change_tickets(connect: Connect, request_tracker: RequestTrackerServer) -> None:
    plain = connect(queue="Plain")
    ticket = await a_ticket(plain)
    assert (await plain.read_status(ticket)).status is StatusClass.OPEN
    with pytest.raises((RejectedError, AuthError), match="ModifyTicket"):
        await plain.set_status(ticket, StatusClass.SOLVED)
    with pytest.raises((RejectedError, AuthError), match="ModifyTicket"):
        await plain.raise_priority(ticket, 50)
    assert request_tracker.ticket(ticket)["Status"] == "new"


async def test_a_link_and_a_tag_that_are_refused_hold_up_no_ticket(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    former = await a_ticket(connector)
    for queue, follows in (("Plain", former), ("Support", TicketId("99999999"))):
        draft = replace(a_draft(queue=queue), follows=follows, tags=("checkout",))
        opened = ticket_of(await connector.open_ticket(draft, key=new_key()))
        assert request_tracker.links(opened) <= {("refers-to", former)}
    assert request_tracker.values(opened, "Tags") == ["checkout"]


async def test_a_tag_where_there_is_no_field_changes_nothing(connect: Connect) -> None:
    plain = connect(queue="Plain")
    await plain.add_tag(await a_ticket(plain), "missed")
