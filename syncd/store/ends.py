"""How each end of each bridge is: its cursor, its state, and the calls made at its account."""

from __future__ import annotations

from typing import Literal, NamedTuple

import pydantic_core
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from syncd.contract.model import BridgeName, Cursor, End
from syncd.store.tables import account, bridge_end

EndState = Literal["unknown", "ok", "down", "refused", "limited"]


def _upsert(connection: Connection, bridge: BridgeName, end: End, values: dict[str, object]) -> None:
    # The one statement that PostgreSQL spells from another module, with the same words.
    statement = insert(bridge_end).values({"state": "unknown", "reason": "", **values, "bridge": bridge, "end": end})
    connection.execute(statement.on_conflict_do_update(index_elements=["bridge", "end"], set_=values))


def cursor_of(connection: Connection, bridge: BridgeName, end: End) -> Cursor | None:
    """Give how far the end's poll has read."""
    query = select(bridge_end.c.cursor).where(bridge_end.c.bridge == bridge, bridge_end.c.end == end)
    return connection.execute(query).scalar()


def move_cursor(connection: Connection, bridge: BridgeName, end: End, cursor: Cursor, now: float) -> None:
    """Say how far the end's poll has read: in the transaction that stores what it read."""
    _upsert(connection, bridge, end, {"cursor": cursor, "polled_at": now})


def set_state(connection: Connection, bridge: BridgeName, end: End, state: EndState, reason: str, now: float) -> None:
    """Say how the end is since `now`, and why."""
    _upsert(connection, bridge, end, {"state": state, "reason": reason, "since": now})


class Calls(NamedTuple):
    """The times of the calls in an account's window, and until when the vendor wants none."""

    times: tuple[float, ...] = ()
    blocked_until: float = 0.0


def calls_of(connection: Connection, name: str) -> Calls:
    """Give what is known of an account's calls."""
    query = select(account.c.calls, account.c.blocked_until).where(account.c.name == name)
    row = connection.execute(query).first()
    return Calls() if row is None else Calls(tuple(pydantic_core.from_json(row[0])), row[1])


def blocked_until(connection: Connection) -> dict[str, float]:
    """Give until when each account that ever made a call makes none."""
    return {name: calls.blocked_until for name, calls in _all_calls(connection)}


def shift_calls(connection: Connection, seconds: float) -> None:
    """Move the times of every account's calls and until when it is blocked: the clock was set."""
    for name, calls in _all_calls(connection):
        moved = tuple(time + seconds for time in calls.times)
        set_calls(connection, name, Calls(moved, calls.blocked_until + seconds))


def clamp_blocks(connection: Connection, now: float, longest: float) -> None:
    """End what would be blocked for longer than any vendor's word is taken, or until a clock that was wrong is right.

    Calls ahead of the clock count as made now: they were made, and each look would put them off again.
    """
    for name, calls in _all_calls(connection):
        until = now if calls.blocked_until > now + longest else calls.blocked_until
        set_calls(connection, name, Calls(tuple(min(time, now) for time in calls.times), until))


def _all_calls(connection: Connection) -> list[tuple[str, Calls]]:
    names = list(connection.execute(select(account.c.name)).scalars())
    return [(name, calls_of(connection, name)) for name in names]


def set_calls(connection: Connection, name: str, calls: Calls) -> None:
    """Write down an account's calls."""
    values = {"calls": pydantic_core.to_json(calls.times).decode(), "blocked_until": calls.blocked_until}
    statement = insert(account).values({"name": name, **values})
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
