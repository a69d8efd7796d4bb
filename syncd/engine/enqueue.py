"""New deliveries: their names, and the notes that syncd leaves by itself."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection

from syncd.contract.deliveries import AddComment, AddNote
from syncd.contract.model import DeliveryKey, TicketId
from syncd.contract.ports import AddsNotes
from syncd.engine.bridge import Bridge
from syncd.store import deliveries, lanes
from syncd.store.deliveries import KEY_PREFIX, Enqueued
from syncd.store.lanes import LaneId


def new_key() -> DeliveryKey:
    """Make a delivery's name: 80 random bits, so that a new database never meets the names of an old one."""
    return DeliveryKey(f"{KEY_PREFIX}{secrets.token_hex(10)}")


def leave_note(
    connection: Connection, bridge: Bridge, link_id: int, words: str, now: float, ticket: TicketId | None = None
) -> None:
    """Put a private note for the agents on a conversation's ticket, where the helpdesk has private notes.

    `ticket` is a former one, where it is for that.
    """
    if isinstance(bridge.helpdesk, AddsNotes):
        _leave(connection, link_id, AddNote(words, ticket), now)


def leave_line(connection: Connection, bridge: Bridge, link_id: int, words: str, now: float) -> None:
    """Put a line of our own on a conversation's ticket: a private note where the helpdesk has these."""
    line = AddNote(words) if isinstance(bridge.helpdesk, AddsNotes) else AddComment(words)
    _leave(connection, link_id, line, now)


def _leave(connection: Connection, link_id: int, line: AddNote | AddComment, now: float) -> None:
    lane = LaneId(link_id, "helpdesk")
    deliveries.enqueue(connection, Enqueued(lane, new_key(), line, now), now)
    lanes.wake(connection, lane, now)
