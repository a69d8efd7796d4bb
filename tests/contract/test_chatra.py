"""Chatra passes the suites, against its stand-in as a process of its own."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from connectors.chatra import Chatra, ChatraSettings
from syncd.contract.errors import AuthError, MissingTargetError, PayloadError, RateLimitedError, RetryableError
from syncd.contract.http import Http
from syncd.contract.model import ChatEnded, ChatMessageAdded, Contact, ConversationId, WebhookRequest
from syncd.testing.chat_suite import (
    ChatEnd,
    ChatSuite,
    EditsMessagesSuite,
    PushesNoticesSuite,
    ReceivesWebhooksSuite,
    SendsWebhooks,
    Shown,
    ShowsVisitor,
    SpeaksHttpSuite,
    UpdatesVisitorsSuite,
)
from syncd.testing.suite_ends import new_key, new_text, said_with
from syncd.testing.suite_hearing import hear

COMMAND = [
    sys.executable,
    "-m",
    "syncd.testing.chatra",
    "--public-key=suite",
    "--secret-key=hush-hush",
    "--rate=100000",
]


class Mailbox:
    """Takes webhooks on a port of its own and keeps them."""

    def __init__(self) -> None:
        self.taken: list[WebhookRequest] = []

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Give the URL to send webhooks to."""
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:-2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.taken.append(WebhookRequest(await reader.readexactly(int(headers["content-length"])), headers))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()


class ChatraEnd(ChatEnd, SendsWebhooks, ShowsVisitor):
    """A visitor who has said hello, seen through the stand-in's back door."""

    connector: Chatra
    settings: ChatraSettings

    def __init__(self, url: str, mailbox: Mailbox, back_door: httpx.AsyncClient, http: Http) -> None:
        self.settings = ChatraSettings(
            public_key="suite", secret_key=SecretStr("hush-hush"), api_url=f"{url}/api", agent_email=""
        )
        self.connector = Chatra(self.settings, http)
        self.conversation = ConversationId(f"visitor-{uuid4().hex[:8]}")
        self._http, self._mailbox, self._back_door = http, mailbox, back_door

    async def act(self, method: str, path: str, /, **fields: Any) -> Any:
        """Do something that people do, or order a fault."""
        answer = await self._back_door.request(method, f"/stand-in{path}", json=fields)
        return answer.raise_for_status().json()

    async def people_say(self, text: str) -> None:
        await self.act("POST", f"/visitors/{self.conversation}/says", text=text)

    async def shown(self) -> Sequence[Shown]:
        messages = await self.act("GET", f"/chats/{self.conversation}/messages")
        return [Shown(message["text"]) for message in messages]

    async def visitor(self) -> Contact:
        info = (await self.act("PUT", f"/visitors/{self.conversation}"))["info"]
        return Contact(*(info.get(field, "") for field in ("name", "email", "phone")))

    async def webhooks(self) -> Sequence[WebhookRequest]:
        await self.act("POST", "/webhooks/settled")
        return self._mailbox.taken

    def stranger(self) -> Chatra:
        """Make a connector with another account's key."""
        return Chatra(self.settings.model_copy(update={"secret_key": SecretStr("wrong")}), self._http)


