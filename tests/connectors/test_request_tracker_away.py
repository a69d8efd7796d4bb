"""What stands before Request Tracker says 404 while it restarts: never that something is gone."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from connectors.request_tracker import RequestTracker
from syncd.contract.errors import ConnectorError, MissingTargetError, RejectedError, UnavailableError
from syncd.contract.http import Http
from syncd.contract.model import (
    Comment,
    CommentAdded,
    ConversationId,
    Cursor,
    DeliveryKey,
    Role,
    TicketDraft,
    TicketId,
    Visitor,
)

DRAFT = TicketDraft("Chat", Visitor("v"), ConversationId("c"), "hello")
KEY = DeliveryKey("syncd-1")
SEVEN = TicketId("7")
REPLY = {
    "id": "101",
    "Type": "Correspond",
    "Created": "2026-11-25T12:00:00Z",
    "ObjectId": "7",
    "Creator": {"id": "31", "Name": "agent1", "RealName": "Bo", "EmailAddress": "bo@rt.test"},
}
BODY = {"id": "5", "TransactionId": "101", "ContentType": "text/plain", "Content": "the answer"}
ANSWERS: dict[str, Any] = {
    "transactions": {"items": [REPLY]},
    "ticket": {"id": 7, "Requestor": [], "Owner": {"id": "Nobody"}},
    "user": {"Privileged": 1},
    "queue": {"id": 3},
    "tickets": {"items": []},
}
RT_SAYS = httpx.Response(404, json={"message": "Not Found"})
PROXY_SAYS = httpx.Response(404, text="<h1>Not found</h1>")


class Front:
    """A Request Tracker and the proxy before it. `missing` says how often each kind of thing is answered 404."""

    def __init__(self) -> None:
        self.missing: dict[str, float] = {}
        self.is_away = False
        self.posted = httpx.Response(400)
        self.answers = dict(ANSWERS)

    def answer(self, request: httpx.Request) -> httpx.Response:
        kind = request.url.path.removeprefix("/REST/2.0/").partition("/")[0]
        if self.is_away:
            return PROXY_SAYS
        if request.method == "POST":
            return self.posted
        if self.missing.get(kind, 0) > 0:
            self.missing[kind] -= 1
            return RT_SAYS
        if kind == "attachments":
            return httpx.Response(200, json={"items": [BODY] if "Content" in request.url.params["fields"] else []})
        return httpx.Response(200, json=self.answers[kind])

    def goes_away_behind(self, kind: str) -> Callable[[httpx.Request], httpx.Response]:
        def answer(request: httpx.Request) -> httpx.Response:
            answered = self.answer(request)
            self.is_away = self.is_away or f"/{kind}" in request.url.path
            return answered

        return answer


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., RequestTracker]]:
    clients: list[httpx.AsyncClient] = []

    def make(answer: Callable[[httpx.Request], httpx.Response]) -> RequestTracker:
        clients.append(httpx.AsyncClient(transport=httpx.MockTransport(answer)))
        settings = RequestTracker.Settings(url="http://rt.test", token=SecretStr("t"), queue="Support")
        return RequestTracker(settings, Http(clients[-1]))

    yield make
    for client in clients:
        await client.aclose()


Connect = Callable[..., RequestTracker]


async def comments(connector: RequestTracker) -> list[Comment]:
    page = await connector.poll(Cursor("100"))
    return [event.comment for event in page.events if isinstance(event, CommentAdded)]


async def test_a_reply_read_while_it_goes_away_is_read_later(front: Front, connect: Connect) -> None:
    with pytest.raises(UnavailableError):
        await comments(connect(front.goes_away_behind("transactions")))
    [comment] = await comments(connect(Front().answer))
    assert (comment.author.role, comment.text) == (Role.AGENT, "the answer")


@pytest.mark.parametrize("kind", ["ticket", "user"])
async def test_a_404_that_passes_is_no_answer(front: Front, connect: Connect, kind: str) -> None:
    front.missing[kind] = 1
    [comment] = await comments(connect(front.answer))
    assert (comment.author.role, comment.text) == (Role.AGENT, "the answer")


async def test_what_rt_itself_has_no_more_is_gone(front: Front, connect: Connect) -> None:
    front.missing["ticket"] = math.inf
    assert await comments(connect(front.answer)) == []
    front.missing = {"user": math.inf}
    [comment] = await comments(connect(front.answer))
    assert comment.author.role is Role.OTHER


async def test_a_delivery_is_not_called_missing(front: Front, connect: Connect) -> None:
    front.answers["transactions"] = {"items": []}
    assert await connect(front.answer).find_delivery(KEY, SEVEN) is None
    for answer in (front.goes_away_behind("transactions"), front.answer):
        with pytest.raises(UnavailableError):
            await connect(answer).find_delivery(KEY, SEVEN)
    with pytest.raises(UnavailableError):
        await connect(front.answer).find_delivery(KEY, None)


@pytest.mark.parametrize(
    ("posted", "missing", "error"),
    [
        (400, 0, RejectedError),
        (400, 1, RejectedError),
        (400, math.inf, MissingTargetError),
        (404, 0, UnavailableError),
        (404, 1, UnavailableError),
        (404, math.inf, MissingTargetError),
    ],
)
async def test_a_ticket_is_missing_where_rt_says_so_twice(
    front: Front, connect: Connect, posted: int, missing: float, error: type[ConnectorError]
) -> None:
    front.posted = httpx.Response(posted)
    front.missing["ticket"] = missing
    with pytest.raises(error) as refused:
        await connect(front.answer).add_comment(SEVEN, "hello", key=KEY)
    assert type(refused.value) is error


async def test_no_call_is_refused_by_who_is_not_rt(front: Front, connect: Connect) -> None:
    connector = connect(front.answer)
    front.is_away = True
    for call in (connector.add_comment(SEVEN, "hello", key=KEY), connector.open_ticket(DRAFT, key=KEY)):
        with pytest.raises(UnavailableError) as away:
            await call
        assert away.value.certain
