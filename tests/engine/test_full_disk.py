"""A disk that is full: nothing is acknowledged that is not there, and all goes on when there is room (R10)."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Connection

from syncd.engine.intake import FullError
from syncd.store.tables import account

from .conftest import Shop, until
from .test_flow import fragment, stored


def pages(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())


def bound(connection: Connection, most: int) -> None:
    connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")


async def test_webhooks_are_refused_while_the_disk_is_full_and_taken_again_afterwards(shop: Shop) -> None:
    taken = refused = 0
    await shop.webhook(fragment("before"))
    taken += 1
    await until(shop.shown)
    most = await shop.database.run(pages) + 8
    await shop.database.run(lambda connection: bound(connection, most))
    for number in range(40):
        try:
            await shop.webhook(fragment("x" * 4000, first_id=100 + number))
            taken += 1
        except FullError:
            refused += 1
    assert refused > 0
    assert shop.storage.trouble == "database or disk is full"
    await shop.database.run(lambda connection: bound(connection, 1_000_000))
    await shop.webhook(fragment("after", first_id=900))
    taken += 1
    await until(lambda: "after" in "".join(shop.shown()))
    await until(lambda: not shop.storage.trouble)
    rows = len([row for row in await shop.database.run(stored) if row.form == "webhook"])
    print(f"\n{taken} taken, {refused} refused, {rows} rows")
    assert rows == taken


async def test_it_is_found_out_that_there_is_room_again_though_nobody_sends_anything(shop: Shop) -> None:
    most = await shop.database.run(pages) + 8
    await shop.database.run(lambda connection: bound(connection, most))
    with pytest.raises(FullError):
        await shop.webhook(fragment("x" * 100_000))
    await asyncio.sleep(2.5)
    assert shop.storage.trouble == "database or disk is full"
    await shop.database.run(lambda connection: bound(connection, 1_000_000))
    await until(lambda: not shop.storage.trouble, 3)
    assert await shop.database.run(lambda connection: connection.execute(account.select()).all()) == []


async def test_a_database_that_a_backup_has_locked_is_waited_for(shop: Shop) -> None:
    backup = shop.other_connection()
    backup.execute("BEGIN EXCLUSIVE")
    waiting = asyncio.create_task(shop.webhook(fragment("meanwhile")))
    await asyncio.sleep(1.0)
    assert not waiting.done()
    backup.execute("ROLLBACK")
    backup.close()
    await waiting
    await until(lambda: "meanwhile" in "".join(shop.shown()))


async def test_the_control_without_a_bound_nothing_is_refused(shop: Shop) -> None:
    for number in range(40):
        await shop.webhook(fragment("x" * 4000, first_id=number))
    assert shop.storage.trouble == ""
