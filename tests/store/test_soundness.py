"""Damage is found before anything in the file is believed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from syncd.contract.deliveries import AddNote
from syncd.contract.model import BridgeName, ConversationId, DeliveryKey
from syncd.store import deliveries, inbox, ledger, links, migrations
from syncd.store.database import writer
from syncd.store.deliveries import Enqueued
from syncd.store.failures import DamagedError, is_damage
from syncd.store.inbox import Received
from syncd.store.lanes import LaneId
from syncd.store.ledger import Entry
from syncd.store.soundness import CHECKED_WHOLE_BYTES, look

SHOP = BridgeName("shop")
PAGE = 4096
ROWS = 200


def fill(connection: Connection, body: bytes, count: int) -> None:
    """Put something into every table that holds what came in and what goes out."""
    for number in range(count):
        inbox.add(connection, [Received(SHOP, "chat", "webhook", "{}", body, 0.0)])
        link = links.make(connection, SHOP, ConversationId(f"c{number}"), 0.0)
        new = Enqueued(LaneId(link.id, "helpdesk"), DeliveryKey(f"k{number}"), AddNote("note"), 0.0)
        deliveries.enqueue(connection, new, 0.0)
        ledger.enter(connection, Entry(SHOP, "chat", f"m{number}", ours=False, seen_at=0.0))


def made(path: Path, body: bytes, count: int) -> Path:
    engine = writer(path)
    migrations.bring_up_to_date(engine)
    with engine.begin() as connection:
        fill(connection, body, count)
    engine.dispose()
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("small") / "syncd.db", b"x" * 5000, ROWS)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = made(tmp_path_factory.mktemp("large") / "syncd.db", b"x" * (CHECKED_WHOLE_BYTES // ROWS), ROWS)
    assert path.stat().st_size > CHECKED_WHOLE_BYTES
    return path


@contextmanager
def damaged(path: Path, page: int) -> Iterator[None]:
    """Overwrite a page, and put it back afterwards."""
    with path.open("r+b", buffering=0) as file:
        place = (page - 1) * PAGE
        file.seek(place)
        before = file.read(PAGE)
        file.seek(place)
        file.write(b"\xa5" * PAGE)
        yield
        file.seek(place)
        file.write(before)


def is_found(path: Path) -> bool:
    engine = writer(path)
    try:
        with engine.begin() as connection:
            look(connection)
    except (DamagedError, DatabaseError) as failure:
        return is_damage(failure)
    finally:
        engine.dispose()
    return False


def roots(path: Path) -> dict[str, int]:
    """Give the first page of each table and index."""
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0"))


def test_a_damaged_page_of_a_small_file_is_found_wherever_it_is(small: Path) -> None:
    pages = small.stat().st_size // PAGE
    unseen = []
    for page in range(1, pages + 1):
        with damaged(small, page):
            if not is_found(small):
                unseen.append(page)
    print(f"\n{pages} pages damaged one after the other, {len(unseen)} not found")
    assert unseen == []


def test_the_root_of_each_table_and_index_of_a_large_file_is_looked_at(large: Path) -> None:
    first_pages = roots(large)
    unseen = []
    for name, page in first_pages.items():
        with damaged(large, page):
            if not is_found(large):
                unseen.append(name)
    print(f"\n{len(first_pages)} tables and indexes damaged one after the other, {len(unseen)} not found")
    assert len(first_pages) > 20
    assert unseen == []


def test_the_control_files_that_are_whole_are_taken(small: Path, large: Path) -> None:
    assert not is_found(small)
    assert not is_found(large)
