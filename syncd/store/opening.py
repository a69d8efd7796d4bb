"""The database for whoever writes it: locked, looked at, and with its schema up to date."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from syncd.store import migrations
from syncd.store.database import Database, writer
from syncd.store.failures import DamagedError, refusal
from syncd.store.folder import make_folder
from syncd.store.lock import only_one
from syncd.store.soundness import look


@asynccontextmanager
async def ours(path: Path) -> AsyncIterator[Database]:
    """Give the database for writing, for us alone, made where it is not there; close it afterwards.

    Raises ConfigError that names the file where it is damaged, no database, or in a wrong place; TryLaterError where
    its disk is full, it is locked, or another syncd has it.
    """
    async with AsyncExitStack() as stack:
        try:
            _make_place(path)
            stack.enter_context(only_one(path))
            database = Database(writer(path))
            stack.callback(database.close)
            await database.run(_prepare)
        except (OSError, SQLAlchemyError, DamagedError) as failure:
            raise refusal(path, failure) from failure
        yield database


def _make_place(path: Path) -> None:
    # SQLite would say of a folder what it says where rights are missing.
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    make_folder(path.parent)


def _prepare(connection: Connection) -> None:
    look(connection)
    migrations.bring(connection)
