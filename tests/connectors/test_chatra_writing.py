"""What Chatra is asked, word for word, and how its answers are read."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from connectors.chatra import Chatra, ChatraSettings
from syncd.contract.errors import PayloadError, RejectedError
from syncd.contract.http import Http
from syncd.contract.model import Author, ConversationId, DeliveryKey, Receipt, Reply, Role

CONVERSATION = ConversationId("visitor-tomasz")
KEY = DeliveryKey("b1-7")
IVO = Author(Role.AGENT, "Ivo", "ivo@kettles.example")
Answer = Callable[[httpx.Request], httpx.Response]


def made(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"id": "mMade", "type": "agent", "createdAt": 1709280000000})


def chatra(answer: Answer, agent_email: str = "") -> Chatra:
    account = ChatraSettings(public_key="pub", secret_key=SecretStr("hush"), agent_email=agent_email)
    return Chatra(account, Http(httpx.AsyncClient(transport=httpx.MockTransport(answer))))


async def test_a_reply_has_exactly_the_documented_fields() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return made(request)

    receipt = await chatra(answer).post_message(CONVERSATION, Reply(IVO, "Here you are 🫖", "syncd-shop"), key=KEY)
    assert receipt == Receipt(id="mMade")
    [request] = seen
    assert (request.method, str(request.url)) == ("POST", "https://app.chatra.io/api/messages/")
    assert request.headers["authorization"] == "Chatra.Simple pub:hush"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == {
        "clientId": "visitor-tomasz",
        "text": "Here you are 🫖",
        "agentEmail": "ivo@kettles.example",
        "agentName": "Ivo",
        "receivedFrom": "syncd-shop",
    }


@pytest.mark.parametrize(
    ("author", "email", "name"),
    [
        (Author(Role.AGENT, "Ivo"), "desk@kettles.example", "Ivo"),
        (Author(Role.AGENT), "desk@kettles.example", "desk"),
        (Author(Role.AGENT, "", "ivo@kettles.example"), "ivo@kettles.example", "ivo"),
    ],
)
async def test_an_agent_without_an_address_speaks_under_the_configured_one(
    author: Author, email: str, name: str
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        sent = json.loads(request.content)
        assert (sent["agentEmail"], sent["agentName"]) == (email, name)
        return made(request)

    await chatra(answer, "desk@kettles.example").post_message(CONVERSATION, Reply(author, "Hi", "t"), key=KEY)


async def test_an_agent_of_chatras_own_speaks_by_his_id_so_that_none_is_made() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        fields = {"clientId": "visitor-tomasz", "text": "Hi", "agentId": "agentIvo02", "receivedFrom": "t"}
        assert json.loads(request.content) == fields
        return made(request)

    ivo = Author(Role.AGENT, "Ivo", "ivo@kettles.example", "agentIvo02")
    await chatra(answer, "desk@kettles.example").post_message(CONVERSATION, Reply(ivo, "Hi", "t"), key=KEY)


async def test_an_agent_without_any_address_is_refused_with_the_way_out() -> None:
    with pytest.raises(RejectedError, match="CHATRA_AGENT_EMAIL"):
        await chatra(made).post_message(CONVERSATION, Reply(Author(Role.AGENT, "Ivo"), "Hi", "t"), key=KEY)


@pytest.mark.parametrize("text", ["", "x" * 5001])
async def test_a_text_that_chatra_does_not_take_is_refused(text: str) -> None:
    with pytest.raises(RejectedError, match=f"has {len(text)}$"):
        await chatra(made).post_message(CONVERSATION, Reply(IVO, text, "t"), key=KEY)


async def test_the_longest_text_is_taken() -> None:
    await chatra(made).post_message(CONVERSATION, Reply(IVO, "x" * 5000, "t"), key=KEY)


@pytest.mark.parametrize("body", [b"{}", b'{"id":null}', b'{"id":""}', b'{"id":["m"]}', b"[]", b"<html>", b""])
async def test_an_answer_without_an_id_is_a_payload_error(body: bytes) -> None:
    with pytest.raises(PayloadError):
        await chatra(lambda _: httpx.Response(200, content=body)).post_message(
            CONVERSATION, Reply(IVO, "Hi", "t"), key=KEY
        )


@pytest.mark.parametrize("status", [200, 404])
async def test_the_check_reads_a_visitor_that_need_not_be_there(status: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("GET", "/api/clients/syncd-check")
        return httpx.Response(status, json={"status": status})

    connector = chatra(answer)
    assert await connector.check() == "Chatra takes the key"
    assert connector.account == "pub"


async def test_the_check_is_not_content_with_a_page_from_elsewhere() -> None:
    with pytest.raises(PayloadError):
        await chatra(lambda _: httpx.Response(200, text="<html>Sign in")).check()


@pytest.mark.parametrize("wrong", ["", "two words", "line\n", "schlüssel"])
def test_a_key_that_cannot_stand_in_a_header_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="as Chatra shows it") as raised:
        ChatraSettings(public_key="pub", secret_key=SecretStr(wrong))
    assert not wrong or wrong not in str(raised.value)
    with pytest.raises(ValidationError, match="as Chatra shows it"):
        ChatraSettings(public_key=wrong or "a:b", secret_key=SecretStr("hush"))