@pytest.fixture(scope="module")
def stand_in() -> Iterator[str]:
    with subprocess.Popen([*COMMAND, "--port=0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        started = re.fullmatch(r"listening on (\S+)\n", process.stdout.readline())
        assert started is not None
        yield started[1]
        process.terminate()
    assert process.returncode == 0


class TestChatra(
    ChatSuite,
    ReceivesWebhooksSuite,
    EditsMessagesSuite,
    PushesNoticesSuite,
    UpdatesVisitorsSuite,
    SpeaksHttpSuite,
):
    connector_class = Chatra

    @pytest.fixture
    async def end(self, stand_in: str) -> AsyncIterator[ChatraEnd]:
        mailbox = Mailbox()
        async with mailbox.open() as url, httpx.AsyncClient(base_url=stand_in) as client:
            end = ChatraEnd(stand_in, mailbox, client, Http(client))
            await end.act("POST", "/webhooks", urls=[url])
            await end.people_say("hello")
            yield end
            await end.act("DELETE", "/faults")
            await end.act("POST", "/webhooks", urls=[])
            await end.act("POST", "/webhooks/settled")

    async def test_a_wrong_key_is_refused(self, end: ChatraEnd) -> None:
        with pytest.raises(AuthError):
            await end.stranger().check()

    async def test_a_visitor_whom_chatra_does_not_know_is_a_missing_target(self, end: ChatraEnd) -> None:
        end.conversation = ConversationId("nobody")
        with pytest.raises(MissingTargetError):
            await end.deliver(new_text(), new_key())

    async def test_a_call_too_many_had_no_effect_and_tells_when(self, end: ChatraEnd) -> None:
        await end.act("POST", "/faults", kind="too_many_requests", retry_after=12, method="POST")
        with pytest.raises(RateLimitedError) as raised:
            await end.deliver(text := new_text(), new_key())
        assert (raised.value.retry_after, raised.value.certain) == (12, True)
        assert Shown(text) not in await end.shown()

    @pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
    async def test_a_call_that_was_cut_off_is_not_certain(self, end: ChatraEnd, kind: str) -> None:
        await end.act("POST", "/faults", kind=kind, method="POST")
        with pytest.raises(RetryableError) as raised:
            await end.deliver(text := new_text(), new_key())
        assert not raised.value.certain
        assert (Shown(text) in await end.shown()) is (kind == "cut_after")

    async def test_an_answer_that_is_no_json_is_a_payload_error(self, end: ChatraEnd) -> None:
        await end.act("POST", "/faults", kind="garbage", method="POST")
        with pytest.raises(PayloadError):
            await end.deliver(new_text(), new_key())

    @pytest.mark.parametrize("text_key", ["text", "message"])
    async def test_all_that_happens_in_a_session_is_heard(self, end: ChatraEnd, text_key: str) -> None:
        await end.act("PUT", "/options", text_key=text_key)
        file = {"name": "lid.png", "size": 2048, "url": "https://files.example/lid/"}
        await end.act("POST", f"/chats/{end.conversation}/trigger", text="Can we help?")
        await end.act("POST", f"/visitors/{end.conversation}/attaches", file=file)
        await end.act("POST", f"/chats/{end.conversation}/agent-says", text="Nice lid")
        await end.act("POST", f"/chats/{end.conversation}/end")
        heard = hear(end.connector, await end.webhooks())
        await end.act("PUT", "/options", text_key="text")
        again = [event.message for event in heard if isinstance(event, ChatMessageAdded) and event.repaired]
        assert [(m.author.role, m.text, len(m.files)) for m in again] == [
            ("visitor", "hello", 0),
            ("automatic", "Can we help?", 0),
            ("visitor", "", 1),
            ("agent", "Nice lid", 0),
        ]
        live = [event.message for event in heard if isinstance(event, ChatMessageAdded) and not event.repaired]
        assert {message.id for message in live} == {message.id for message in again}
        assert [event for event in heard if isinstance(event, ChatEnded)] == [heard[-1]]

    async def test_notes_are_never_written(self, end: ChatraEnd) -> None:
        notes = {"basicInfo": {"notes": "Loves skinny jeans"}}
        await end.act("PUT", f"/visitors/{end.conversation}", facts=notes)
        await end.connector.update_visitor(end.conversation, Contact("Jane", "", "+1"))
        client = await end.act("PUT", f"/visitors/{end.conversation}")
        assert client["basicInfo"] == {**notes["basicInfo"], "name": "Jane", "phone": "+1"}

    async def test_what_we_posted_comes_back_with_our_tag(self, end: ChatraEnd) -> None:
        receipt = await end.deliver(text := new_text(), new_key())
        [echo] = said_with(hear(end.connector, await end.webhooks()), text)
        assert echo.id == receipt.id
