"""What syncd does to tickets. Each function is given a connection in a transaction."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from connectors.desk.database import NOW
from syncd.contract.deliveries import Upload
from syncd.contract.errors import MissingTargetError
from syncd.contract.model import (
    Author,
    CommentId,
    DeliveryKey,
    Receipt,
    StatusClass,
    TicketDraft,
    TicketId,
    TicketStatus,
    Visitor,
)


def now(db: sqlite3.Connection) -> str:
    """Tell the time, to the millisecond."""
    (time,) = db.execute(f"SELECT {NOW}").fetchone()
    return str(time)


def ticket_row(db: sqlite3.Connection, ticket: str) -> sqlite3.Row:
    """Give a ticket. Raises MissingTargetError."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM ticket WHERE id = ?", [ticket]).fetchone()
    if row is None:
        raise MissingTargetError("no such ticket in the desk's database: was the file put back to an older one?")
    return row


def open_ticket(db: sqlite3.Connection, draft: TicketDraft, key: DeliveryKey, fields: frozenset[str]) -> Receipt:
    """Open it once for a key; `fields` are those that tickets have."""
    taken = {name: value for name, value in draft.fields if name in fields}
    refused = tuple(name for name, _ in draft.fields if name not in fields)
    who = draft.requester
    tags = json.dumps(list(dict.fromkeys(draft.tags)))
    made = db.execute(
        "INSERT INTO ticket (key, subject, priority, tags, fields, follows, visitor, name, email, phone)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
        [key, draft.subject, draft.priority or 0, tags, json.dumps(taken), draft.follows, *_columns(who)],
    )
    (ticket,) = db.execute("SELECT id FROM ticket WHERE key = ?", [key]).fetchone()
    if made.rowcount and draft.text:
        put_comment(db, ticket, draft.text, None, public=True)
    return Receipt(ticket=TicketId(ticket), refused=refused)


def put_comment(
    db: sqlite3.Connection,
    ticket: str,
    text: str,
    key: str | None,
    *,
    public: bool,
    by: Author | None = None,
    files: Sequence[Upload] = (),
) -> CommentId | None:
    """Put words and files on a ticket once for a key; None where they were there. Without an author they are ours."""
    ticket_row(db, ticket)
    name, email = (by.name, by.email) if by else ("", "")
    made = db.execute(
        "INSERT INTO comment (ticket, text, key, public, ours, name, email) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (key) DO NOTHING RETURNING id, number",
        [ticket, text, key, public, by is None, name, email],
    ).fetchall()
    for comment, number in made:
        db.execute("UPDATE ticket SET last = ? WHERE id = ?", [number, ticket])
        for file in files:
            content = [comment, file.name, file.kind, file.content, secrets.token_urlsafe(24)]
            db.execute("INSERT INTO file (comment, name, kind, content, word) VALUES (?, ?, ?, ?, ?)", content)
        return CommentId(comment)
    return None


def deliver(
    db: sqlite3.Connection,
    ticket: TicketId,
    text: str,
    key: DeliveryKey,
    *,
    public: bool,
    files: Sequence[Upload] = (),
) -> Receipt:
    """Put our words on a ticket once for a key."""
    put_comment(db, ticket, text, key, public=public, files=files)
    return find_delivery(db, key, ticket) or Receipt(ticket=ticket)


def find_delivery(db: sqlite3.Connection, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
    """Look a key up, among tickets or on one."""
    if ticket is None:
        row = db.execute("SELECT NULL, id FROM ticket WHERE key = ?", [key]).fetchone()
    else:
        row = db.execute("SELECT id, ticket FROM comment WHERE key = ? AND ticket = ?", [key, ticket]).fetchone()
    return Receipt(row[0], TicketId(row[1])) if row else None


def read_status(db: sqlite3.Connection, ticket: TicketId) -> TicketStatus:
    """Tell it, and since when."""
    row = ticket_row(db, ticket)
    return TicketStatus(StatusClass(row["status"]), datetime.fromisoformat(row["since"]))


def set_status(db: sqlite3.Connection, ticket: str, status: StatusClass) -> bool:
    """Set it, and say whether it had another."""
    ticket_row(db, ticket)
    change = "UPDATE ticket SET status = :status, since = :now WHERE id = :ticket AND status != :status"
    return db.execute(change, {"status": status.value, "now": now(db), "ticket": ticket}).rowcount > 0


def raise_priority(db: sqlite3.Connection, ticket: TicketId, priority: int) -> None:
    """Set it where it is lower."""
    ticket_row(db, ticket)
    db.execute("UPDATE ticket SET priority = max(priority, ?) WHERE id = ?", [priority, ticket])


def add_tag(db: sqlite3.Connection, ticket: TicketId, tag: str) -> None:
    """Add it where it is not there."""
    tags = json.loads(ticket_row(db, ticket)["tags"])
    if tag not in tags:
        db.execute("UPDATE ticket SET tags = ? WHERE id = ?", [json.dumps([*tags, tag]), ticket])


def requester(row: sqlite3.Row) -> Visitor:
    """Read who a ticket is from."""
    return Visitor(row["visitor"], row["name"], row["email"], row["phone"])


def update_requester(db: sqlite3.Connection, ticket: TicketId, wanted: Visitor, instead_of: Sequence[Visitor]) -> None:
    """Change who a ticket is from where no agent has."""
    if requester(ticket_row(db, ticket)) in instead_of:
        change = "UPDATE ticket SET visitor = ?, name = ?, email = ?, phone = ? WHERE id = ?"
        db.execute(change, [*_columns(wanted), ticket])


def count(db: sqlite3.Connection) -> int:
    """Count the tickets."""
    (number,) = db.execute("SELECT count(*) FROM ticket").fetchone()
    return int(number)


def _columns(who: Visitor) -> tuple[str, str, str, str]:
    return who.id, who.name, who.email, who.phone
