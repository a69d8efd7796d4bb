"""The measure for draining: eight workers with one httpx client, and SQLite that keeps the same states as durably."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx

WORKERS = 8
TABLES = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE outbox (id INTEGER PRIMARY KEY, body TEXT, state TEXT);
CREATE TABLE ledger (id INTEGER PRIMARY KEY, native TEXT UNIQUE);
"""
BEGIN = "UPDATE outbox SET state = 'sending' WHERE id = ?"
END = "UPDATE outbox SET state = 'sent' WHERE id = ?"
ENTER = "INSERT INTO ledger (native) VALUES (?)"


def drain_bare(url: str, count: int) -> float:
    """Make `count` calls; give how many were made in a second."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as thread:
        database = thread.submit(_filled, Path(folder) / "bare.db", count).result()
        rate = asyncio.run(_drain(url, count, thread, database))
        thread.submit(database.close).result()
    return rate


def _filled(path: Path, count: int) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript(TABLES)
    database.executemany("INSERT INTO outbox VALUES (?, ?, 'waiting')", [(n, f"line{n:017}") for n in range(count)])
    return database


def _commit(database: sqlite3.Connection, *statements: tuple[str, object]) -> None:
    database.execute("BEGIN")
    for statement, value in statements:
        database.execute(statement, (value,))
    database.execute("COMMIT")


async def _drain(url: str, count: int, thread: ThreadPoolExecutor, database: sqlite3.Connection) -> float:
    rows = iter(range(count))
    run = asyncio.get_running_loop().run_in_executor

    async def work(client: httpx.AsyncClient) -> None:
        for row in rows:
            await run(thread, partial(_commit, database, (BEGIN, row)))
            body = {"Content": f"line{row:017}", "ContentType": "text/plain"}
            answer = await client.post(f"{url}/REST/2.0/ticket/1/comment", json=body)
            native = answer.headers["location"]
            await run(thread, partial(_commit, database, (END, row), (ENTER, native)))

    async with httpx.AsyncClient() as client:
        began = time.perf_counter()
        await asyncio.gather(*(work(client) for _ in range(WORKERS)))
        return count / (time.perf_counter() - began)
