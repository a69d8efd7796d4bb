"""Who a ticket of a real Request Tracker is from, changed by the connector: nobody is mailed, nobody overruled."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from connectors.request_tracker import RequestTracker
from syncd.contract.errors import RejectedError, RetryableError, UnavailableError
from syncd.contract.http import Http
from syncd.contract.model import TicketId, Visitor
from tests.live.request_tracker.drafts import Connect, a_draft, new_key, ticket_of
from tests.live.request_tracker.server import RequestTrackerServer

pytestmark = pytest.mark.live


def nobody_knows() -> Visitor:
    return Visitor(uuid4().hex)


def jane(visitor: Visitor) -> Visitor:
    return Visitor(visitor.id, "Jane Doe", f"Jane+{uuid4().hex[:12]}@Example.org")


async def opened(connector: RequestTracker, visitor: Visitor) -> TicketId:
    draft = a_draft(id=visitor.id, name=visitor.name, email=visitor.email)
    return ticket_of(await connector.open_ticket(draft, key=new_key()))


def addresses(desk: RequestTrackerServer, ticket: TicketId) -> list[str]:
    return sorted(person["EmailAddress"] for person in desk.requesters(ticket))


@pytest.mark.parametrize("by", ["token", "password"])
async def test_the_new_requester_is_mailed_neither_then_nor_later(
    connect: Connect, request_tracker: RequestTrackerServer, by: str
) -> None:
    login = {"token": None, "user": "syncd", "password": SecretStr("syncdpass")} if by == "password" else {}
    connector, visitor = connect(**login), nobody_knows()
    told, by_hand = jane(visitor), jane(visitor)
    ticket, other = await opened(connector, visitor), await opened(connector, visitor)
    await connector.update_requester(ticket, told, [visitor])
    request_tracker.change(other, Requestor=by_hand.email)
    [requester] = request_tracker.requesters(ticket)
    assert (requester["RealName"], requester["EmailAddress"]) == ("Jane Doe", told.email)
    for one in (ticket, other):
        request_tracker.reply(one, "an answer")
        request_tracker.change(one, Status="resolved")
    assert len(request_tracker.mails_to(by_hand.email)) == 2
    assert request_tracker.mails_to(told.email) == []


async def test_who_is_known_already_is_that_person_and_keeps_the_name(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    visitor = nobody_knows()
    told = jane(visitor)
    customer = {"Name": f"login-{visitor.id}", "RealName": "J. Doe", "EmailAddress": told.email}
    request_tracker.ask("POST", "user", customer, by="admin")
    ticket = await opened(connector, visitor)
    await connector.update_requester(ticket, told, [visitor])
    [requester] = request_tracker.requesters(ticket)
    assert (requester["Name"], requester["RealName"]) == (customer["Name"], "J. Doe")


async def test_whom_an_agent_added_stays_beside(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    visitor = nobody_knows()
    told, ticket = jane(visitor), await opened(connector, visitor)
    boss = f"boss-{visitor.id[:12]}@example.org"
    request_tracker.ask("PUT", f"ticket/{ticket}", {"Requestor": [boss, *addresses(request_tracker, ticket)]})
    await connector.update_requester(ticket, told, [visitor])
    assert addresses(request_tracker, ticket) == sorted([boss, told.email])


async def test_a_choice_of_the_same_moment_stays(
    connector: RequestTracker, request_tracker: RequestTrackerServer, client: httpx.AsyncClient
) -> None:
    visitor = nobody_knows()
    told, ticket = jane(visitor), await opened(connector, visitor)

    async def choose(request: httpx.Request) -> None:
        if request.method == "PUT":
            request_tracker.change(ticket, Requestor="chosen@example.org")

    client.event_hooks["request"].append(choose)
    with pytest.raises(RetryableError):
        await connector.update_requester(ticket, told, [visitor])
    client.event_hooks["request"].remove(choose)
    await connector.update_requester(ticket, told, [visitor])
    assert addresses(request_tracker, ticket) == ["chosen@example.org"]


async def test_a_merged_ticket_is_changed_where_it_went(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    visitor, other = nobody_knows(), nobody_knows()
    told, ticket = jane(visitor), await opened(connector, visitor)
    into = await opened(connector, other)
    request_tracker.change(ticket, MergeInto=into)
    await connector.update_requester(ticket, told, [visitor])
    assert addresses(request_tracker, into) == sorted([told.email, f"visitor-{other.id}@chat.invalid"])


async def test_no_address_and_what_is_none_change_nobody(
    connector: RequestTracker, request_tracker: RequestTrackerServer
) -> None:
    visitor = nobody_knows()
    told, ticket = jane(visitor), await opened(connector, visitor)
    await connector.update_requester(ticket, Visitor(visitor.id, "Jane", "jane@"), [visitor])
    assert addresses(request_tracker, ticket) == [f"visitor-{visitor.id}@chat.invalid"]
    await connector.update_requester(ticket, told, [visitor])
    await connector.update_requester(ticket, Visitor(visitor.id, "Jane", "jane@"), [told])
    assert addresses(request_tracker, ticket) == [told.email]


async def test_a_name_is_given_where_the_account_may_and_never_over_anothers(
    connect: Connect, request_tracker: RequestTrackerServer
) -> None:
    names = []
    for by, was in (("syncd", ""), ("admin", ""), ("admin", "Dark Orange")):
        visitor = Visitor(uuid4().hex, was)
        connector = connect(token=request_tracker.tokens[by])
        ticket = await opened(connector, visitor)
        await connector.update_requester(ticket, Visitor(visitor.id, "Jane"), [visitor])
        await connector.update_requester(ticket, Visitor(visitor.id, "Joan"), [visitor])
        names += [person["RealName"] for person in request_tracker.requesters(ticket)]
    assert names == ["Visitor", "Jane", "Jane"]


async def test_what_request_tracker_refuses_is_said(connect: Connect, request_tracker: RequestTrackerServer) -> None:
    visitor, plain = nobody_knows(), connect(queue="Plain")
    ticket = await opened(plain, visitor)
    with pytest.raises(RejectedError, match="ModifyTicket"):
        await plain.update_requester(ticket, jane(visitor), [visitor])
    ticket = await opened(connect(), visitor)
    with pytest.raises(RetryableError, match="500"):
        await connect().update_requester(ticket, Visitor(visitor.id, "", "support@rt.test"), [visitor])
    assert addresses(request_tracker, ticket) == [f"visitor-{visitor.id}@chat.invalid"]


class WebsiteBehindLogin(httpx.AsyncHTTPTransport):
    """Lets REST2 through and sends all else to a login page."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if "/REST/2.0/" in request.url.path:
            return await super().handle_async_request(request)
        return httpx.Response(302, headers={"Location": "https://sso.example/login"})


async def test_without_the_website_nobody_is_changed_and_request_tracker_is_not_called_down(
    connect: Connect, request_tracker: RequestTrackerServer
) -> None:
    visitor = nobody_knows()
    ticket = await opened(connect(), visitor)
    settings = RequestTracker.Settings(
        url=request_tracker.url, token=SecretStr(request_tracker.tokens["syncd"]), queue="Support"
    )
    async with httpx.AsyncClient(transport=WebsiteBehindLogin()) as client:
        with pytest.raises(RetryableError) as failed:
            await RequestTracker(settings, Http(client)).update_requester(ticket, jane(visitor), [visitor])
    assert not isinstance(failed.value, UnavailableError)
    assert failed.value.certain
    assert addresses(request_tracker, ticket) == [f"visitor-{visitor.id}@chat.invalid"]
