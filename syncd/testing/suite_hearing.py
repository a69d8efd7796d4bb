"""The suites of the two ways to hear of what happens: polls and webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import httpx
import pytest

from syncd.contract.errors import AuthError, PayloadError
from syncd.contract.http import Http
from syncd.contract.model import Comment, Cursor, Event, Message, Role, WebhookRequest
from syncd.contract.ports import Connector, Polls, ReceivesWebhooks
from syncd.testing.suite_ends import (
    ODD_WORDS,
    TAG,
    End,
    SendsWebhooks,
    new_key,
    new_text,
    over,
    said,
    said_with,
)

GARBAGE = (b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"{}", b"[" * 5000, b"a=1&b=2", b"<xml/>")


def polling(end: End) -> Polls:
    """Give the end's connector as one that polls."""
    assert isinstance(end.connector, Polls)
    return end.connector


async def read_all(end: End, after: Cursor | None) -> tuple[list[Event], Cursor]:
    """Poll until no more is waiting."""
    page = await polling(end).poll(after)
    events = list(page.events)
    while page.more:
        page = await polling(end).poll(page.cursor)
        events += page.events
    return events, page.cursor


async def read_until(end: End, after: Cursor, text: str) -> tuple[list[Event], Cursor]:
    """Poll until somebody said `text`, at most for five seconds."""
    for _ in range(50):
        events, cursor = await read_all(end, after)
        if said_with(events, text):
            return events, cursor
        await asyncio.sleep(0.1)
    pytest.fail("the poll did not give what was said")


def receiving(connector: Connector) -> ReceivesWebhooks:
    """Give the connector as one that receives webhooks."""
    assert isinstance(connector, ReceivesWebhooks)
    return connector


async def sent(end: End) -> Sequence[WebhookRequest]:
    """Give the webhooks that the end has sent; there is at least one."""
    assert isinstance(end, SendsWebhooks)
    requests = await end.webhooks()
    assert requests
    return requests


def hear(reader: ReceivesWebhooks, requests: Sequence[WebhookRequest]) -> list[Event]:
    """Admit and read each request."""
    events: list[Event] = []
    for request in requests:
        reader.admit_webhook(request)
        events += reader.read_webhook(request)
    return events


def check_is_the_visitors_or_the_agents(one: Message | Comment) -> None:
    """Check that a visitor speaks in a chat, and an agent, to everybody, in a helpdesk."""
    match one:
        case Message():
            assert (one.author.role, one.tag) == (Role.VISITOR, "")
        case Comment():
            assert one.public
            assert one.author.role is Role.AGENT
            assert one.ours is not True


def check_is_recognisable(one: Message | Comment, made: str | None) -> None:
    """Check that what came back is known as ours: by the tag in a chat, by id or account in a helpdesk."""
    match one:
        case Message():
            assert one.tag == TAG
            assert made in {None, one.id}
        case Comment():
            assert one.ours or one.id == made


