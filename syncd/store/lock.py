"""Whose the database is: one daemon's at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from syncd.contract.errors import TryLaterError


class AlreadyRunningError(TryLaterError):
    """Another daemon works on the same database."""


@contextmanager
def only_one(database: Path) -> Iterator[None]:
    """Hold the lock beside a database; it ends with the process. Raises AlreadyRunningError, OSError."""
    with database.with_name(f"{database.name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(f"another syncd works on {database}: stop it first") from None
        yield
