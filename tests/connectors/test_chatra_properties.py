"""Whatever comes in a webhook, reading it raises PayloadError or nothing."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from connectors.chatra import Chatra, ChatraSettings
from connectors.chatra.webhooks import CLIENT_KEYS, EVENT_KEYS, FILE_KEYS, MESSAGE_KEYS
from syncd.contract.errors import PayloadError
from syncd.contract.http import Http
from syncd.contract.model import ChatMessageAdded, WebhookRequest

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4),
    max_leaves=12,
)
stamps = st.integers(0, 4_000_000_000_000)


def objects(keys: frozenset[str], **usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw objects with any of the keys; the usual ones are always there, with now and then an unusual value."""
    always = {key: mostly(value) for key, value in usual.items()}
    return st.fixed_dictionaries(always, optional=dict.fromkeys(keys - set(usual), anything))


def mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 19).flatmap(lambda dice: anything if dice == 13 else usual)


messages = objects(
    MESSAGE_KEYS,
    id=st.text(),
    type=st.sampled_from(["client", "agent", "bot"]),
    text=st.text(),
    createdAt=stamps,
    file=objects(FILE_KEYS, fileName=st.text()),
)
bodies = objects(
    EVENT_KEYS,
    eventName=st.sampled_from(["chatStarted", "chatFragment", "chatTranscript"]),
    message=messages,
    messages=st.lists(messages, max_size=5),
    agents=st.lists(objects(frozenset({"id", "name", "email"})), max_size=3),
    client=objects(CLIENT_KEYS, id=st.text(min_size=1)),
)


@pytest.fixture(scope="module")
def chatra() -> Chatra:
    account = ChatraSettings(public_key="public", secret_key=SecretStr("hush"))
    return Chatra(account, Http(httpx.AsyncClient()))


def check(chatra: Chatra, body: bytes) -> None:
    try:
        events = chatra.read_webhook(WebhookRequest(body))
    except PayloadError:
        return
    times = [event.message.at for event in events if isinstance(event, ChatMessageAdded)]
    assert times == sorted(times)
    assert all(at.tzinfo for at in times)
    assert "\0" not in "".join(event.message.text for event in events if isinstance(event, ChatMessageAdded))


@settings(max_examples=300, deadline=None)
@given(body=bodies)
def test_bodies_that_look_like_chatras(chatra: Chatra, body: dict[str, Any]) -> None:
    check(chatra, json.dumps(body).encode())


@settings(deadline=None)
@given(body=anything)
def test_any_json(chatra: Chatra, body: object) -> None:
    check(chatra, json.dumps(body).encode())


@settings(deadline=None)
@given(body=st.binary())
def test_any_bytes(chatra: Chatra, body: bytes) -> None:
    check(chatra, body)
