"""Corrections of who asks in a ticket: of that person's record, or another person in that place.

Vendor pages: https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html (`fields[Requestor]`),
https://docs.bestpractical.com/rt/5.0.3/RT/User.html (RealName, EmailAddress, the phones).

RT writes a transaction of the user for each field that is set, and of the ticket for each requestor that comes or goes.
They tell who was touched and in which field; the value is read from the record as it is then, so that a transaction
that appears late, or one of several, brings no old value.
"""

from __future__ import annotations

from asyncio import gather
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from connectors.request_tracker import cursors, reading
from connectors.request_tracker.reading import Row, string
from connectors.request_tracker.rest import Rest
from connectors.request_tracker.writing import is_made_up, quoted
from syncd.contract.contact import contact_of
from syncd.contract.model import ContactChanged, ContactField, Cursor, TicketId

COLUMNS: Mapping[ContactField, tuple[str, ...]] = {
    "name": ("RealName",),
    "email": ("EmailAddress",),
    "phone": ("MobilePhone", "WorkPhone", "HomePhone"),
}
"""Where RT keeps a field: the first that has something counts."""
FIELD_OF = {column: field for field, columns in COLUMNS.items() for column in columns}
SET = "ObjectType = 'RT::User' AND Type = 'Set' AND Creator != '__CurrentUser__'"
ASKING = "((Type = 'AddWatcher' OR Type = 'DelWatcher') AND Field = 'Requestor')"
"""Who asks in a ticket changed; for a query of transactions of tickets by others."""
PUBLIC = frozenset({"RealName", "EmailAddress"})
"""What the right ShowUserHistory lets the account see; the others take AdminUsers."""
PERSON = ",".join(["id", *FIELD_OF])
CHANGES_A_POLL = 20
RT_SYSTEM = "1"
"""A user that every Request Tracker has: how the account sees it tells what it may see of others."""


class Changes(NamedTuple):
    """Users that were set: transactions, how far they were read, and whether more is waiting."""

    rows: Sequence[Row] = ()
    cursor: Cursor | None = None
    more: bool = False


def is_asking(row: Row) -> bool:
    """Say whether a transaction of a ticket changed who asks in it."""
    return row.get("Type") in {"AddWatcher", "DelWatcher"}


async def blind_spots(rest: Rest, wanted: Collection[ContactField]) -> str:
    """Say which corrections the account does not see, and the right that it lacks; empty where it sees all wanted."""
    if not wanted:
        return ""
    user = await rest.get("user", RT_SYSTEM)
    links = user.get("_hyperlinks") or ()
    shown = {"ShowUserHistory": any(link.get("ref") == "history" for link in links), "AdminUsers": "Disabled" in user}
    needed: dict[ContactField, str] = {"name": "ShowUserHistory", "email": "ShowUserHistory", "phone": "AdminUsers"}
    missing = [(field, right) for field, right in needed.items() if field in wanted and not shown[right]]
    return "".join(f"; corrections of {field} are not seen: give the account {right}" for field, right in missing)


async def read_changes(rest: Rest, after: Cursor | None, wanted: Collection[ContactField]) -> Changes:
    """Read which users were set by others after a cursor; with None only a cursor, with nothing wanted not even that.

    Phones are asked for apart: RT hides, after it has cut the pages, what the account may not see, and that is either
    all of them or none. So what is hidden never fills a page in front of what is not.
    """
    queries = [_query(columns) for columns in (PUBLIC & _columns(wanted), _columns(wanted) - PUBLIC) if columns]
    if not queries:
        return Changes()
    if after is None:
        newest = await gather(*(rest.some("transactions", query, order="DESC") for query in queries))
        low = max((reading.read_id(rows[0]) for rows in newest if rows), default=0)
        return Changes(cursor=cursors.write_cursor(low, {}))
    low, seen = cursors.read_cursor(after)
    unread = f" AND id > {low}" + "".join(f" AND id != {number}" for number in seen)
    lists = await gather(*(rest.some("transactions", query + unread, "Created,ObjectId,Field") for query in queries))
    rows = sorted((row for rows in lists for row in rows), key=reading.read_id)
    taken = rows[:CHANGES_A_POLL]
    cursor = cursors.write_cursor(low, {**seen, **cursors.seen_of(taken)})
    return Changes(taken, cursor, len(taken) < len(rows))


def _columns(wanted: Collection[ContactField]) -> frozenset[str]:
    return frozenset(column for column, field in FIELD_OF.items() if field in wanted)


def _query(columns: Collection[str]) -> str:
    return f"{SET} AND ({' OR '.join(f'Field = {quoted(column)}' for column in sorted(columns))})"


async def read_corrections(
    rest: Rest, users: Sequence[Row], tickets: Sequence[Row], place: str, wanted: Collection[ContactField]
) -> list[ContactChanged]:
    """Read transactions of users and of tickets into events, one for each ticket in `place` that one person asks in.

    Where several ask, nobody knows which of them is the visitor.
    """
    touched, swapped = _by(users, "ObjectId"), _by(tickets, "ObjectId")
    if not (touched or swapped):
        return []
    asked = [f"Requestor.id = {number}" for number in touched] + [f"id = {number}" for number in swapped]
    query = f"({' OR '.join(asked)}) AND {place}"
    found = await rest.every("tickets", query, "Requestor", **{"fields[Requestor]": PERSON})
    alone = [(string(row, "id"), person) for row in found if (person := _only_person(row)) is not None]
    new = await _put_there(rest, [(ticket, person) for ticket, person in alone if ticket in swapped], tickets)
    events = []
    for ticket, person in alone:
        rows = touched.get(string(person, "id"), [])
        fields = {FIELD_OF[string(row, "Field")] for row in rows}
        values = {field: _value(person, field) for field in wanted if field in fields}
        if ticket in new:
            rows = [*rows, *swapped[ticket]]
            values |= {field: value for field in wanted if (value := _value(person, field))}
        if values:
            last = max(rows, key=reading.read_id)
            contact = contact_of(values)
            events.append(ContactChanged(TicketId(ticket), string(last, "id"), contact, reading.read_time(last)))
    return events


async def _put_there(rest: Rest, alone: Sequence[tuple[str, Row]], tickets: Sequence[Row]) -> set[str]:
    """Give those tickets where the only person who asks was put there by somebody else.

    Whoever was there from the begin and is left is not new.
    """
    added = {(string(row, "ObjectId"), string(row, "NewValue")) for row in tickets if row.get("Type") == "AddWatcher"}
    unsure = [ticket for ticket, person in alone if (ticket, string(person, "id")) not in added]
    query = f"ObjectType = 'RT::Ticket' AND Creator != '__CurrentUser__' AND {ASKING} AND ObjectId = "
    found = await gather(*(rest.every("transactions", query + ticket, "Type,ObjectId,NewValue") for ticket in unsure))
    added |= {(string(row, "ObjectId"), string(row, "NewValue")) for rows in found for row in rows}
    return {ticket for ticket, person in alone if (ticket, string(person, "id")) in added}


def _by(rows: Sequence[Row], name: str) -> dict[str, list[Row]]:
    found = defaultdict(list)
    for row in rows:
        found[string(row, name)].append(row)
    return dict(found)


def _only_person(ticket: Row) -> Row | None:
    asking = ticket.get("Requestor")
    people = asking if isinstance(asking, list) else []
    return people[0] if len(people) == 1 and people[0].get("type") == "user" else None


def _value(person: Row, field: ContactField) -> str:
    value = next((str(person[column]) for column in COLUMNS[field] if person.get(column)), "")
    return "" if field == "email" and is_made_up(value) else value
