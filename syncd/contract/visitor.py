"""Who chats, and what the chat knows of it. The rest of syncd takes these from `model`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the website: its link and its title."""

    link: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person who chats. `id` is the chat's stable id; everything else may be empty and may change."""

    id: str
    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class ChatContext:
    """What the chat knows about a conversation beside its messages; `details` are further facts in the chat's order."""

    visitor: Visitor
    chat_link: str = ""
    page: Page | None = None
    host: str = ""
    country: str = ""
    city: str = ""
    language: str = ""
    browser: str = ""
    os: str = ""
    group: str = ""
    details: tuple[tuple[str, str], ...] = ()
