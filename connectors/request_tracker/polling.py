"""One poll: what others did to tickets, and what they corrected of who asks in them.

Vendor page: https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html (searches of transactions).
"""

from __future__ import annotations

from asyncio import gather
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.request_tracker import contacts, cursors, reading
from connectors.request_tracker.reading import Row, Statuses
from connectors.request_tracker.replies import FIELDS, read_news
from connectors.request_tracker.rest import LONGEST_LIST, Rest
from connectors.request_tracker.writing import quoted
from syncd.contract.model import ContactField, Cursor, EventPage

REPLIES_A_POLL = 20

NEWS = (
    "ObjectType = 'RT::Ticket' AND Creator != '__CurrentUser__'"
    " AND (Type = 'Correspond' OR (Type = 'AddLink' AND Field = 'MergedInto')"
    " OR Type = 'Status' OR Type = 'Munge'{more})"
)
"""`ObjectType` first: only then RT hides before it cuts pages, so that an empty page is the end."""


@dataclass(frozen=True)
class Place:
    """Where a poll looks and for what: a queue and tickets of ours elsewhere, meanings of statuses, wanted fields."""

    queue: str
    statuses: Statuses
    wanted: frozenset[ContactField]

    @property
    def news(self) -> str:
        """The query for transactions of tickets."""
        more = f" OR {contacts.ASKING}" if self.wanted else ""
        place = f"(TicketQueue = {quoted(self.queue)} OR TicketCreator = '__CurrentUser__')"
        return f"{NEWS.format(more=more)} AND {place}"

    @property
    def tickets(self) -> str:
        """The condition for tickets."""
        return f"(Queue = {quoted(self.queue)} OR Creator = '__CurrentUser__')"


async def poll(rest: Rest, place: Place, after: Cursor | None) -> EventPage:
    """Read one page; with None only a cursor.

    Contact data that was not asked for before this cursor begins with it: who asked in a ticket earlier is no news.
    """
    if after is None:
        newest, changes = await gather(
            rest.some("transactions", place.news, order="DESC"), contacts.read_changes(rest, None, place.wanted)
        )
        news = cursors.write_cursor(reading.read_id(newest[0]) if newest else 0, {})
        return EventPage((), cursors.joined(news, changes.cursor))
    known, corrected = cursors.split(after)
    (taken, news, is_more), changes = await gather(
        _news(rest, place, known), contacts.read_changes(rest, corrected, place.wanted)
    )
    asking = [row for row in taken if contacts.is_asking(row)]
    events, corrections = await gather(
        read_news(rest, [row for row in taken if row not in asking], place.statuses),
        contacts.read_corrections(rest, changes.rows, asking if corrected else (), place.tickets, place.wanted),
    )
    return EventPage((*events, *corrections), cursors.joined(news, changes.cursor), is_more or changes.more)


async def _news(rest: Rest, place: Place, after: Cursor) -> tuple[Sequence[Row], Cursor, bool]:
    low, seen = cursors.read_cursor(after)
    query = f"{place.news} AND id > {low}" + "".join(f" AND id != {number}" for number in seen)
    rows = await rest.some("transactions", query, **FIELDS)
    new = [row for row in rows if reading.read_id(row) not in seen]
    taken = new[:REPLIES_A_POLL]
    cursor = cursors.write_cursor(low, {**seen, **cursors.seen_of(taken)})
    return taken, cursor, len(taken) < len(new) or len(rows) == LONGEST_LIST
