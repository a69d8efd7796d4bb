"""When something came from the ends, by hours: taken from the inbox afterwards, so that no webhook pays for it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Integer, bindparam, cast, func, select
from sqlalchemy.dialects.sqlite import insert

from syncd.store.hours import SECONDS
from syncd.store.inbox import Form
from syncd.store.tables import heard, inbox

KEPT_SECONDS = 5 * 7 * 86400
"""So long before the last that was heard; an end that is silent keeps what it had."""
ROWS_A_LOOK = 5000


class HeardHour(NamedTuple):
    """Something came in an hour: first and last at these times, in seconds since 1970 UTC."""

    hour: int
    first_at: float
    last_at: float


_HOUR = cast(inbox.c.received_at / SECONDS, Integer) * SECONDS
_KNOWN = select(func.coalesce(func.max(heard.c.inbox_id), 0))
_NEWEST = select(func.coalesce(func.max(inbox.c.id), 0))
_FRESH = (
    select(
        inbox.c.bridge,
        inbox.c.end,
        inbox.c.form,
        _HOUR.label("hour"),
        func.min(inbox.c.received_at).label("first_at"),
        func.max(inbox.c.received_at).label("last_at"),
        func.max(inbox.c.id).label("inbox_id"),
    )
    .where(inbox.c.id > bindparam("known"))
    .where(
        inbox.c.id
        <= select(func.min(inbox.c.id)).where(inbox.c.id > bindparam("known")).scalar_subquery() + ROWS_A_LOOK
    )
    .group_by(inbox.c.bridge, inbox.c.end, inbox.c.form, _HOUR)
)
_ADD = insert(heard)
_ADD = _ADD.on_conflict_do_update(
    index_elements=heard.primary_key.columns,
    set_={
        "first_at": func.min(heard.c.first_at, _ADD.excluded.first_at),
        "last_at": func.max(heard.c.last_at, _ADD.excluded.last_at),
        "inbox_id": func.max(heard.c.inbox_id, _ADD.excluded.inbox_id),
    },
)
_OF = (heard.c.bridge == bindparam("of_bridge")) & (heard.c.end == bindparam("of_end"))
# What a wrong clock has put into the future does not count.
_UNTIL_NOW = heard.c.last_at <= bindparam("now")
_FORGET = heard.delete().where(_OF, heard.c.hour < bindparam("before"))
_HOURS = (
    select(heard.c.hour, heard.c.first_at, heard.c.last_at)
    .where(_OF, heard.c.form == bindparam("of_form"), _UNTIL_NOW)
    .order_by(heard.c.hour)
)
_LAST = (
    select(heard.c.bridge, heard.c.end, heard.c.form, func.max(heard.c.last_at))
    .where(_UNTIL_NOW)
    .group_by(heard.c.bridge, heard.c.end, heard.c.form)
)


def is_behind(connection: Connection) -> bool:
    """Say whether the inbox has rows that are not counted here."""
    return bool(connection.execute(_NEWEST).scalar_one() > connection.execute(_KNOWN).scalar_one())


def catch_up(connection: Connection) -> bool:
    """Count the next rows of the inbox, a few thousand at most; say whether there are more."""
    known = connection.execute(_KNOWN).scalar_one()
    for row in connection.execute(_FRESH, {"known": known}).mappings().all():
        connection.execute(_ADD, dict(row))
        of = {"of_bridge": row["bridge"], "of_end": row["end"]}
        connection.execute(_FORGET, {**of, "before": row["hour"] - KEPT_SECONDS})
    return is_behind(connection)


def last(connection: Connection, now: float) -> dict[tuple[str, str, str], float]:
    """Give when something last came, by bridge, end and form."""
    return {(bridge, end, form): at for bridge, end, form, at in connection.execute(_LAST, {"now": now})}


def hours_of(connection: Connection, bridge: str, end: str, form: Form, now: float) -> list[HeardHour]:
    """Give the hours in which something came from an end in one form, the earliest first."""
    found = connection.execute(_HOURS, {"of_bridge": bridge, "of_end": end, "of_form": form, "now": now})
    return [HeardHour(*row) for row in found]
