"""What ops do by hand: to parked deliveries, to stored events, to a bridge. Each leaves its trace in the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple, assert_never

from pydantic import Discriminator, TypeAdapter
from sqlalchemy import Connection, Row, bindparam, select, text

from syncd.contract.model import BridgeName, End
from syncd.store.lanes import LaneId, wake
from syncd.store.tables import IS_PARKED, bridge_pause, inbox, link, outbox


@dataclass(frozen=True, slots=True)
class Retry:
    """Let parked deliveries go again, in their place in the lane."""

    keys: tuple[str, ...]
    kind: Literal["retry"] = "retry"


@dataclass(frozen=True, slots=True)
class Drop:
    """Give parked deliveries up for good; the row stays and says who did it."""

    keys: tuple[str, ...]
    who: str
    kind: Literal["drop"] = "drop"


@dataclass(frozen=True, slots=True)
class Replay:
    """Plan stored events again, by number; what was planned before stays as it is."""

    first: int
    last: int
    kind: Literal["replay"] = "replay"


@dataclass(frozen=True, slots=True)
class Pause:
    """Let a bridge deliver nothing; what comes in is stored and planned."""

    bridge: BridgeName
    kind: Literal["pause"] = "pause"


@dataclass(frozen=True, slots=True)
class Resume:
    """Let a bridge deliver again, in order."""

    bridge: BridgeName
    kind: Literal["resume"] = "resume"


Operation = Annotated[Retry | Drop | Replay | Pause | Resume, Discriminator("kind")]
OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)
"""Operations as JSON, and back."""


@dataclass
class Touched:
    """How much an operation has changed, and which ends got work by it."""

    count: int
    ends: set[tuple[BridgeName, End]] = field(default_factory=set)


class Parked(NamedTuple):
    """A parked delivery. Times in seconds since 1970 UTC; `body` is its JSON, which holds people's words."""

    key: str
    bridge: str
    end: str
    kind: str
    conversation: str
    ticket: str | None
    reason: str
    created_at: float
    parked_at: float
    body: bytes


_PARKED = (
    select(
        outbox.c.key,
        link.c.bridge,
        outbox.c.end,
        outbox.c.kind,
        link.c.conversation,
        link.c.ticket,
        outbox.c.reason,
        outbox.c.created_at,
        outbox.c.done_at,
        outbox.c.body,
    )
    .join(link, link.c.id == outbox.c.link_id)
    .where(IS_PARKED)
    .order_by(outbox.c.id)
)
_CHOSEN = (
    select(outbox.c.id, outbox.c.link_id, outbox.c.end, link.c.bridge)
    .join(link, link.c.id == outbox.c.link_id)
    .where(IS_PARKED, outbox.c.key.in_(bindparam("keys", expanding=True)))
)
_THIS_ROW = outbox.update().where(outbox.c.id == bindparam("row"))
_RETRY = _THIS_ROW.values(state="waiting", batch=None, created_at=bindparam("now"), done_at=None)
_DROP = _THIS_ROW.values(state="dropped", reason=bindparam("why"), done_at=bindparam("now"))
_REPLAY = (
    inbox.update()
    .where(inbox.c.id.between(bindparam("first"), bindparam("last")), text("inbox.state <> 'foreign'"))
    .values(state="new", reason="")
)


def parked(connection: Connection) -> list[Parked]:
    """Give every parked delivery, the oldest first."""
    return [Parked._make(row) for row in connection.execute(_PARKED)]


def paused(connection: Connection) -> dict[BridgeName, float]:
    """Give the bridges that are paused, and since when."""
    return {row.bridge: row.since for row in connection.execute(bridge_pause.select())}


def carry_out(connection: Connection, operation: Operation, now: float) -> Touched:
    """Do one operation. What is not there (a key, a number) is not touched."""
    match operation:
        case Retry():
            return _retry(connection, operation.keys, now)
        case Drop():
            rows = _chosen(connection, operation.keys)
            for row in rows:
                connection.execute(_DROP, {"row": row.id, "now": now, "why": f"dropped by {operation.who}"})
            return Touched(len(rows))
        case Replay():
            found = connection.execute(_REPLAY, {"first": operation.first, "last": operation.last})
            return Touched(found.rowcount)
        case Pause():
            if operation.bridge in paused(connection):
                return Touched(0)
            connection.execute(bridge_pause.insert(), {"bridge": operation.bridge, "since": now})
            return Touched(1)
        case Resume():
            gone = connection.execute(bridge_pause.delete().where(bridge_pause.c.bridge == operation.bridge))
            return Touched(gone.rowcount, {(operation.bridge, "chat"), (operation.bridge, "helpdesk")})
        case _:
            assert_never(operation)


def _retry(connection: Connection, keys: Sequence[str], now: float) -> Touched:
    rows = _chosen(connection, keys)
    for row in rows:
        connection.execute(_RETRY, {"row": row.id, "now": now})
        wake(connection, LaneId(row.link_id, row.end), now)
    return Touched(len(rows), {(row.bridge, row.end) for row in rows})


def _chosen(connection: Connection, keys: Sequence[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    return connection.execute(_CHOSEN, {"keys": keys}).all()
