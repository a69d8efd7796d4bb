"""Work that waits at the same moment shares a commit, and none of it is the worse for the others."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import IntegrityError

from syncd.store.database import Database, Work, opened, writer
from syncd.store.turns import MOST_TOGETHER


class Counted:
    """A database with one table of numbers, which counts its commits and whose thread can be held up."""

    def __init__(self, database: Database, path: Path) -> None:
        self.database = database
        self.commits = 0
        self._path = path

    async def do_all(self, works: Sequence[Work]) -> list[Any]:
        """Do work that waits together since the thread is busy; give what came of each, in this order."""
        is_free = threading.Event()
        busy = asyncio.create_task(self.database.run(lambda _: is_free.wait(10)))
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(self.database.run(work)) for work in works]
        await asyncio.sleep(0.05)
        self.commits = 0
        is_free.set()
        await busy
        return await asyncio.gather(*waiting, return_exceptions=True)

    def stored(self) -> list[int]:
        """Read with a connection of its own what was committed."""
        with closing(sqlite3.connect(self._path)) as connection:
            return [row[0] for row in connection.execute("SELECT n FROM number ORDER BY rowid")]


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Counted]:
    path = tmp_path / "numbers.db"
    engine = writer(path)
    with opened(engine) as database:
        database.transact(lambda connection: connection.exec_driver_sql("CREATE TABLE number (n INTEGER UNIQUE)"))
        made = Counted(database, path)

        @event.listens_for(engine, "commit")
        def _(_: Connection) -> None:
            made.commits += 1

        yield made


def putting(number: int) -> Work:
    """Make work that puts a number and gives it."""

    def put(connection: Connection) -> int:
        connection.exec_driver_sql("INSERT INTO number VALUES (?)", (number,))
        return number

    return put


def failing(connection: Connection) -> None:
    putting(1000)(connection)
    raise LookupError


async def test_what_waits_together_shares_commits_and_each_gets_its_own_value(counted: Counted) -> None:
    numbers = list(range(3 * MOST_TOGETHER))
    assert await counted.do_all([putting(number) for number in numbers]) == numbers
    assert counted.stored() == numbers
    # The one that kept the thread busy is the first.
    assert counted.commits == 1 + len(numbers) / MOST_TOGETHER


async def test_work_that_fails_takes_no_other_with_it_and_leaves_nothing(counted: Counted) -> None:
    await counted.database.run(putting(3))
    done = await counted.do_all([putting(1), failing, putting(3), putting(2)])
    assert [type(one) for one in done] == [int, LookupError, IntegrityError, int]
    assert counted.stored() == [3, 1, 2]


async def test_nothing_is_told_as_done_that_a_failing_commit_took_back(counted: Counted) -> None:
    def break_commits(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.exec_driver_sql("CREATE TABLE child (n INTEGER REFERENCES number (n))")
        connection.exec_driver_sql("INSERT INTO child VALUES (77)")

    done = await counted.do_all([putting(1), break_commits, putting(2)])
    assert [type(one) for one in done] == [int, IntegrityError, int]
    assert counted.stored() == [1, 2]


async def test_work_that_was_given_up_before_its_turn_is_not_done(counted: Counted) -> None:
    is_busy, is_free = threading.Event(), threading.Event()

    def wait(_: Connection) -> None:
        is_busy.set()
        is_free.wait(10)

    busy = asyncio.create_task(counted.database.run(wait))
    await asyncio.to_thread(is_busy.wait, 10)
    given_up = asyncio.create_task(counted.database.run(putting(1)))
    kept = asyncio.create_task(counted.database.run(putting(2)))
    await asyncio.sleep(0.05)
    given_up.cancel()
    await asyncio.sleep(0)
    is_free.set()
    await asyncio.gather(busy, kept)
    assert counted.stored() == [2]
