"""Chatra's webhooks as events: `chatStarted`, `chatFragment`, `chatTranscript`.

Vendor page: https://chatra.com/help/api/webhooks/. Beside what it tells: a message's text may stand under `message`
and its time under `timestamp`; `agents` may be missing or empty; any property may be missing or null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.chatra.values import an_object, count, first, flag, moment, objects, optional, string, words
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

AUTOMATIC_FLAGS = ("isTrigger", "isPushed", "isBot")
TYPES = ("client", "agent", "bot")
EVENT_KEYS = frozenset({"eventName", "message", "messages", "agent", "agents", "client"}).union(
    {"hostName", "chatStartedPage", "offlineMessagesCount"}
)
CLIENT_KEYS = frozenset(
    {"id", "chatId", "chatLink", "groupId", "color", "ip", "browserLanguage", "chatLanguage", "browser", "os"}
).union(
    {"userAgent", "country", "city", "latestVisit", "displayedName", "basicInfo", "customFormData", "integrationData"},
    {"info", "marketingConsent", "termsOfServiceConsent"},
)
MESSAGE_KEYS = frozenset({"id", "type", "text", "message", "createdAt", "timestamp", "agentId", "agentName"}).union(
    {*AUTOMATIC_FLAGS, "isMissed", "isMissedByClient", "receivedFrom", "file"}
)
FILE_KEYS = frozenset({"fileName", "size", "isImage", "url", "imageInfo"})
DETAILS = {
    "chatId": "Chat id",
    "displayedName": "Name in Chatra",
    "ip": "IP address",
    "browserLanguage": "Browser language",
    "userAgent": "User agent",
    "marketingConsent": "Marketing consent",
    "termsOfServiceConsent": "Terms of service consent",
}
INFO_SOURCES = {"integrationData": "from the website", "customFormData": "from the form", "basicInfo": "entered"}
INFO_LABELS = {"notes": "Notes"}


def read_events(body: Mapping[str, Any]) -> list[Event]:
    """Read a webhook into events: what is unknown, then messages, oldest first, then the end. Raises PayloadError."""
    name = string(body.get("eventName"), "eventName")
    if not name:
        raise PayloadError("eventName: missing")
    if name not in {"chatStarted", "chatFragment", "chatTranscript"}:
        return [UnknownSeen(f"event {name[:60]}")]
    client = an_object(body.get("client"), "client")
    conversation = ConversationId(string(client.get("id"), "client.id"))
    if not conversation:
        raise PayloadError("client.id: missing")
    raw = read_raw_messages(body, started=name == "chatStarted")
    context, is_transcript = read_context(body, client), name == "chatTranscript"
    messages = read_messages(raw, context.visitor, read_agents(body), optional(client.get("latestVisit")))
    events: list[Event] = [UnknownSeen(what) for what in dict.fromkeys(read_unknown(body, client, raw))]
    events += [ChatMessageAdded(conversation, message, context, repaired=is_transcript) for message in messages]
    if is_transcript:
        missed = count(body.get("offlineMessagesCount"))
        events.append(ChatEnded(conversation, missed=sum(m.missed for m in messages) if missed is None else missed))
    return events


def read_raw_messages(body: Mapping[str, Any], *, started: bool) -> list[dict[str, Any]]:
    """Find the messages: one under `message` when a chat started, else a list. Raises PayloadError."""
    if started:
        return [an_object(body.get("message"), "message")]
    messages = body.get("messages")
    if not isinstance(messages, list):
        raise PayloadError(f"messages: not a list but {type(messages).__name__}")
    return [an_object(message, f"messages.{position}") for position, message in enumerate(messages)]


def read_agents(body: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Find the agents by their ids, wherever the event names them."""
    return {words(agent.get("id")): agent for agent in objects(body.get("agents")) + objects([body.get("agent")])}


def read_context(body: Mapping[str, Any], client: Mapping[str, Any]) -> ChatContext:
    """Read all that is told about the visitor; what has no place of its own is a detail. Never fails."""
    info = read_info(client)
    page = read_page(body.get("chatStartedPage"))
    return ChatContext(
        visitor=Visitor(
            id=words(client.get("id")),
            name=words(first(info, "name")) or words(client.get("displayedName")),
            email=words(info.get("email")),
            phone=words(info.get("phone")),
        ),
        chat_link=words(client.get("chatLink")),
        page=page,
        host=words(body.get("hostName")),
        country=words(client.get("country")),
        city=words(client.get("city")),
        language=words(client.get("chatLanguage")),
        browser=words(client.get("browser")),
        os=words(client.get("os")),
        group=words(client.get("groupId")),
        details=tuple((label, text) for label, value in read_details(client, info, page) if (text := words(value))),
    )


def read_info(client: Mapping[str, Any]) -> dict[str, Any]:
    """Combine what is known of the visitor; what people wrote goes before what the website said."""
    return {key: value for name in (*INFO_SOURCES, "info") for key, value in optional(client.get(name)).items()}


def read_page(value: object) -> Page | None:
    """Read a page's link and title; None where there is neither."""
    page = optional(value)
    return Page(words(page.get("link")), words(page.get("title"))) if page else None


