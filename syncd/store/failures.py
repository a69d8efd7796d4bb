"""What a failure of the database or of its disk means: it passes, the file is damaged, or its place is wrong."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from syncd.contract.errors import ConfigError, TryLaterError

PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
WRONG_PLACES = frozenset({errno.EEXIST, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR})


WAY_OUT = (
    "move it away with its -wal and -shm, then put a backup in its place or what"
    " `sqlite3 DAMAGED .recover | sqlite3 NEW` can save"
)


class DamagedError(Exception):
    """The database file is damaged: what it says is not to be believed, and nothing more is written into it."""


def is_passing(failure: Exception) -> bool:
    """Say whether time or an operator can mend it: a full disk, a lock, no rights."""
    if isinstance(failure, OSError):
        return failure.errno not in WRONG_PLACES
    return _code(failure) in PASSING


def is_damage(failure: Exception) -> bool:
    """Say whether the file is not what SQLite has written."""
    return isinstance(failure, DamagedError) or _code(failure) in DAMAGED


def words_of(failure: Exception) -> str:
    """Give what SQLite or the kernel says of it, without the statement."""
    said = failure.strerror if isinstance(failure, OSError) else getattr(failure, "orig", None)
    return str(said or failure)


def refusal(database: Path, failure: Exception, what: str = "used") -> ConfigError | TryLaterError:
    """Give the error with which a start or a command ends that cannot use the database, in one line."""
    told = f"SYNCD_DATABASE_URL: {database} cannot be {what}"
    if is_damage(failure):
        return ConfigError([f"{told}: it is damaged ({words_of(failure)}): {WAY_OUT}"])
    if is_passing(failure):
        return TryLaterError(f"{told} now: {words_of(failure)}")
    return ConfigError([f"{told}: {words_of(failure)}"])


def _code(failure: Exception) -> int:
    cause = failure.orig if isinstance(failure, DBAPIError) else failure
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF
