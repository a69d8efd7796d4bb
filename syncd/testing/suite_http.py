"""For connectors that speak HTTP: what each way to fail becomes. No server is asked."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
import pytest

from syncd.contract.deliveries import Upload
from syncd.contract.errors import (
    AuthError,
    ConnectorError,
    MissingTargetError,
    PayloadError,
    RateLimitedError,
    RejectedError,
    RetryableError,
    UnavailableError,
)
from syncd.contract.model import ConversationId, MessageId, Reply, TicketId
from syncd.contract.ports import (
    AddsNotes,
    ChatConnector,
    Connector,
    EditsMessages,
    FindsDeliveries,
    HelpdeskConnector,
    Polls,
    PushesNotices,
    UploadsFiles,
)
from syncd.testing.suite_ends import AGENT, TAG, End, draft, new_key, over, secrets_of

WORDS = "a-visitors-own-words"

Answer = Callable[[httpx.Request], httpx.Response]
Call = Callable[[], Awaitable[object]]


def answering(status: int, headers: dict[str, str] | None = None, body: bytes = WORDS.encode()) -> Answer:
    """Answer every call alike; the body repeats a visitor's words, as real ones do."""
    return lambda _: httpx.Response(status, headers=headers, content=body)


def failing(failure: type[httpx.TransportError]) -> Answer:
    """Fail every call alike."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise failure(WORDS, request=request)

    return fail


@dataclass(frozen=True, slots=True)
class Fault:
    """What a call meets and what it becomes. `certain` None: only where the call was a GET."""

    answer: Answer
    error: type[ConnectorError]
    certain: bool | None = None


FAULTS = {
    "unauthorized": Fault(answering(401), AuthError),
    "forbidden": Fault(answering(403), AuthError),
    "bad request": Fault(answering(400), RejectedError),
    "moved": Fault(answering(302, {"Location": "https://elsewhere.example.com/"}), UnavailableError, certain=True),
    "too many": Fault(answering(429, {"Retry-After": "7"}), RateLimitedError, certain=True),
    "server error": Fault(answering(500), RetryableError),
    "bad gateway": Fault(answering(502), UnavailableError),
    "down": Fault(answering(503), UnavailableError),
    "refused": Fault(failing(httpx.ConnectError), UnavailableError, certain=True),
    "no connection in time": Fault(failing(httpx.ConnectTimeout), UnavailableError, certain=True),
    "no answer in time": Fault(failing(httpx.ReadTimeout), RetryableError),
    "reset": Fault(failing(httpx.ReadError), RetryableError),
    "closed": Fault(failing(httpx.RemoteProtocolError), RetryableError),
    "no JSON": Fault(answering(200, {"Content-Type": "text/html"}, b"<html>Please sign in</html>"), PayloadError),
    "nothing": Fault(answering(200, {"Content-Type": "application/json"}, b""), PayloadError),
}


def calls_with_an_effect(connector: Connector) -> dict[str, Call]:
    """Give the calls that change the end."""
    calls: dict[str, Call] = {}
    ticket = TicketId("1")
    if isinstance(connector, ChatConnector):
        reply = Reply(AGENT, WORDS, TAG)
        calls["post_message"] = lambda: connector.post_message(ConversationId("1"), reply, key=new_key())
    if isinstance(connector, EditsMessages):
        message = MessageId("1")
        calls["edit_message"] = lambda: connector.edit_message(message, WORDS, notice=False)
        calls["delete_message"] = lambda: connector.delete_message(message, notice=True)
    if isinstance(connector, PushesNotices):
        calls["push_notice"] = lambda: connector.push_notice(ConversationId("1"), WORDS, key=new_key())
    if isinstance(connector, HelpdeskConnector):
        calls["open_ticket"] = lambda: connector.open_ticket(draft(WORDS), key=new_key())
        calls["add_comment"] = lambda: connector.add_comment(ticket, WORDS, key=new_key())
    if isinstance(connector, AddsNotes):
        calls["add_note"] = lambda: connector.add_note(ticket, WORDS, key=new_key())
    if isinstance(connector, UploadsFiles):
        file = Upload(WORDS, "image/png", WORDS.encode())
        calls["upload_file"] = lambda: connector.upload_file(ticket, WORDS, file, key=new_key())
    return calls


def calls_that_read(connector: Connector) -> dict[str, Call]:
    """Give the calls that change nothing."""
    calls: dict[str, Call] = {"check": connector.check}
    if isinstance(connector, Polls):
        calls["poll"] = lambda: connector.poll(None)
    if isinstance(connector, FindsDeliveries):
        calls["find a ticket"] = lambda: connector.find_delivery(new_key(), None)
        calls["find a comment"] = lambda: connector.find_delivery(new_key(), TicketId("1"))
    return calls


async def error_of(call: Call) -> ConnectorError:
    """Make a call that must fail, and give its error."""
    with pytest.raises(ConnectorError) as raised:
        await call()
    return raised.value


class SpeaksHttpSuite:
    """For connectors that make HTTP calls."""

    @pytest.mark.parametrize("fault", FAULTS)
    async def test_each_fault_is_named_by_what_happens_next(self, end: End, fault: str) -> None:
        requests: list[httpx.Request] = []
        expected = FAULTS[fault]

        def answer(request: httpx.Request) -> httpx.Response:
            requests.append(request)
            return expected.answer(request)

        connector = over(end, httpx.MockTransport(answer))
        for name, call in (calls_that_read(connector) | calls_with_an_effect(connector)).items():
            requests.clear()
            error = await error_of(call)
            assert type(error) is expected.error, name
            assert len({(one.method, one.url) for one in requests}) == len(requests), f"{name} tries again by itself"
            if isinstance(error, RetryableError):
                had_no_effect = requests[-1].method == "GET" or bool(expected.certain)
                assert error.certain is had_no_effect, name
            if isinstance(error, RateLimitedError):
                assert error.retry_after == pytest.approx(7), name

    async def test_what_is_gone_is_a_missing_target(self, end: End) -> None:
        connector = over(end, httpx.MockTransport(answering(404)))
        for name, call in calls_with_an_effect(connector).items():
            error = await error_of(call)
            # A connector may know that its end says "gone" in another way, and that a 404 is somebody else's.
            gone = isinstance(error, MissingTargetError | UnavailableError)
            assert gone or (name == "open_ticket" and isinstance(error, RejectedError))

    @pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'"id"', b'{"id":null}', b'{"id":{}}', b"[1]", b"\xff"])
    async def test_an_answer_that_does_not_tell_what_was_made_is_a_payload_error(self, end: End, body: bytes) -> None:
        connector = over(end, httpx.MockTransport(answering(200, {"Content-Type": "application/json"}, body)))
        for name, call in calls_with_an_effect(connector).items():
            assert type(await error_of(call)) is PayloadError, name

    @pytest.mark.parametrize("fault", FAULTS)
    async def test_no_error_tells_a_secret_or_what_people_said(self, end: End, fault: str) -> None:
        connector = over(end, httpx.MockTransport(FAULTS[fault].answer))
        for name, call in (calls_that_read(connector) | calls_with_an_effect(connector)).items():
            error = await error_of(call)
            told = "".join(traceback.format_exception(error)) + repr(error)
            assert [word for word in [WORDS, *secrets_of(end.settings)] if word in told] == [], name
