"""What syncd reads from Request Tracker: cursors, replies and keys, all pure.

Vendor page: https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html (transactions, attachments, `fields`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from syncd.contract.errors import PayloadError
from syncd.contract.http import read_json_object
from syncd.contract.model import (
    Author,
    Comment,
    CommentAdded,
    CommentId,
    Cursor,
    DeliveryKey,
    File,
    Role,
    TicketId,
)

Row = Mapping[str, Any]
"""A record as REST2 lists it."""

WINDOW = 80
"""How far behind the newest transaction a late one may still appear.

A database gives out ids before it commits, so that a slow transaction shows up below one that was read already.
"""

NOBODY = frozenset({"RT_System", "Nobody"})


def read_cursor(cursor: Cursor) -> tuple[int, frozenset[int]]:
    """Read `low` or `low:id,id…`: everything up to `low` was read, and these above it. Raises PayloadError."""
    low, _, seen = cursor.partition(":")
    try:
        return int(low), frozenset(int(number) for number in seen.split(",") if number)
    except ValueError:
        raise PayloadError("cursor: not one of Request Tracker") from None


def write_cursor(low: int, seen: Iterable[int]) -> Cursor:
    """Write a cursor that looks back over `WINDOW` transactions, but never below `low`."""
    low = max(low, max(seen, default=0) - WINDOW)
    kept = ",".join(str(number) for number in sorted(seen) if number > low)
    return Cursor(f"{low}:{kept}" if kept else str(low))


def read_rows(body: bytes) -> tuple[Row, ...]:
    """Read the records of a list. Raises PayloadError."""
    rows = read_json_object(body).get("items")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PayloadError("items: not a list of records")
    return tuple(rows)


def string(row: Row, name: str) -> str:
    """Read a string or a number of a record as a string. Raises PayloadError."""
    value = row.get(name)
    if isinstance(value, str | int):
        return str(value)
    raise PayloadError(f"{name}: missing or not a string")


def read_id(row: Row) -> int:
    """Read a record's id. Raises PayloadError."""
    try:
        return int(string(row, "id"))
    except ValueError:
        raise PayloadError("id: not a number") from None


def _login(person: object) -> str:
    if not isinstance(person, dict):
        raise PayloadError("person: not a record")
    return string(person, "id")


def read_login(row: Row) -> str:
    """Read the login of a record's creator. Raises PayloadError."""
    return _login(row.get("Creator"))


def read_requesters(ticket: Row) -> frozenset[str]:
    """Read the logins of those who ask in this ticket. Raises PayloadError."""
    return frozenset(_login(person) for person in ticket.get("Requestor") or ())


def read_made_transaction(location: str) -> str:
    """Read the new transaction's id from the header Location. Raises PayloadError."""
    made = re.search(r"/transaction/(\d+)$", location)
    if made is None:
        raise PayloadError("Location: no transaction in the answer to POST comment")
    return made[1]


def missing_fields(queue: Row, ticket_field: str, message_field: str) -> list[str]:
    """Name those of the two fields that the queue does not have, as far as the account may see."""
    wanted = {"TicketCustomFields": ticket_field, "TicketTransactionCustomFields": message_field}
    return [name for place, name in wanted.items() if name not in {one.get("name") for one in queue.get(place) or ()}]


def can_create(queue: Row) -> bool:
    """Say whether the account may open tickets in the queue."""
    return any(link.get("ref") == "create" for link in queue.get("_hyperlinks") or ())


def has_key(row: Row, field: str, key: DeliveryKey) -> bool:
    """Say whether the record's field holds exactly this key; RT's own comparison ignores case."""
    fields = row.get("CustomFields") or ()
    return any(one.get("name") == field and key in (one.get("values") or ()) for one in fields)


def read_author(row: Row, requesters: Collection[str], staff: Collection[str]) -> Author:
    """Read who wrote a reply: an agent is a privileged user who does not ask in this very ticket."""
    login, creator = read_login(row), row["Creator"]
    role = Role.AGENT if login in staff and login not in requesters else Role.VISITOR
    name = creator.get("RealName") or creator.get("Name") or login
    return Author(Role.AUTOMATIC if login in NOBODY else role, name=name, email=creator.get("EmailAddress") or "")


def read_body(parts: Sequence[Row]) -> tuple[str, bool]:
    """Choose the body among a message's plain and HTML parts, and say whether it is HTML.

    It is the first that is not blank. What agents write in RT has one part. In a mail that has both, the plain part is
    first: the author's own program wrote it, and it loses less on the way to a chat than HTML that we would flatten.
    """
    for part in parts:
        if string(part, "Content").strip():
            return string(part, "Content"), part.get("ContentType") == "text/html"
    return "", False


def read_file(part: Row) -> File:
    """Read a file beside a message; RT gives it only to who is logged in."""
    size = str(part.get("ContentLength") or "")
    return File(name=string(part, "Filename"), size=int(size) if size.isdecimal() else None)


def read_reply(row: Row, author: Author, bodies: Sequence[Row], files: Sequence[Row]) -> CommentAdded:
    """Read a transaction of somebody else and its parts. Raises PayloadError."""
    text, html = read_body(bodies)
    comment = Comment(
        id=CommentId(string(row, "id")),
        author=author,
        text=text,
        html=html,
        at=read_time(row),
        public=row.get("Type") == "Correspond",
        ours=False,
        files=tuple(read_file(part) for part in files if part.get("Filename")),
    )
    return CommentAdded(ticket=TicketId(string(row, "ObjectId")), comment=comment)


def read_time(row: Row) -> datetime:
    """Read when a record was made. Raises PayloadError."""
    try:
        at = datetime.fromisoformat(string(row, "Created"))
    except ValueError:
        raise PayloadError("Created: not a time") from None
    if at.tzinfo is None:
        raise PayloadError("Created: without a time zone")
    return at.astimezone(UTC)
