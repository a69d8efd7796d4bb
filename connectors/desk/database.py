"""The file with the tickets: its tables, and the transactions on it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from syncd.contract.errors import UnavailableError

Answer = TypeVar("Answer")
Given = ParamSpec("Given")
_TABLES = (Path(__file__).parent / "tables.sql").read_text()


class Database:
    """One SQLite file. Each call is one transaction on a connection of its own, and on disk when it returns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # Who waits for SQLite's own lock waits for five seconds at most, and in no order.
        self._turn = threading.Lock()

    async def run(
        self,
        work: Callable[Concatenate[sqlite3.Connection, Given], Answer],
        *given: Given.args,
        **named: Given.kwargs,
    ) -> Answer:
        """Do `work` in one transaction, none of it where it raises. Raises UnavailableError."""
        return await asyncio.to_thread(self._run, lambda db: work(db, *given, **named))

    def _run(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        is_certain = True
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Whatever is not committed when it is closed has not happened.
            with self._turn, closing(sqlite3.connect(self.path, timeout=5, isolation_level=None)) as db:
                db.row_factory = sqlite3.Row
                # Its journal is no write-ahead log: before 3.51.3 two connections that write can damage one with it.
                db.executescript(f"PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON; {_TABLES} BEGIN IMMEDIATE")
                answer = work(db)
                # A commit that fails may be on the disk all the same.
                is_certain = False
                db.execute("COMMIT")
        except (sqlite3.Error, OSError) as bad:
            msg = f"{self.path}: {bad}; see whether the disk is full and the file is whole and ours"
            raise UnavailableError(msg, certain=is_certain) from None
        return answer
