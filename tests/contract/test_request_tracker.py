"""Request Tracker passes the suites, on a running one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

import httpx
import pytest
from pydantic import SecretStr

from connectors.request_tracker import RequestTracker
from connectors.request_tracker.settings import RequestTrackerSettings
from syncd.contract.deliveries import Upload
from syncd.contract.errors import AuthError
from syncd.contract.http import Http
from syncd.contract.model import Contact, ContactField, StatusClass, TicketId
from syncd.testing.helpdesk_suite import (
    AddsNotesSuite,
    ChangesComments,
    ChoosesRequester,
    CorrectsContact,
    FindsDeliveriesSuite,
    HelpdeskEnd,
    HelpdeskSuite,
    PollsSuite,
    RaisesPrioritySuite,
    SetsFieldsSuite,
    SetsStatusSuite,
    Shown,
    ShowsFields,
    ShowsFiles,
    ShowsPriority,
    ShowsTags,
    SpeaksHttpSuite,
    TagsTicketsSuite,
    TellsChangesSuite,
    TellsContactSuite,
    TellsStatus,
    UpdatesRequesterSuite,
    UploadsFilesSuite,
)
from syncd.testing.suite_ends import draft, new_key, over
from tests.live.request_tracker.server import RequestTrackerServer

pytestmark = pytest.mark.live

STATUSES = {
    StatusClass.OPEN: "open",
    StatusClass.PENDING: "stalled",
    StatusClass.SOLVED: "resolved",
    StatusClass.CLOSED: "rejected",
}
SAYING = {"Create": False, "Correspond": False, "Comment": True}
"""The transactions that hold words, and whether RT shows them to agents only."""


class RequestTrackerEnd(
    HelpdeskEnd,
    ShowsFiles,
    ShowsPriority,
    ShowsTags,
    TellsStatus,
    ChangesComments,
    ChoosesRequester,
    CorrectsContact,
    ShowsFields,
):
    """A ticket in the queue Support, seen with an agent's eyes."""

    connector: RequestTracker
    settings: RequestTrackerSettings
    gone = TicketId("99999999")
    free_fields = ("Page", "Country")
    seen_fields = frozenset[ContactField]({"name", "email"})

    def __init__(self, server: RequestTrackerServer, http: Http) -> None:
        token = SecretStr(server.tokens["syncd"])
        self.settings = RequestTrackerSettings(url=server.url, token=token, queue="Support")
        self.connector = RequestTracker(self.settings, http)
        self._server = server

    async def begin(self) -> None:
        opened = await self.connector.open_ticket(draft("hello"), key=new_key())
        assert opened.ticket
        self.ticket = opened.ticket

    async def people_say(self, text: str) -> None:
        self._server.reply(self.ticket, text)

    async def people_note(self, text: str) -> None:
        self._server.note(self.ticket, text)

    async def shown_on(self, ticket: TicketId) -> Sequence[Shown]:
        lines = self._server.history(ticket)
        return [Shown(line.text, SAYING[line.type]) for line in lines if line.type in SAYING]

    async def people_change(self, old: str, new: str) -> None:
        self._server.rewrite(self.ticket, old, new)

    async def people_set(self, ticket: TicketId, status: StatusClass) -> None:
        self._server.change(ticket, Status=STATUSES[status])

    async def fields_on(self, ticket: TicketId) -> Mapping[str, str]:
        return self._server.fields(ticket)

    async def people_correct(self, ticket: TicketId, contact: Contact) -> None:
        self._server.correct(ticket, contact)

    async def priority(self, ticket: TicketId) -> int:
        return int(self._server.ticket(ticket)["Priority"])

    async def tags(self, ticket: TicketId) -> Sequence[str]:
        return self._server.values(ticket, "Tags")

    async def requester(self, ticket: TicketId) -> str:
        [person] = self._server.requesters(ticket)
        return str(person["EmailAddress"])

    async def people_choose_requester(self, ticket: TicketId, email: str) -> None:
        self._server.change(ticket, Requestor=email)

    async def files_on(self, ticket: TicketId) -> Sequence[Upload]:
        return self._server.files(ticket)


class TestRequestTracker(
    HelpdeskSuite,
    PollsSuite,
    FindsDeliveriesSuite,
    AddsNotesSuite,
    UploadsFilesSuite,
    SetsStatusSuite,
    RaisesPrioritySuite,
    TagsTicketsSuite,
    TellsChangesSuite,
    UpdatesRequesterSuite,
    SetsFieldsSuite,
    TellsContactSuite,
    SpeaksHttpSuite,
):
    connector_class = RequestTracker

    @pytest.fixture
    async def end(self, request_tracker: RequestTrackerServer) -> AsyncIterator[RequestTrackerEnd]:
        async with httpx.AsyncClient(timeout=30) as client:
            end = RequestTrackerEnd(request_tracker, Http(client))
            await end.begin()
            yield end

    async def test_a_wrong_token_is_refused(self, end: RequestTrackerEnd) -> None:
        end.settings = end.settings.model_copy(update={"token": SecretStr("1-1-nobodys")})
        async with httpx.AsyncHTTPTransport() as transport:
            with pytest.raises(AuthError):
                await over(end, transport).check()