class PollsSuite:
    """For connectors that poll."""

    async def test_first_poll_starts_from_now(self, end: End) -> None:
        await end.people_say(new_text("before"))
        page = await polling(end).poll(None)
        assert (page.events, page.more) == ((), False)
        after = new_text("after")
        await end.people_say(after)
        events, _ = await read_until(end, page.cursor, after)
        assert len(said_with(events, after)) == 1
        assert not said_with(events, "before")

    async def test_poll_is_oldest_first_and_times_are_aware(self, end: End) -> None:
        _, cursor = await read_all(end, None)
        texts = [new_text(f"{n}") for n in range(4)]
        for text in texts:
            await end.people_say(text)
        events, _ = await read_until(end, cursor, texts[-1])
        assert [next((t for t in texts if t in one.text), "") for one in said(events)] == texts
        times = [one.at for one in said(events)]
        assert times == sorted(times)
        assert {at.utcoffset() for at in times} == {timedelta(0)}

    async def test_poll_again_after_the_same_cursor_gives_the_same_ids(self, end: End) -> None:
        _, cursor = await read_all(end, None)
        await end.people_say(text := new_text())
        first, _ = await read_until(end, cursor, text)
        again, _ = await read_all(end, cursor)
        assert [one.id for one in said(again)] == [one.id for one in said(first)]
        assert None not in [one.id for one in said(first)]

    async def test_nothing_new_keeps_the_cursor(self, end: End) -> None:
        await end.people_say(text := new_text())
        _, cursor = await read_all(end, None)
        page = await polling(end).poll(cursor)
        assert (page.events, page.cursor, page.more) == ((), cursor, False)
        await end.people_say(text := new_text())
        assert said_with((await read_until(end, cursor, text))[0], text)

    async def test_poll_brings_what_people_say_whole_and_as_theirs(self, end: End) -> None:
        _, cursor = await read_all(end, None)
        await end.people_say(text := new_text(ODD_WORDS))
        events, _ = await read_until(end, cursor, opening := " ".join(text.split(" ")[:2]))
        [one] = said_with(events, opening)
        assert text in one.text
        check_is_the_visitors_or_the_agents(one)

    async def test_poll_brings_what_we_said_recognisably_or_not_at_all(self, end: End) -> None:
        _, cursor = await read_all(end, None)
        receipt = await end.deliver(ours := new_text("ours"), new_key())
        await end.people_say(theirs := new_text("theirs"))
        events, _ = await read_until(end, cursor, theirs)
        assert len(said_with(events, ours)) <= 1
        for one in said_with(events, ours):
            check_is_recognisable(one, receipt.id)

    def test_the_interval_is_a_setting(self, end: End) -> None:
        assert polling(end).poll_seconds == type(end.settings).model_fields["poll_seconds"].default
        faster = end.settings.model_copy(update={"poll_seconds": 0.25})
        connector = type(end.connector)(faster, Http(httpx.AsyncClient()))
        assert isinstance(connector, Polls)
        assert connector.poll_seconds == pytest.approx(0.25)


class ReceivesWebhooksSuite:
    """For connectors that receive webhooks; their end `SendsWebhooks`."""

    async def test_webhooks_bring_what_people_say_whole_and_as_theirs(self, end: End) -> None:
        await end.people_say(text := new_text(ODD_WORDS))
        heard = said_with(hear(receiving(end.connector), await sent(end)), text)
        assert heard
        assert len({one.id for one in heard}) == 1
        for one in heard:
            check_is_the_visitors_or_the_agents(one)

    async def test_webhooks_bring_what_we_said_recognisably_or_not_at_all(self, end: End) -> None:
        await end.people_say(new_text("before"))
        receipt = await end.deliver(ours := new_text("ours"), new_key())
        await end.people_say(new_text("after"))
        for one in said_with(hear(receiving(end.connector), await sent(end)), ours):
            check_is_recognisable(one, receipt.id)

    async def test_a_request_is_read_oldest_first_and_times_are_aware(self, end: End) -> None:
        for number in range(3):
            await end.people_say(new_text(f"{number}"))
        for request in await sent(end):
            times = [one.at for one in said(hear(receiving(end.connector), [request]))]
            assert times == sorted(times)
            assert {at.utcoffset() for at in times} <= {timedelta(0)}

    async def test_reading_again_gives_the_same_and_makes_no_request(self, end: End) -> None:
        def refuse(request: httpx.Request) -> httpx.Response:
            pytest.fail(f"reading a webhook made a {request.method}")

        await end.people_say(new_text())
        requests = await sent(end)
        reader = receiving(over(end, httpx.MockTransport(refuse)))
        assert hear(reader, requests) == hear(reader, requests) == hear(receiving(end.connector), requests)

    @pytest.mark.parametrize("body", GARBAGE)
    async def test_garbage_is_a_payload_error(self, end: End, body: bytes) -> None:
        with pytest.raises((PayloadError, AuthError)):
            hear(receiving(end.connector), [WebhookRequest(body)])
        with pytest.raises(PayloadError):
            receiving(end.connector).read_webhook(WebhookRequest(body))

    async def test_a_body_cut_short_is_a_payload_error(self, end: End) -> None:
        await end.people_say(new_text())
        for request in await sent(end):
            cut = WebhookRequest(request.body[: len(request.body) // 2], request.headers)
            with pytest.raises(PayloadError):
                receiving(end.connector).read_webhook(cut)
