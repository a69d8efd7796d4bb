"""What syncd and agents do to tickets, and what is shown of them: each function is given a transaction's connection."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection, Row
from typing import Any

from pydantic import TypeAdapter

from syncd.contract.deliveries import Upload
from syncd.contract.errors import MissingTargetError
from syncd.contract.model import (
    Author,
    Comment,
    CommentAdded,
    CommentId,
    Cursor,
    DeliveryKey,
    Event,
    EventPage,
    File,
    Receipt,
    Role,
    StatusClass,
    TicketDraft,
    TicketId,
    TicketStatus,
    TicketStatusChanged,
)

LIST_SIZE = 25
EVENTS_SIZE = 50
SYNCD = Author(Role.AUTOMATIC, "syncd")
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


@dataclass(frozen=True, slots=True)
class Line:
    """Words and files for a ticket. `url` is where visitors get files, empty where that is nowhere."""

    key: DeliveryKey
    text: str
    by: Author = SYNCD
    public: bool = True
    files: Sequence[Upload] = ()
    url: str = ""


def ticket_row(db: Connection, ticket: str) -> Row:
    """Give a ticket. Raises MissingTargetError, as all that are given a ticket do."""
    row: Row | None = db.execute("SELECT * FROM ticket WHERE id = ?", [ticket]).fetchone()
    if row is None:
        raise MissingTargetError("no such ticket in the desk's database: was the file put back to an older one?")
    return row


def open_ticket(db: Connection, draft: TicketDraft, key: DeliveryKey) -> Receipt:
    """Open it once for a key."""
    who = draft.requester
    made = db.execute(
        "INSERT INTO ticket (key, subject, follows, visitor, name, email, phone) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (key) DO NOTHING",
        [key, draft.subject, draft.follows, who.id, who.name, who.email, who.phone],
    )
    (ticket,) = db.execute("SELECT id FROM ticket WHERE key = ?", [key]).fetchone()
    if made.rowcount and draft.text:
        say(db, ticket, Line(key, draft.text))
    return Receipt(ticket=TicketId(ticket))


def say(db: Connection, ticket: TicketId, line: Line) -> Receipt:
    """Put it on the ticket once for its key, and tell of it where it is an agent's."""
    ticket_row(db, ticket)
    made = db.execute(
        "INSERT INTO comment (ticket, key, text, public, ours, name) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (key) DO NOTHING RETURNING id, at",
        [ticket, line.key, line.text, line.public, line.by is SYNCD, line.by.name],
    ).fetchall()
    for comment, at in made:
        files = tuple(_attach(db, comment, file, line) for file in line.files)
        if line.by is not SYNCD:
            when = datetime.fromisoformat(at)
            said = Comment(CommentId(comment), line.by, line.text, when, line.public, ours=False, files=files)
            _tell(db, CommentAdded(ticket, said))
    return find_delivery(db, line.key, ticket) or Receipt(ticket=ticket)


def _attach(db: Connection, comment: str, file: Upload, line: Line) -> File:
    word = secrets.token_urlsafe(24)
    row = [word, comment, file.name, file.kind, file.content]
    db.execute("INSERT INTO file (word, comment, name, kind, content) VALUES (?, ?, ?, ?, ?)", row)
    return File(file.name, f"{line.url}{word}" if line.url and line.public else "", len(file.content))


def find_delivery(db: Connection, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
    """Look a key up, among tickets or on one."""
    if ticket is None:
        row = db.execute("SELECT NULL, id FROM ticket WHERE key = ?", [key]).fetchone()
    else:
        row = db.execute("SELECT id, ticket FROM comment WHERE key = ? AND ticket = ?", [key, ticket]).fetchone()
    return Receipt(row[0], TicketId(row[1])) if row else None


def read_status(db: Connection, ticket: TicketId) -> TicketStatus:
    """Tell it, and since when."""
    row = ticket_row(db, ticket)
    return TicketStatus(StatusClass(row["status"]), datetime.fromisoformat(row["since"]))


def set_status(db: Connection, ticket: TicketId, status: StatusClass, *, is_agents: bool) -> None:
    """Set it, and tell of it where an agent did; one that the ticket has stays."""
    if ticket_row(db, ticket)["status"] != status:
        db.execute("UPDATE ticket SET status = ? WHERE id = ?", [status.value, ticket])
        if is_agents:
            _tell(db, TicketStatusChanged(ticket, secrets.token_hex(8), status, read_status(db, ticket).since))


def read_events(db: Connection, after: Cursor | None) -> EventPage:
    """Read one page behind a cursor; one of a file that was thrown away since reads from where this one is."""
    (last,) = db.execute("SELECT coalesce(max(number), 0) FROM event").fetchone()
    begin = last if after is None else min(int(after), last)
    rows = db.execute("SELECT * FROM event WHERE number > ? ORDER BY number LIMIT ?", [begin, EVENTS_SIZE]).fetchall()
    behind = rows[-1]["number"] if rows else begin
    return EventPage(tuple(_EVENT.validate_json(row["body"]) for row in rows), Cursor(str(behind)), more=behind < last)


def count(db: Connection) -> int:
    """Count the tickets."""
    (number,) = db.execute("SELECT count(*) FROM ticket").fetchone()
    return int(number)


def listed(db: Connection, status: StatusClass | None, page: int) -> list[Row]:
    """Give a page of tickets with their last lines, the latest first, and one more where there is another page."""
    query = (
        "SELECT ticket.*, comment.text, comment.at, comment.public, comment.ours, comment.name AS author FROM ticket"
        " LEFT JOIN comment ON comment.number = ticket.last WHERE :status IN ('', status)"
        " ORDER BY ticket.last DESC, ticket.number DESC LIMIT :size + 1 OFFSET :size * (:page - 1)"
    )
    return db.execute(query, {"status": status or "", "size": LIST_SIZE, "page": page}).fetchall()


def thread(db: Connection, ticket: TicketId) -> dict[str, Any]:
    """Give a ticket, its lines, oldest first, their files, and the ticket that it goes on with."""
    row = ticket_row(db, ticket)
    lines = "SELECT * FROM comment WHERE ticket = ? ORDER BY number"
    files = (
        "SELECT file.comment, word, file.name, length(content) AS size FROM file JOIN comment ON comment.id = comment"
        " WHERE ticket = ? ORDER BY file.number"
    )
    return {
        "row": row,
        "lines": db.execute(lines, [ticket]).fetchall(),
        "files": db.execute(files, [ticket]).fetchall(),
        "follows": db.execute("SELECT * FROM ticket WHERE id = ?", [row["follows"]]).fetchone(),
    }


def file(db: Connection, word: str, *, is_open: bool) -> Upload:
    """Give a file by its word, where it `is_open` one of an agent's reply only. Raises MissingTargetError."""
    query = "SELECT file.* FROM file JOIN comment ON id = comment WHERE word = ? AND (public AND NOT ours OR NOT ?)"
    row = db.execute(query, [word, is_open]).fetchone()
    if row is None:
        raise MissingTargetError("no such file in the desk's database")
    return Upload(row["name"], row["kind"], row["content"])


def _tell(db: Connection, event: Event) -> None:
    db.execute("INSERT INTO event (body) VALUES (?)", [_EVENT.dump_json(event).decode()])
