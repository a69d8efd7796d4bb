"""What came in, verbatim, until it is planned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import Connection

from syncd.contract.model import BridgeName, End
from syncd.store.tables import IS_NEW, inbox

State = Literal["new", "done", "foreign", "quarantined"]
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
    received_at: float


_COLUMNS = [inbox.c[name] for name in Arrived._fields]
_INSERT = inbox.insert()


def add(connection: Connection, rows: Sequence[Received]) -> None:
    """Store rows in their order."""
    connection.execute(_INSERT, [row._asdict() for row in rows])


def new_after(connection: Connection, after: int, limit: int) -> list[Arrived]:
    """Give up to `limit` rows that wait to be planned and have an id above `after`, oldest first."""
    query = inbox.select().with_only_columns(*_COLUMNS).where(IS_NEW, inbox.c.id > after).order_by(inbox.c.id)
    return [Arrived(*row) for row in connection.execute(query.limit(limit))]


def finish(connection: Connection, inbox_id: int, state: State, reason: str = "") -> None:
    """Say what became of a row. A foreign row loses its body: it holds the words of people who are not ours."""
    values: dict[str, object] = {"state": state, "reason": reason}
    if state == "foreign":
        values["body"] = b""
    connection.execute(inbox.update().where(inbox.c.id == inbox_id), values)
