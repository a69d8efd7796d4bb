"""What syncd reads from Request Tracker: replies, people and keys, all pure.

Vendor page: https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html (transactions, attachments, `fields`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from syncd.contract.errors import PayloadError
from syncd.contract.http import read_json_object
from syncd.contract.model import (
    Author,
    Comment,
    CommentAdded,
    CommentEdited,
    CommentId,
    DeliveryKey,
    File,
    Role,
    StatusClass,
    TicketDeleted,
    TicketId,
    TicketMerged,
    TicketStatusChanged,
)

Row = Mapping[str, Any]
"""A record as REST2 lists it."""

NAMES = "id,Name,RealName,EmailAddress"
"""What to ask of a person beside a record: with `id` it is a number, without it the login."""

NOBODY = frozenset({"RT_System", "Nobody"})


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


class Way(NamedTuple):
    """How a message came into RT: by mail, and written by a program (its own word, or RT's guess)."""

    is_mailed: bool
    is_generated: bool


class People(NamedTuple):
    """The logins of those who ask in a ticket, and of who owns it."""

    asking: frozenset[str]
    owner: str


def _login(person: object, field: str = "id") -> str:
    if not isinstance(person, dict):
        raise PayloadError("person: not a record")
    return string(person, field)


def read_login(row: Row) -> str:
    """Read the login of a record's creator, asked for with `NAMES`. Raises PayloadError."""
    return _login(row.get("Creator"), "Name")


def read_number(row: Row) -> str:
    """Read the id of a record's creator, asked for with `NAMES`: no login finds a user that has a `/` in it.

    Raises PayloadError.
    """
    return _login(row.get("Creator"))


def read_people(ticket: Row) -> People:
    """Read who has to do with a ticket. Raises PayloadError."""
    asking = frozenset(_login(person) for person in ticket.get("Requestor") or ())
    return People(asking, _login(ticket.get("Owner") or {"id": ""}))


def read_made_transaction(location: str) -> str:
    """Read the new transaction's id from the header Location. Raises PayloadError."""
    made = re.search(r"/transaction/(\d+)$", location)
    if made is None:
        raise PayloadError("Location: no transaction in the answer to POST comment")
    return made[1]


def fields_told(queue: Row, ticket_field: str, message_field: str, tag_field: str) -> str:
    """Say which of the three fields the queue has, as far as the account may see, and what is where they are not."""
    places = {ticket_field: "TicketCustomFields", message_field: "TicketTransactionCustomFields"}
    keys = [name for name, place in places.items() if not _has_field(queue, place, name)]
    told = f"{', '.join(keys)} missing: keys only in the messages' Content-Type" if keys else ""
    has_tags = _has_field(queue, "TicketCustomFields", tag_field)
    tags = f"tags in {tag_field}" if has_tags else f"{tag_field} missing: tags only in notes"
    return f"{told or f'keys in {ticket_field}, {message_field}'}; {tags}"


def _has_field(queue: Row, place: str, name: str) -> bool:
    return name in {one.get("name") for one in queue.get(place) or ()}


def ticket_fields(queue: Row, *ours: str) -> frozenset[str]:
    """Name the fields of the queue's tickets but those that are ours to fill, as far as the account may see."""
    return frozenset(string(one, "name") for one in queue.get("TicketCustomFields") or ()) - {*ours}


def empty_fields(ticket: Row, names: Iterable[str]) -> tuple[str, ...]:
    """Name those fields that the ticket has nothing in, or does not have."""
    filled = {one.get("name") for one in ticket.get("CustomFields") or () if one.get("values")}
    return tuple(name for name in names if name not in filled)


def can_create(queue: Row) -> bool:
    """Say whether the account may open tickets in the queue."""
    return any(link.get("ref") == "create" for link in queue.get("_hyperlinks") or ())


def values_of(ticket: Row, field: str) -> list[str] | None:
    """Give the values of a ticket's field; None where it has no such field that the account may see."""
    fields = ticket.get("CustomFields") or ()
    return next((list(one.get("values") or ()) for one in fields if one.get("name") == field), None)


def has_key(row: Row, field: str, key: DeliveryKey) -> bool:
    """Say whether the record's field holds exactly this key; RT's own comparison ignores case."""
    fields = row.get("CustomFields") or ()
    return any(one.get("name") == field and key in (one.get("values") or ()) for one in fields)


def read_author(row: Row, people: People, *, is_staff: bool, way: Way) -> Author:
    """Read who wrote a reply.

    An agent is a privileged user. One who asks in this very ticket (a visitor may have given an agent's address) is one
    as well where he wrote in RT itself or owns the ticket; what comes from him by mail else may be the visitor's. What
    his mail program answers by itself is not his, and what RT itself writes is nobody's.
    """
    login = read_login(row)
    is_unsure = way.is_mailed and login in people.asking and login != people.owner
    role = Role.VISITOR if login in people.asking and not is_staff else Role.OTHER
    if is_staff and not is_unsure and not way.is_generated:
        role = Role.AGENT
    creator = row["Creator"]
    name = creator.get("RealName") or login
    return Author(Role.AUTOMATIC if login in NOBODY else role, name=name, email=creator.get("EmailAddress") or "")


def read_reply(row: Row, author: Author, body: tuple[str, bool], files: tuple[File, ...]) -> CommentAdded:
    """Read a transaction of somebody else, whose `body` is a text and whether that is HTML. Raises PayloadError."""
    text, html = body
    comment = Comment(
        id=CommentId(string(row, "id")),
        author=author,
        text=text,
        html=html,
        at=read_time(row),
        public=is_reply(row),
        ours=False,
        files=files,
    )
    return CommentAdded(ticket=TicketId(string(row, "ObjectId")), comment=comment)


def read_edit(row: Row, reply: CommentAdded) -> CommentEdited:
    """Read a reply anew after a transaction that says that messages of its ticket were changed."""
    return CommentEdited(reply.ticket, reply.comment, version=string(row, "id"), at=read_time(row))


def is_rewriting(row: Row) -> bool:
    """Say whether a transaction tells that messages of its ticket were changed, whichever."""
    return row.get("Type") == "Munge"


def is_reply(row: Row) -> bool:
    """Say whether somebody said something with a transaction."""
    return row.get("Type") == "Correspond"


Change = TicketDeleted | TicketMerged | TicketStatusChanged | None
"""What became of a ticket, if anything did."""
Statuses = Mapping[StatusClass, tuple[str, ...]]
"""Which statuses mean what."""


def status_class(status: str, statuses: Statuses) -> StatusClass:
    """Tell what a status means; one that nobody has named is one of work."""
    return next((kind for kind, names in statuses.items() if status in names), StatusClass.OPEN)


def status_to_set(ticket: Row, names: tuple[str, ...]) -> str:
    """Choose the first of a class's statuses to which the ticket's lifecycle leads, else the first."""
    links = ticket.get("_hyperlinks") or ()
    reached = {link.get("to") for link in links if link.get("ref") == "lifecycle"}
    return next((name for name in names if name in reached), names[0])


def read_change(row: Row, statuses: Statuses) -> Change:
    """Read what became of a ticket. Raises PayloadError.

    RT writes a merge on both tickets: None for the one that is left, and for a status that means what the last one did.
    The status deleted hides a ticket from searches.
    """
    if row.get("Type") == "Status":
        return _read_status_change(row, statuses)
    ticket, link = string(row, "ObjectId"), string(row, "NewValue")
    into = re.search(r"/ticket/(\d+)$", link)
    if into is None:
        raise PayloadError("NewValue: not the link of a ticket")
    return None if into[1] == ticket else TicketMerged(TicketId(ticket), TicketId(into[1]))


def _read_status_change(row: Row, statuses: Statuses) -> TicketDeleted | TicketStatusChanged | None:
    ticket, status = TicketId(string(row, "ObjectId")), string(row, "NewValue")
    if status == "deleted":
        return TicketDeleted(ticket)
    old, new = (status_class(one, statuses) for one in (string(row, "OldValue"), status))
    return None if old is new else TicketStatusChanged(ticket, string(row, "id"), new, read_time(row))


def read_time(row: Row) -> datetime:
    """Read when a record was made. Raises PayloadError."""
    try:
        at = datetime.fromisoformat(string(row, "Created"))
    except ValueError:
        raise PayloadError("Created: not a time") from None
    if at.tzinfo is None:
        raise PayloadError("Created: without a time zone")
    return at.astimezone(UTC)
