"""Conversations, their tickets and the people in them."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class Link(SQLModel, table=True):
    """A conversation and its ticket. `ticket` is null until the helpdesk has made it."""

    __table_args__ = (UniqueConstraint("bridge", "conversation"), Index("ix_link_bridge_ticket", "bridge", "ticket"))

    id: int | None = Field(default=None, primary_key=True)
    bridge: str
    conversation: str
    ticket: str | None = None
    created_at: float


class LinkTicket(SQLModel, table=True):
    """Every ticket that a conversation ever had: a reply on a former one still finds its way."""

    __tablename__: ClassVar[str] = "link_ticket"

    bridge: str = Field(primary_key=True)
    ticket: str = Field(primary_key=True)
    link_id: int = Field(foreign_key="link.id")


class Talk(SQLModel, table=True):
    """How a conversation stands; see `syncd.core.lifecycle.Talk`. No row: nothing was said, its ticket is open."""

    link_id: int = Field(foreign_key="link.id", primary_key=True)
    status: str | None = None
    status_since: float = 0.0
    asked_at: float = 0.0
    heard_at: float = 0.0
    answered_at: float = 0.0
    spoken_at: float = 0.0
    missed_at: float = 0.0
    answers: float | None = None


class Requester(SQLModel, table=True):
    """Whom syncd made the requester of a conversation's ticket (JSON); see `syncd.core.requester.Requester`."""

    link_id: int = Field(foreign_key="link.id", primary_key=True)
    asked: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    given: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    claimed: str = ""


class KnownContact(SQLModel, table=True):
    """What both ends are known to have of a visitor's contact data, and what is on its way; see `core.contact.Ends`."""

    __tablename__: ClassVar[str] = "contact"

    link_id: int = Field(foreign_key="link.id", primary_key=True)
    field: str = Field(primary_key=True)
    helpdesk: str | None = None
    chat: str | None = None
    sent: str | None = None
    put: str | None = None


class ChatAgent(SQLModel, table=True):
    """An agent of the chat, by an address in lower case: `native` is the chat's id of him."""

    __tablename__: ClassVar[str] = "chat_agent"

    bridge: str = Field(primary_key=True)
    email: str = Field(primary_key=True)
    native: str


chat_agent = SQLModel.metadata.tables["chat_agent"]
contact = SQLModel.metadata.tables["contact"]
link = SQLModel.metadata.tables["link"]
link_ticket = SQLModel.metadata.tables["link_ticket"]
requester = SQLModel.metadata.tables["requester"]
talk = SQLModel.metadata.tables["talk"]
