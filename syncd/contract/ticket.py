"""Tickets as values: their status, and what becomes of them. The rest of syncd takes these from `model`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

TicketId = NewType("TicketId", str)


class StatusClass(StrEnum):
    """What a ticket's status means: worked on, waiting for somebody, done, or done for ever."""

    OPEN = "open"
    PENDING = "pending"
    SOLVED = "solved"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class TicketStatus:
    """What a ticket's status means now, and since when it has it."""

    status: StatusClass
    since: datetime


@dataclass(frozen=True, slots=True)
class TicketMerged:
    """A ticket was merged into another: what is put on it goes there, and replies to it come with the other's id.

    `status` is what the other had when that was read, None where it was not.
    """

    ticket: TicketId
    into: TicketId
    status: TicketStatus | None = None
    kind: Literal["ticket_merged"] = "ticket_merged"


@dataclass(frozen=True, slots=True)
class TicketDeleted:
    """A ticket was deleted, but the helpdesk still takes comments on it, which nobody will ever see."""

    ticket: TicketId
    kind: Literal["ticket_deleted"] = "ticket_deleted"


@dataclass(frozen=True, slots=True)
class TicketStatusChanged:
    """Somebody else than our own account gave a ticket another status. `id` belongs to this change alone."""

    ticket: TicketId
    id: str
    status: StatusClass
    at: datetime
    kind: Literal["ticket_status_changed"] = "ticket_status_changed"
