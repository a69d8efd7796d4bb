"""What Chatra tells of a visitor, as facts for people: each once, and nothing that only machines read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.chatra.webhooks import read_events
from syncd.contract.model import ChatMessageAdded

Payload = Callable[[str], dict[str, Any]]


def details(payload: Payload, **client: object) -> dict[str, str]:
    body = payload("chatra/chat_started")
    body["client"] |= client
    [event] = read_events(body)
    assert isinstance(event, ChatMessageAdded)
    assert event.context
    assert len(dict(event.context.details)) == len(event.context.details)
    return dict(event.context.details)


@pytest.mark.parametrize(
    ("client", "label", "told"),
    [
        ({"chatLink": None}, "Chat id", "chatTomasz01"),
        ({"chatLink": "https://app.chatra.io/chat/xchatTomasz01"}, "Chat id", "chatTomasz01"),
        ({"displayedName": "Tomasz"}, "Name in Chatra", None),
        ({"displayedName": "Dark Orange", "info": None, "integrationData": None}, "Name in Chatra", None),
        ({"browserLanguage": "en-GB"}, "Browser language", "en-GB"),
        ({"browserLanguage": "PL"}, "Browser language", None),
        ({"chatLanguage": None}, "Browser language", "pl-PL"),
        ({"userAgent": "curl", "os": ""}, "User agent", "curl"),
        ({"userAgent": "curl", "browser": None}, "User agent", "curl"),
    ],
)
def test_a_fact_is_told_once(payload: Payload, client: dict[str, object], label: str, told: str | None) -> None:
    assert details(payload, **client).get(label) == told


def test_what_the_website_or_a_form_told_is_never_left_out(payload: Payload) -> None:
    custom = {"color": "red", "userAgent": "mine", "chatId": "c-9", "Pages viewed": "7", "Name": "Tomasz"}
    for source in ("integrationData", "customFormData", "basicInfo"):
        assert details(payload, info=None, **{source: custom}).items() >= custom.items()


def test_each_page_is_told_once(payload: Payload) -> None:
    repair = {"link": "https://kettles.example/repair", "title": "Repairs"}
    home = {"link": "https://kettles.example/", "title": "Kettles"}
    assert "Page viewed" not in details(payload, latestVisit={"viewedPages": [repair, repair]})
    told = details(payload, latestVisit={"viewedPages": [home, repair, home, {}]})
    assert told["Page viewed"] == "Kettles https://kettles.example/"
