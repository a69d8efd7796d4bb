"""Whether the file is what SQLite has written: a look at it before anything in it is believed.

A whole check reads the whole file, which would hold up the start of a large one. So only a small file is checked whole,
and of any both edges of every table and index are read.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from syncd.store.failures import DamagedError, is_damage, words_of

CHECKED_WHOLE_BYTES = 64_000_000
"""A tenth of a second or two, as fast as a disk gives it."""


def look(connection: Connection) -> None:
    """Look at the file. Raises DamagedError, and DatabaseError where it cannot be read now."""
    try:
        if _size(connection) <= CHECKED_WHOLE_BYTES:
            said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
            if said != "ok":
                raise DamagedError(" ".join(said.split()))
        for query in list(_edges(connection)):
            connection.exec_driver_sql(query).all()
    except DatabaseError as failure:
        if is_damage(failure):
            raise DamagedError(words_of(failure)) from failure
        raise


def _size(connection: Connection) -> int:
    count, size = (connection.exec_driver_sql(f"PRAGMA page_{what}").scalar_one() for what in ("count", "size"))
    return int(count) * int(size)


def _edges(connection: Connection) -> Iterator[str]:
    """Give the queries that read the first and last row of each table and the first and last entry of each index."""
    found = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE rootpage > 0").all()
    for kind, name, table, sql in found:
        column, which = "rowid", "NOT INDEXED"
        if kind == "index":
            columns = connection.exec_driver_sql("SELECT name FROM pragma_index_info(?)", (name,)).scalars().all()
            where, condition = (sql or "").partition(" WHERE ")[1:]
            column, which = columns[0], f'INDEXED BY "{name}"{where}{condition}'
        for order in ("ASC", "DESC"):
            yield f'SELECT 1 FROM "{table}" {which} ORDER BY "{column}" {order} LIMIT 1'  # noqa: S608  (names of our own schema)
