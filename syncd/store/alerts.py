"""What is alerted now, and what its receiver was told of it: so that a restart neither repeats nor forgets it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, inspect
from sqlalchemy.dialects.sqlite import insert

from syncd.store.tables import alert


class AlertRow(NamedTuple):
    """A row. Times in seconds since 1970 UTC; see `syncd.core.alarm.Standing`."""

    bridge: str
    end: str
    what: str
    since: float | None
    text: str
    told_since: float | None
    told_at: float


def standing(connection: Connection) -> list[AlertRow]:
    """Give every row; none where a syncd that knew no alerts has left the database."""
    if not inspect(connection).has_table(alert.name):
        return []
    return [AlertRow(*row) for row in connection.execute(alert.select().order_by(*alert.primary_key.columns))]


def present(connection: Connection) -> list[AlertRow]:
    """Give what holds now."""
    return [row for row in standing(connection) if row.since is not None]


def keep(connection: Connection, rows: Iterable[AlertRow], gone: Iterable[AlertRow]) -> None:
    """Write rows down, and remove others."""
    for row in gone:
        is_it = (alert.c.bridge == row.bridge) & (alert.c.end == row.end) & (alert.c.what == row.what)
        connection.execute(alert.delete().where(is_it))
    for row in rows:
        statement = insert(alert).values(row._asdict())
        connection.execute(
            statement.on_conflict_do_update(index_elements=alert.primary_key.columns, set_=row._asdict())
        )