def read_details(client: Mapping[str, Any], info: Mapping[str, Any], page: Page | None) -> Iterator[tuple[str, object]]:
    """Give further facts under labels for people; a fact that differs by its source is given once for each."""
    yield from ((label, client.get(key)) for key, label in DETAILS.items() if not is_told(key, client, info))
    yield from ((INFO_LABELS.get(k, words(k)), v) for k, v in info.items() if k not in {"name", "email", "phone"})
    for source, told_by in INFO_SOURCES.items():
        told = optional(client.get(source))
        yield from ((f"{words(key)} ({told_by})", value) for key, value in told.items() if value != info[key])
    visit = optional(client.get("latestVisit"))
    yield "Latest visit began", read_visit_time(visit.get("startedAt"))
    yield "Latest visit ended", read_visit_time(visit.get("finishedAt"))
    viewed = [one for one in map(read_page, objects(visit.get("viewedPages"))) if one and one != page]
    yield from (("Page viewed", f"{one.title} {one.link}".strip()) for one in dict.fromkeys(viewed))


def is_told(key: str, client: Mapping[str, Any], info: Mapping[str, Any]) -> bool:
    """Say whether a fact says nothing beside those that have a place of their own."""
    value, language = words(client.get(key)), words(client.get("chatLanguage"))
    match key:
        case "chatId":
            return words(client.get("chatLink")).endswith(f"/{value}")
        case "displayedName":
            return value == (words(first(info, "name")) or value)
        case "browserLanguage":
            return value.partition("-")[0].casefold() == language.partition("-")[0].casefold()
        case "userAgent":
            return bool(client.get("browser") and client.get("os"))
        case _:
            return False


def read_visit_time(value: object) -> str:
    """Write a visit's time for people, or the value as it came where it is no time."""
    try:
        at = moment(value, "")
    except PayloadError:
        return words(value)
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""


def read_messages(
    raw: Sequence[Mapping[str, Any]],
    visitor: Visitor,
    agents: Mapping[str, Mapping[str, Any]],
    visit: Mapping[str, Any],
) -> list[Message]:
    """Read messages, oldest first; those of one moment stay in their order.

    A message without a time takes the one of the message before it, or the first that is told of another message or
    of the visit. Raises PayloadError.
    """
    told = [moment(first(one, "createdAt", "timestamp"), f"messages.{n}.createdAt") for n, one in enumerate(raw)]
    at = next(filter(None, told), None)
    messages = []
    for position, (one, when) in enumerate(zip(raw, told, strict=True)):
        place = f"messages.{position}"
        at = when or at or moment(visit.get("startedAt"), "client.latestVisit.startedAt")
        if at is None:
            raise PayloadError(f"{place}.createdAt: missing, and nothing beside it tells a time")
        messages.append(read_message(one, place, at, read_author(one, place, visitor, agents)))
    return sorted(messages, key=lambda message: message.at)


def read_message(raw: Mapping[str, Any], place: str, at: datetime, author: Author) -> Message:
    """Read one message; a file's name is not repeated as its text. Raises PayloadError."""
    text = string(first(raw, "text", "message"), f"{place}.text")
    files: tuple[File, ...] = ()
    if raw.get("file") is not None:
        file = an_object(raw["file"], f"{place}.file")
        name = words(file.get("fileName")) or text or "file"
        files = (File(name, url=words(file.get("url")), size=count(file.get("size"))),)
        text = "" if text == name else text
    native = string(raw.get("id"), f"{place}.id")
    return Message(
        id=MessageId(native) if native else None,
        author=author,
        text=text,
        at=at,
        files=files,
        tag=words(raw.get("receivedFrom")),
        missed=flag(raw, "isMissed", "isMissedByClient"),
    )


def read_author(
    raw: Mapping[str, Any], place: str, visitor: Visitor, agents: Mapping[str, Mapping[str, Any]]
) -> Author:
    """Tell who spoke. Only agents' messages have an agent, which tells where a type is missing. Raises PayloadError."""
    kind = string(raw.get("type"), f"{place}.type")
    agent_id = words(raw.get("agentId"))
    if kind == "client" or (not kind and not agent_id):
        return Author(Role.VISITOR, visitor.name, visitor.email)
    agent = agents.get(agent_id, {})
    name = words(first(raw, "agentName")) or words(agent.get("name"))
    automatic = kind not in {"agent", ""} or flag(raw, *AUTOMATIC_FLAGS)
    return Author(Role.AUTOMATIC if automatic else Role.AGENT, name, words(agent.get("email")), agent_id)


def read_unknown(body: Mapping[str, Any], client: Mapping[str, Any], raw: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Name the keys and the types of messages that no page of Chatra's tells of."""
    yield from (f"key {key[:60]}" for key in body if key not in EVENT_KEYS)
    yield from (f"key client.{key[:60]}" for key in client if key not in CLIENT_KEYS)
    for message in raw:
        yield from (f"key message.{key[:60]}" for key in message if key not in MESSAGE_KEYS)
        yield from (f"key file.{key[:60]}" for key in optional(message.get("file")) if key not in FILE_KEYS)
        kind = message.get("type")
        yield from [f"message type {words(kind)[:60]}"] if kind is not None and kind not in TYPES else []
