"""Chatra's webhooks, read from bodies of the documented and the observed shapes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.chatra.webhooks import read_events
from syncd.contract.errors import PayloadError
from syncd.contract.model import (
    Author,
    ChatContext,
    ChatEnded,
    ChatMessageAdded,
    ConversationId,
    Event,
    File,
    Message,
    MessageId,
    Page,
    Role,
    UnknownSeen,
    Visitor,
)

Payload = Callable[[str], dict[str, Any]]
TOMASZ = ConversationId("visitor-tomasz")
START = datetime(2024, 3, 1, 8, 0, tzinfo=UTC)


def messages(events: list[Event]) -> list[Message]:
    return [event.message for event in events if isinstance(event, ChatMessageAdded)]


TOLD = (
    ("Name in Chatra", "Cadet Blue"),
    ("IP address", "198.51.100.7"),
    ("Marketing consent", "no"),
    ("Terms of service consent", "yes"),
    ("Plan", "gold"),
    ("serial", "KX-77"),
    ("Notes", "Prefers a call"),
    ("phone (from the website)", "+48 42 000"),
    ("Latest visit began", "2024-03-01 07:59 UTC"),
    ("Latest visit ended", "2024-03-01 09:00 UTC"),
    ("Page viewed", "Kettles https://kettles.example/"),
)


def test_a_started_chat_is_its_first_message_with_all_that_is_known_of_the_visitor(payload: Payload) -> None:
    [event] = read_events(payload("chatra/chat_started"))
    assert event == ChatMessageAdded(
        TOMASZ,
        Message(
            MessageId("mSt4rtAgent000001"),
            Author(Role.AGENT, "Noor", "noor@kettles.example", "agentNoor01"),
            "Good morning! Is the kettle still leaking?",
            START + timedelta(milliseconds=123),
        ),
        ChatContext(
            Visitor("visitor-tomasz", "Tomasz", "tomasz@mail.example", "+48 42 555 01 23"),
            chat_link="https://app.chatra.io/chat/chatTomasz01",
            page=Page("https://kettles.example/repair", "Repairs"),
            host="kettles.example",
            country="Poland",
            city="Łódź",
            language="pl",
            browser="Firefox 123.0",
            os="Fedora",
            group="groupRepairs",
            details=TOLD,
        ),
    )


def test_no_property_of_the_visitor_gets_lost_but_what_tells_people_nothing_more(payload: Payload) -> None:
    body = payload("chatra/chat_started")
    for machine_word in ("color", "userAgent", "browserLanguage"):
        del body["client"][machine_word]
    read = repr(read_events(body))
    told = [*leaves(body["client"]), *leaves(body["chatStartedPage"]), body["hostName"]]
    assert [leaf for leaf in told if isinstance(leaf, str) and repr(leaf)[1:-1] not in read] == []


def leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in leaves(part)]
    return [leaf for part in value for leaf in leaves(part)] if isinstance(value, list) else [value]


def test_a_fragment_tells_who_spoke_and_what_was_automatic(payload: Payload) -> None:
    said = messages(read_events(payload("chatra/chat_fragment")))
    assert [message.author for message in said] == [
        Author(Role.AUTOMATIC, "Noor", "noor@kettles.example", "agentNoor01"),
        Author(Role.AUTOMATIC, "Ivo", "ivo@kettles.example", "agentIvo02"),
        Author(Role.VISITOR, "Tomasz", "tomasz@mail.example"),
        Author(Role.AGENT, "Ivo", "ivo@kettles.example", "agentIvo02"),
    ]
    assert [message.tag for message in said] == ["", "", "", "some-other-desk"]
    assert said[2].text == "The lid does not close ☕️🫖"
    assert not any(message.missed for message in said)


def test_text_may_stand_under_message_and_time_under_timestamp(payload: Payload) -> None:
    events = read_events(payload("chatra/chat_fragment_as_seen"))
    assert [(m.text, m.at) for m in messages(events)] == [
        ("Is anybody there?", START + timedelta(seconds=10)),
        ("Hello?", START + timedelta(seconds=11)),
    ]
    assert {m.author for m in messages(events)} == {Author(Role.VISITOR, "Dark Orange")}
    assert len(events) == 2


def test_a_transcript_repairs_and_ends(payload: Payload) -> None:
    events = read_events(payload("chatra/chat_transcript"))
    assert [e.repaired for e in events if isinstance(e, ChatMessageAdded)] == [True] * 3
    assert events[-1] == ChatEnded(TOMASZ, missed=2)
    assert [m.missed for m in messages(events)] == [False, True, True]
    picture = messages(events)[1]
    assert (picture.text, picture.files) == ("", (File("lid.png", "https://files.example/lid/", 2048),))


def test_a_transcript_without_a_count_counts_the_missed_ones(payload: Payload) -> None:
    body = payload("chatra/chat_transcript")
    del body["offlineMessagesCount"]
    assert read_events(body)[-1] == ChatEnded(TOMASZ, missed=2)


def test_text_beside_a_file_stays(payload: Payload) -> None:
    body = payload("chatra/chat_transcript")
    body["messages"][1]["text"] = "this one"
    assert messages(read_events(body))[1].text == "this one"


def test_odd_values_are_read_where_their_meaning_is_clear(payload: Payload) -> None:
    said = messages(read_events(payload("chatra/chat_fragment_odd")))
    assert [(m.id, m.text, m.at.second, m.author.role) for m in said] == [
        (None, "first, without an id", 31, Role.VISITOR),
        (None, "second, without an id or a time", 31, Role.VISITOR),
        ("mOdd3", "third", 33, Role.VISITOR),
        ("4444", "12.5", 34, Role.VISITOR),
        ("mOdd5", "beep", 35, Role.AUTOMATIC),
        ("mOdd6", "", 36, Role.AUTOMATIC),
        ("mOdd7", "stranger here", 37, Role.AGENT),
    ]
    assert all(m.at.tzinfo is UTC for m in said)


def test_what_is_unknown_is_named_once(payload: Payload) -> None:
    events = read_events(payload("chatra/chat_fragment_odd"))
    assert [e.what for e in events if isinstance(e, UnknownSeen)] == [
        "key accountId",
        "key client.mood",
        "key message.reaction",
        "message type survey",
    ]


def test_odd_facts_about_the_visitor_are_shown_as_they_came(payload: Payload) -> None:
    [event, *_] = [e for e in read_events(payload("chatra/chat_fragment_odd")) if isinstance(e, ChatMessageAdded)]
    assert (event.conversation, event.context.visitor, event.context.city) == ("90210", Visitor("90210"), '["Łódź"]')


def test_an_event_that_nobody_knows_is_only_named() -> None:
    assert read_events({"eventName": "chatRated", "stars": 5}) == [UnknownSeen("event chatRated")]


def test_a_message_without_any_time_takes_the_visits(payload: Payload) -> None:
    body = payload("chatra/chat_started")
    del body["message"]["createdAt"]
    assert messages(read_events(body))[0].at == START - timedelta(minutes=1)


def test_messages_of_one_moment_keep_their_order(payload: Payload) -> None:
    body = payload("chatra/chat_fragment")
    body["messages"] = [{"type": "client", "text": str(n), "createdAt": 1709280000000 - n // 3} for n in range(9)]
    assert [m.text for m in messages(read_events(body))] == list("678345012")


@pytest.mark.parametrize(
    ("place", "break_it"),
    [
        ("eventName", lambda body: body.update(eventName=None)),
        ("eventName", lambda body: body.update(eventName=["hush"])),
        ("client", lambda body: body.update(client="hush")),
        ("client.id", lambda body: body["client"].pop("id")),
        ("client.id", lambda body: body["client"].update(id="")),
        ("client.id", lambda body: body["client"].update(id={"hush": 1})),
        ("messages", lambda body: body.pop("messages")),
        ("messages", lambda body: body.update(messages={"hush": 1})),
        ("messages.1", lambda body: body["messages"].__setitem__(1, "hush")),
        ("messages.2.text", lambda body: body["messages"][2].update(text=["hush"])),
        ("messages.2.id", lambda body: body["messages"][2].update(id=["hush"])),
        ("messages.2.type", lambda body: body["messages"][2].update(type=["hush"])),
        ("messages.2.file", lambda body: body["messages"][2].update(file="hush")),
        ("messages.2.createdAt", lambda body: body["messages"][2].update(createdAt="hush")),
        ("messages.2.createdAt", lambda body: body["messages"][2].update(createdAt="2024-03-01T08:00:00")),
        ("messages.2.createdAt", lambda body: body["messages"][2].update(createdAt=True)),
        ("messages.2.createdAt", lambda body: body["messages"][2].update(createdAt=float("inf"))),
        ("messages.2.createdAt", lambda body: body["messages"][2].update(createdAt=10**300)),
        ("messages.0.createdAt", lambda body: [message.pop("createdAt") for message in body["messages"]]),
    ],
)
def test_an_error_names_the_place_and_not_the_content(
    payload: Payload, place: str, break_it: Callable[[dict[str, Any]], object]
) -> None:
    body = payload("chatra/chat_fragment")
    break_it(body)
    with pytest.raises(PayloadError, match=f"^{place}: ") as raised:
        read_events(body)
    assert "hush" not in str(raised.value)


def test_a_body_reads_the_same_twice(payload: Payload) -> None:
    body = payload("chatra/chat_fragment_odd")
    before = json.dumps(body)
    assert read_events(body) == read_events(body)
    assert json.dumps(body) == before


def test_a_first_message_without_a_time_takes_the_next_ones(payload: Payload) -> None:
    body = payload("chatra/chat_fragment")
    del body["messages"][0]["createdAt"]
    assert [m.at.second for m in messages(read_events(body))] == [2, 2, 3, 4]


def test_who_has_an_agents_id_is_an_agent_where_the_type_is_missing(payload: Payload) -> None:
    body = payload("chatra/chat_fragment")
    for message in body["messages"]:
        del message["type"]
    roles = [m.author.role for m in messages(read_events(body))]
    assert roles == [Role.AUTOMATIC, Role.AUTOMATIC, Role.VISITOR, Role.AGENT]


@pytest.mark.parametrize(("size", "read"), [("2048", 2048), (-1, None), (True, None), ("big", None), (1e400, None)])
def test_a_files_size_is_a_number_or_unknown(payload: Payload, size: object, read: int | None) -> None:
    body = payload("chatra/chat_transcript")
    body["messages"][1]["file"]["size"] = size
    assert messages(read_events(body))[1].files[0].size == read
