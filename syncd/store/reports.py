"""What ops ask: how much waits where, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select
from sqlalchemy.sql.expression import TextClause

from syncd.store.lanes import END_OF_LANE
from syncd.store.tables import IS_NEW, IS_OPEN, IS_PARKED, IS_QUARANTINED, IS_WAITING, bridge_end, inbox, link, outbox


class EndReport(NamedTuple):
    """One end of a bridge. `oldest_at` is when the oldest delivery that waits was planned."""

    bridge: str
    end: str
    state: str
    reason: str
    since: float | None
    polled_at: float | None
    waiting: int
    in_doubt: int
    parked: int
    oldest_at: float | None


class InboxReport(NamedTuple):
    """One bridge's inbox."""

    bridge: str
    unplanned: int
    quarantined: int


def ends_of(connection: Connection, names: Sequence[str]) -> list[EndReport]:
    """Report on both ends of the named bridges."""
    known = {(row.bridge, row.end): row for row in connection.execute(bridge_end.select())}
    waiting, doubted, parked = (_count(connection, state) for state in (IS_WAITING, IS_OPEN, IS_PARKED))
    return [
        _report(
            name,
            end,
            known.get((name, end)),
            [counts.get((name, end), (0, None)) for counts in (waiting, doubted, parked)],
        )
        for name in names
        for end in ("chat", "helpdesk")
    ]


def _report(name: str, end: str, row: object, counts: list[tuple[int, float | None]]) -> EndReport:
    (waiting, oldest_waiting), (doubted, oldest_doubted), (parked, _) = counts
    oldest = min((at for at in (oldest_waiting, oldest_doubted) if at is not None), default=None)
    state, reason = getattr(row, "state", "unknown"), getattr(row, "reason", "")
    since, polled_at = getattr(row, "since", None), getattr(row, "polled_at", None)
    return EndReport(name, end, state, reason, since, polled_at, waiting, doubted, parked, oldest)


def _count(connection: Connection, state: TextClause) -> dict[tuple[str, str], tuple[int, float | None]]:
    query = (
        select(link.c.bridge, END_OF_LANE, func.count(), func.min(outbox.c.created_at))
        .select_from(outbox)
        .join(link, link.c.id == outbox.c.link_id)
        .where(state)
        .group_by(link.c.bridge, END_OF_LANE)
    )
    return {(bridge, end): (count, oldest) for bridge, end, count, oldest in connection.execute(query)}


def inboxes_of(connection: Connection, names: Sequence[str]) -> list[InboxReport]:
    """Report on the inboxes of the named bridges."""
    new, quarantined = (_count_inbox(connection, state) for state in (IS_NEW, IS_QUARANTINED))
    return [InboxReport(name, new.get(name, 0), quarantined.get(name, 0)) for name in names]


def _count_inbox(connection: Connection, state: TextClause) -> dict[str, int]:
    query = select(inbox.c.bridge, func.count()).where(state).group_by(inbox.c.bridge)
    return {row[0]: row[1] for row in connection.execute(query)}
