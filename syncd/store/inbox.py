"""What came in, verbatim, until it is planned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from syncd.contract.model import BridgeName, End
from syncd.store.tables import IS_NEW, IS_ORPHANED, inbox, payload

State = Literal["new", "done", "foreign", "quarantined", "orphaned"]
Form = Literal["webhook", "event"]


class Received(NamedTuple):
    """A row to be stored. `headers` is JSON; `received_at` in seconds since 1970 UTC."""

    bridge: BridgeName
    end: End
    form: Form
    headers: str
    body: bytes
    received_at: float
    state: State = "new"
    reason: str = ""


class Arrived(NamedTuple):
    """A stored row that waits to be planned."""

    id: int
    bridge: BridgeName
    end: End
    form: Form
    headers: str
    body: bytes


_LAST = select(func.max(inbox.c.id))
_ADD = inbox.insert()
_ADD_PAYLOAD = payload.insert()
_NEW = (
    select(inbox.c.id, inbox.c.bridge, inbox.c.end, inbox.c.form, payload.c.headers, payload.c.body)
    .join(payload, payload.c.inbox_id == inbox.c.id)
    .where(IS_NEW, inbox.c.id > bindparam("after"))
    .order_by(inbox.c.id)
    .limit(bindparam("most"))
)
_FINISH = inbox.update().where(inbox.c.id == bindparam("row")).values(state=bindparam("to"), reason=bindparam("why"))
_FORGET = payload.update().where(payload.c.inbox_id == bindparam("row")).values(body=b"", headers="{}")


_ORPHAN = (
    inbox.update().where(IS_NEW, inbox.c.bridge.not_in(bindparam("names", expanding=True))).values(state="orphaned")
)
_ADOPT = inbox.update().where(IS_ORPHANED, inbox.c.bridge.in_(bindparam("names", expanding=True))).values(state="new")


def adopt(connection: Connection, names: Sequence[BridgeName]) -> int:
    """Put what came in for bridges that are no longer configured aside, and take back what is again; give how much."""
    connection.execute(_ADOPT, {"names": names})
    return connection.execute(_ORPHAN, {"names": names}).rowcount


def judge_again(connection: Connection, bridge: BridgeName) -> None:
    """Let be planned again what may belong to a ticket of which more is known now."""
    connection.execute(_ADOPT, {"names": [bridge]})


def add(connection: Connection, rows: Sequence[Received]) -> None:
    """Store rows in their order."""
    first = (connection.execute(_LAST).scalar() or 0) + 1
    numbered = list(enumerate(rows, first))
    connection.execute(_ADD, [_row_values(number, row) for number, row in numbered])
    connection.execute(_ADD_PAYLOAD, [_payload_values(number, row) for number, row in numbered])


def _row_values(number: int, row: Received) -> dict[str, object]:
    return {
        "id": number,
        "bridge": row.bridge,
        "end": row.end,
        "form": row.form,
        "received_at": row.received_at,
        "state": row.state,
        "reason": row.reason,
    }


def _payload_values(number: int, row: Received) -> dict[str, object]:
    return {"inbox_id": number, "headers": row.headers, "body": row.body}


def new_after(connection: Connection, after: int, limit: int) -> list[Arrived]:
    """Give up to `limit` rows that wait to be planned and have an id above `after`, oldest first."""
    return [Arrived(*row) for row in connection.execute(_NEW, {"after": after, "most": limit})]


def finish(connection: Connection, inbox_id: int, state: State, reason: str = "") -> None:
    """Say what became of a row. A foreign row loses its payload: it holds the words of people who are not ours."""
    connection.execute(_FINISH, {"row": inbox_id, "to": state, "why": reason})
    if state == "foreign":
        connection.execute(_FORGET, {"row": inbox_id})
