"""What ops do by hand: to parked deliveries, to stored events, to a bridge. Each leaves its trace in the rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, NamedTuple, assert_never

from pydantic import Discriminator, TypeAdapter
from sqlalchemy import Connection, LargeBinary, bindparam, cast, or_, select, text

from syncd.contract.deliveries import LaneName
from syncd.contract.model import BridgeName
from syncd.store.inbox import judge_again
from syncd.store.lanes import END_OF_LANE, LANES, LaneId, wake
from syncd.store.tables import IS_PARKED, bridge_pause, inbox, link, outbox


@dataclass(frozen=True, slots=True)
class Retry:
    """Let parked deliveries go again, in their place in the lane, and what went with them in one call."""

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
    """How much an operation has changed, and which lanes of a bridge got work by it."""

    count: int
    lanes: set[tuple[BridgeName, LaneName]] = field(default_factory=set)


class Parked(NamedTuple):
    """A parked delivery. Times in seconds since 1970 UTC; `body` is its JSON, or what is left of it: people's words."""

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

    def content(self) -> object:
        """Give the body as JSON values; as text where a damaged file left no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body.decode(errors="backslashreplace")


_PARKED = (
    select(
        outbox.c.key,
        link.c.bridge,
        END_OF_LANE,
        outbox.c.kind,
        link.c.conversation,
        link.c.ticket,
        outbox.c.reason,
        outbox.c.created_at,
        outbox.c.parked_at,
        # Whatever a damaged file calls it, it comes as bytes.
        cast(outbox.c.body, LargeBinary),
    )
    .join(link, link.c.id == outbox.c.link_id)
    .where(IS_PARKED)
    .order_by(outbox.c.id)
)
_NAMED = outbox.c.key.in_(bindparam("keys", expanding=True))
_CHOSEN = (
    select(outbox.c.id, outbox.c.link_id, outbox.c.end, outbox.c.kind, link.c.bridge)
    .join(link, link.c.id == outbox.c.link_id)
    .where(IS_PARKED)
)
_WITH_THEM = select(outbox.c.batch).where(IS_PARKED, _NAMED, outbox.c.batch.is_not(None))
_THIS_ROW = outbox.update().where(outbox.c.id == bindparam("row"))
_RETRY = _THIS_ROW.values(state="waiting", created_at=bindparam("now"))
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
            rows = connection.execute(_CHOSEN.where(_NAMED), {"keys": operation.keys}).all()
            for row in rows:
                connection.execute(_DROP, {"row": row.id, "now": now, "why": f"dropped by {operation.who}"})
                if row.kind == "open_ticket":
                    judge_again(connection, BridgeName(row.bridge))
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
            return Touched(gone.rowcount, {(operation.bridge, name) for name in LANES})
        case _:
            assert_never(operation)


def _retry(connection: Connection, keys: Sequence[str], now: float) -> Touched:
    # What went in one call that may have happened goes again in one: it is looked for by the key of that call.
    rows = connection.execute(_CHOSEN.where(or_(_NAMED, outbox.c.batch.in_(_WITH_THEM))), {"keys": keys}).all()
    for row in rows:
        connection.execute(_RETRY, {"row": row.id, "now": now})
        wake(connection, LaneId(row.link_id, row.end), now)
    return Touched(len(rows), {(row.bridge, row.end) for row in rows})
