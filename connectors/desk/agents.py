"""What agents do to tickets, and the events that tell of it. All is given a connection in a transaction."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import TypeAdapter

from connectors.desk.tickets import now, put_comment, set_status, ticket_row
from syncd.contract.contact import CONTACT_FIELDS, contact_of
from syncd.contract.deliveries import Upload
from syncd.contract.errors import MissingTargetError
from syncd.contract.model import (
    Author,
    Comment,
    CommentAdded,
    CommentDeleted,
    CommentEdited,
    CommentId,
    ContactChanged,
    ContactField,
    Cursor,
    Event,
    EventPage,
    File,
    Role,
    StatusClass,
    TicketId,
    TicketStatusChanged,
)

PAGE_SIZE = 50
OPEN_PATH = "open/"
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


class Agents:
    """The acts of agents. `url` is where the pages are reached from outside, empty where that is nowhere."""

    def __init__(self, url: str) -> None:
        self._url = url

    def say(
        self,
        db: sqlite3.Connection,
        ticket: TicketId,
        by: Author,
        text: str,
        *,
        public: bool,
        key: str | None = None,
        files: Sequence[Upload] = (),
    ) -> None:
        """Write a reply or a private note; once for a key."""
        made = put_comment(db, ticket, text, key, public=public, by=by, files=files)
        if made is not None:
            _tell(db, CommentAdded(ticket, self._read(db, _own(db, ticket, by, made))))

    def edit(self, db: sqlite3.Connection, ticket: TicketId, by: Author, comment: CommentId, text: str) -> None:
        """Give an agent's own line other words. Raises MissingTargetError where it is not there or not his."""
        if _own(db, ticket, by, comment)["text"] == text:
            return
        db.execute("UPDATE comment SET text = ?, edited = ? WHERE id = ?", [text, now(db), comment])
        row = _own(db, ticket, by, comment)
        _tell(db, CommentEdited(ticket, self._read(db, row), _new_id(), datetime.fromisoformat(row["edited"])))

    def _read(self, db: sqlite3.Connection, row: sqlite3.Row) -> Comment:
        rows = db.execute("SELECT *, length(content) AS size FROM file WHERE comment = ? ORDER BY number", [row["id"]])
        start = f"{self._url}/{OPEN_PATH}" if self._url and row["public"] else ""
        files = tuple(File(one["name"], start and start + one["word"], one["size"]) for one in rows)
        author, at = Author(Role.AGENT, row["name"], row["email"]), datetime.fromisoformat(row["at"])
        return Comment(row["id"], author, row["text"], at, bool(row["public"]), ours=False, files=files)


def delete(db: sqlite3.Connection, ticket: TicketId, by: Author, comment: CommentId) -> None:
    """Remove an agent's own line and its files. Raises MissingTargetError where it is not there or not his."""
    _own(db, ticket, by, comment)
    db.execute("DELETE FROM comment WHERE id = ?", [comment])
    (last,) = db.execute("SELECT coalesce(max(number), 0) FROM comment WHERE ticket = ?", [ticket]).fetchone()
    db.execute("UPDATE ticket SET last = ? WHERE id = ?", [last, ticket])
    _tell(db, CommentDeleted(ticket, comment))


def give_status(db: sqlite3.Connection, ticket: TicketId, status: StatusClass) -> None:
    """Set it; one that it has stays."""
    if set_status(db, ticket, status):
        since = datetime.fromisoformat(ticket_row(db, ticket)["since"])
        _tell(db, TicketStatusChanged(ticket, _new_id(), status, since))


def correct(db: sqlite3.Connection, ticket: TicketId, values: Mapping[ContactField, str]) -> None:
    """Correct contact data of who asks; what is as it was is not told."""
    row = ticket_row(db, ticket)
    changed = {field: values[field] for field in CONTACT_FIELDS if values.get(field, row[field]) != row[field]}
    if changed:
        whole = [changed.get(field, row[field]) for field in CONTACT_FIELDS]
        db.execute("UPDATE ticket SET name = ?, email = ?, phone = ? WHERE id = ?", [*whole, ticket])
        _tell(db, ContactChanged(ticket, _new_id(), contact_of(changed), datetime.fromisoformat(now(db))))


def read_events(db: sqlite3.Connection, after: Cursor | None, wanted: frozenset[ContactField]) -> EventPage:
    """Read one page behind a cursor; one of a file that was thrown away since reads from where this one is."""
    (last,) = db.execute("SELECT coalesce(max(number), 0) FROM event").fetchone()
    begin = last if after is None else min(int(after), last)
    rows = db.execute("SELECT * FROM event WHERE number > ? ORDER BY number LIMIT ?", [begin, PAGE_SIZE]).fetchall()
    events = (_wanted(_EVENT.validate_json(row["body"]), wanted) for row in rows)
    behind = rows[-1]["number"] if rows else begin
    return EventPage(tuple(one for one in events if one), Cursor(str(behind)), more=behind < last)


def _wanted(event: Event, fields: frozenset[ContactField]) -> Event | None:
    if not isinstance(event, ContactChanged):
        return event
    told = {field: value for field, value in event.contact.told().items() if field in fields}
    return ContactChanged(event.ticket, event.id, contact_of(told), event.at) if told else None


def _own(db: sqlite3.Connection, ticket: TicketId, by: Author, comment: CommentId) -> sqlite3.Row:
    query = "SELECT * FROM comment WHERE id = ? AND ticket = ? AND name = ? AND NOT ours"
    row: sqlite3.Row | None = db.execute(query, [comment, ticket, by.name]).fetchone()
    if row is None:
        raise MissingTargetError("no such line of this agent on the ticket")
    return row


def _new_id() -> str:
    return secrets.token_hex(8)


def _tell(db: sqlite3.Connection, event: Event) -> None:
    db.execute("INSERT INTO event (body) VALUES (?)", [_EVENT.dump_json(event).decode()])
