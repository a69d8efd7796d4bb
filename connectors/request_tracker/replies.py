"""From a list of transactions to events: one round of calls however many replies there are, two where one is odd.

Where messages of a ticket were changed, RT does not say which: all its replies are read again.
"""

from __future__ import annotations

from asyncio import gather
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from connectors.request_tracker import parts, reading
from connectors.request_tracker.changes import read_status
from connectors.request_tracker.finding import homes_of
from connectors.request_tracker.reading import Change, People, Row, Statuses, Way, string
from connectors.request_tracker.rest import Rest
from connectors.request_tracker.writing import Limit, quoted, write_parts_query
from syncd.contract.errors import AuthError, MissingTargetError
from syncd.contract.model import CommentAdded, CommentEdited, CommentId, Event, TicketId, TicketMerged

BODIES = (("ContentType", "IN", ["text/plain", "text/html"]), ("Filename", "IS", "NULL"))
FILES = (("Filename", "IS NOT", "NULL"),)
NESTED = (("Parent", "!=", "0"),)
"""RT fails on a list with `Parent` where a part has none."""
OUTERMOST = (("Parent", "=", "0"),)
REPLIES = "ObjectType = 'RT::Ticket' AND Creator != '__CurrentUser__' AND Type = 'Correspond'"
FIELDS = {"fields": "Type,Created,ObjectId,Creator,Field,OldValue,NewValue", "fields[Creator]": reading.NAMES}
"""What to ask of a transaction that may be news."""
REPLIES_A_ROUND = 20
UNKNOWN_WAY = Way(is_mailed=True, is_generated=False)


@dataclass(frozen=True)
class Round:
    """What the first round of calls brought; of a ticket that is gone, nothing."""

    bodies: Sequence[Row]
    files: Sequence[Row]
    ways: dict[str, Way]
    people: dict[str, People]
    staff: frozenset[str]


async def read_news(rest: Rest, rows: Sequence[Row], statuses: Statuses) -> tuple[Event, ...]:
    """Read listed transactions, replies and what became of tickets, in their order."""
    said = [row for row in rows if reading.is_reply(row)]
    replies = {event.comment.id: event for event in await read_replies(rest, said)} if said else {}
    events: list[Event | None] = []
    for row in rows:
        if reading.is_rewriting(row):
            events += await _read_again(rest, row)
        elif reading.is_reply(row):
            events.append(replies.get(CommentId(string(row, "id"))))
        else:
            events.append(await _with_status(rest, reading.read_change(row, statuses), statuses))
    return tuple(event for event in events if event is not None)


async def _read_again(rest: Rest, row: Row) -> list[CommentEdited]:
    """Read all replies that were on a ticket, and on those merged into it, when messages of it were changed."""
    homes = await homes_of(rest, TicketId(string(row, "ObjectId")))
    if not homes:
        return []
    places = " OR ".join(f"ObjectId = {quoted(home)}" for home in homes)
    rows = await rest.every("transactions", f"{REPLIES} AND ({places}) AND id < {reading.read_id(row)}", **FIELDS)
    found: list[CommentEdited] = []
    for at in range(0, len(rows), REPLIES_A_ROUND):
        replies = await read_replies(rest, rows[at : at + REPLIES_A_ROUND])
        found += [reading.read_edit(row, reply) for reply in replies]
    return found


async def _with_status(rest: Rest, change: Change, statuses: Statuses) -> Change:
    """Add to a merge what became of the conversation's ticket by it, where the account may see that."""
    if not isinstance(change, TicketMerged):
        return change
    try:
        return replace(change, status=await read_status(rest, change.into, statuses))
    except (AuthError, MissingTargetError):
        return change


async def read_replies(rest: Rest, rows: Sequence[Row]) -> tuple[CommentAdded, ...]:
    """Read bodies, files, people and roles of listed transactions; replies on a ticket that is gone are left out.

    Bodies are asked for apart from files, so that no file's content travels. How a message's texts hang together is
    asked for where it has several.
    """
    first = await _first_round(rest, rows)
    there = [row for row in rows if string(row, "ObjectId") in first.people]
    several = [row for row in there if len(parts.not_blank(_parts_of(row, first.bodies))) > 1]
    nested = await _parts(rest, several, NESTED, "TransactionId,Parent", **{"fields[Parent]": "ContentType"})
    events = []
    for row in there:
        way = first.ways.get(string(row, "id"), UNKNOWN_WAY)
        author = reading.read_author(row, _people(row, first), is_staff=_is_staff(row, first), way=way)
        body = parts.read_body(_parts_of(row, first.bodies), _parts_of(row, nested))
        events.append(reading.read_reply(row, author, body, parts.read_files(_parts_of(row, first.files))))
    return tuple(events)


async def _first_round(rest: Rest, rows: Sequence[Row]) -> Round:
    tickets = sorted({string(row, "ObjectId") for row in rows})
    users = sorted({reading.read_number(row) for row in rows})
    bodies, files, outermost, found, known = await gather(
        _parts(rest, rows, BODIES, "TransactionId,ContentType,Content"),
        _parts(rest, rows, FILES, "TransactionId,Filename,ContentLength"),
        _parts(rest, rows, OUTERMOST, "TransactionId,Headers"),
        gather(*(rest.find("ticket", ticket) for ticket in tickets)),
        gather(*(rest.find("user", user) for user in users)),
    )
    people = {name: reading.read_people(one) for name, one in zip(tickets, found, strict=True) if one is not None}
    staff = frozenset(user for user, one in zip(users, known, strict=True) if one is not None and one.get("Privileged"))
    ways = {string(one, "TransactionId"): Way(parts.came_by_mail(one), parts.is_generated(one)) for one in outermost}
    return Round(bodies, files, ways, people, staff)


async def _parts(rest: Rest, rows: Iterable[Row], limits: Iterable[Limit], fields: str, **more: str) -> Sequence[Row]:
    ids = [string(row, "id") for row in rows]
    return await rest.every("attachments", write_parts_query(ids, *limits), fields, **more) if ids else ()


def _people(row: Row, first: Round) -> People:
    return first.people[string(row, "ObjectId")]


def _is_staff(row: Row, first: Round) -> bool:
    return reading.read_number(row) in first.staff


def _parts_of(row: Row, listed: Iterable[Row]) -> list[Row]:
    return [part for part in listed if string(part, "TransactionId") == string(row, "id")]
