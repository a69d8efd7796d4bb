"""What the pages show of the tickets. Each function is given a connection in a transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from sqlite3 import Connection, Row

from connectors.desk.tickets import ticket_row
from syncd.contract.deliveries import Upload
from syncd.contract.errors import MissingTargetError
from syncd.contract.model import StatusClass, TicketId

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Line:
    """A comment and its files."""

    row: Row
    files: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """A ticket, whole: its lines oldest first, its tags and its fields, and the one that it goes on with."""

    row: Row
    lines: tuple[Line, ...]
    tags: tuple[str, ...]
    fields: dict[str, str]
    follows: Row | None


def tickets(db: Connection, status: StatusClass | None, page: int) -> list[Row]:
    """Give a page of tickets with their last lines, the latest first, and one more where there is another page."""
    query = (
        "SELECT ticket.*, comment.text, comment.at, comment.public, comment.ours, comment.name AS author FROM ticket"
        " LEFT JOIN comment ON comment.number = ticket.last WHERE :status IN ('', status)"
        " ORDER BY ticket.last DESC, ticket.number DESC LIMIT :size + 1 OFFSET :size * (:page - 1)"
    )
    return db.execute(query, {"status": status or "", "size": PAGE_SIZE, "page": page}).fetchall()


def thread(db: Connection, ticket: TicketId) -> Thread:
    """Give a ticket. Raises MissingTargetError."""
    row = ticket_row(db, ticket)
    query = "SELECT * FROM comment WHERE ticket = ? ORDER BY number"
    lines = tuple(Line(one, _files(db, one["id"])) for one in db.execute(query, [ticket]).fetchall())
    follows = db.execute("SELECT * FROM ticket WHERE id = ?", [row["follows"]]).fetchone()
    return Thread(row, lines, tuple(json.loads(row["tags"])), json.loads(row["fields"]), follows)


def file(db: Connection, number: str) -> Upload:
    """Give a file, for agents. Raises MissingTargetError."""
    return _upload(db.execute("SELECT * FROM file WHERE number = ?", [number]).fetchone())


def open_file(db: Connection, word: str) -> Upload:
    """Give a file of an agent's public reply by the word that its link has. Raises MissingTargetError."""
    query = (
        "SELECT file.* FROM file JOIN comment ON comment.id = file.comment"
        " WHERE word = ? AND comment.public AND NOT comment.ours"
    )
    return _upload(db.execute(query, [word]).fetchone())


def _files(db: Connection, comment: str) -> tuple[Row, ...]:
    query = "SELECT number, name, length(content) AS size FROM file WHERE comment = ? ORDER BY number"
    return tuple(db.execute(query, [comment]).fetchall())


def _upload(row: Row | None) -> Upload:
    if row is None:
        raise MissingTargetError("no such file in the desk's database")
    return Upload(row["name"], row["kind"], row["content"])
