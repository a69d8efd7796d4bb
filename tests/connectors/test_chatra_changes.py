"""What Chatra is asked when a message is changed, removed or pushed, word for word."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from connectors.chatra import Chatra, ChatraSettings
from syncd.contract.errors import RejectedError
from syncd.contract.http import Http
from syncd.contract.model import ConversationId, DeliveryKey, MessageId, Receipt

CONVERSATION = ConversationId("visitor-tomasz")
KEY = DeliveryKey("b1-7")
API = "https://app.chatra.io/api"


def settings(**more: Any) -> ChatraSettings:
    return ChatraSettings(public_key="pub", secret_key=SecretStr("hush"), **more)


def chatra(seen: list[httpx.Request], **more: Any) -> Chatra:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "mMade", "type": "agent", "createdAt": 1709280000000})

    return Chatra(settings(**more), Http(httpx.AsyncClient(transport=httpx.MockTransport(answer))))


@pytest.mark.parametrize(("notice", "place"), [(False, "messages"), (True, "pushedMessages")])
async def test_a_change_has_the_text_alone_and_a_removal_nothing(notice: bool, place: str) -> None:
    seen: list[httpx.Request] = []
    connector = chatra(seen)
    await connector.edit_message(MessageId("m/1"), "Here you are 🫖", notice=notice)
    await connector.delete_message(MessageId("m2"), notice=notice)
    put, delete = seen
    assert (put.method, str(put.url)) == ("PUT", f"{API}/{place}/m%2F1")
    assert json.loads(put.content) == {"text": "Here you are 🫖"}
    assert put.headers["content-type"] == "application/json"
    assert (delete.method, str(delete.url), delete.content) == ("DELETE", f"{API}/{place}/m2", b"")
    assert {request.headers["authorization"] for request in seen} == {"Chatra.Simple pub:hush"}


@pytest.mark.parametrize(
    ("sender", "named"),
    [
        ({}, {}),
        ({"notice_agent_id": "d9nK"}, {"agentId": "d9nK"}),
        ({"notice_group_id": "PjRB"}, {"groupId": "PjRB"}),
    ],
)
async def test_a_notice_has_exactly_the_documented_fields(sender: dict[str, str], named: dict[str, str]) -> None:
    seen: list[httpx.Request] = []
    receipt = await chatra(seen, **sender).push_notice(CONVERSATION, "Your order has shipped!", key=KEY)
    assert receipt == Receipt(id="mMade")
    [request] = seen
    assert (request.method, str(request.url)) == ("POST", f"{API}/pushedMessages/")
    assert json.loads(request.content) == {
        "clientId": "visitor-tomasz",
        "text": "Your order has shipped!",
        **named,
    }


def test_a_notice_has_one_sender() -> None:
    with pytest.raises(ValidationError, match="not both"):
        settings(notice_agent_id="d9nK", notice_group_id="PjRB")


@pytest.mark.parametrize("text", ["", "x" * 5001])
async def test_a_text_that_chatra_does_not_take_is_refused_before_it_is_sent(text: str) -> None:
    seen: list[httpx.Request] = []
    with pytest.raises(RejectedError, match=f"has {len(text)}$"):
        await chatra(seen).edit_message(MessageId("m1"), text, notice=False)
    with pytest.raises(RejectedError, match=f"has {len(text)}$"):
        await chatra(seen).push_notice(CONVERSATION, text, key=KEY)
    assert seen == []
