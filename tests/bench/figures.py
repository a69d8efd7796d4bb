"""Each figure of the table: how it is measured."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.bench.programs import Process, bare, daemon, helpdesk

ROUNDS = 4
SECONDS = 4.0
CONNECTIONS = 32
AWAY = "http://127.0.0.1:9"


class Figure(NamedTuple):
    """A line of the table."""

    name: str
    what: str
    value: str
    goal: str


def load(process: Process, connections: int, per_second: float = 0.0) -> dict[str, float]:
    arguments = [process.url, str(connections), str(SECONDS), str(per_second)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load", *arguments], capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def ingest() -> Iterator[Figure]:
    """P1, P8: as fast as it goes, beside the bare server, the helpdesk being away."""
    ratios, costs, tails = [], [], []
    with bare() as ceiling, daemon(AWAY) as measured:
        for _ in range(ROUNDS):
            nothing = load(ceiling, CONNECTIONS)
            before = measured.cpu_seconds
            stored = load(measured, CONNECTIONS)
            ratios.append(stored["rate"] / nothing["rate"])
            costs.append((measured.cpu_seconds - before) * 1000 / stored["count"])
            tails.append(stored["p99"])
    yield Figure("P1", "durable ingest ÷ bare server", f"{statistics.median(ratios):.2f}", "≥ 0.40")
    yield Figure("P7", "p99 of it, 32 connections", f"{statistics.median(tails):.1f} ms", "≤ 9 ms")
    yield Figure("P8", "CPU for each webhook", f"{statistics.median(costs):.2f} ms", "≤ 0.12 ms")


def latency() -> Iterator[Figure]:
    """P6: what the daemon adds to the bare server's latency at 100 requests a second."""
    p50s, p99s = [], []
    with bare() as ceiling, daemon(AWAY) as measured:
        for _ in range(ROUNDS):
            nothing, stored = load(ceiling, 16, 100), load(measured, 16, 100)
            p50s.append(stored["p50"] - nothing["p50"])
            p99s.append(stored["p99"] - nothing["p99"])
    value = f"+{statistics.median(p50s):.2f} / +{statistics.median(p99s):.2f} ms"
    yield Figure("P6", "latency added at 100/s, p50 / p99", value, "≤ +0.6 / +1.0 ms")


def way_through() -> Iterator[Figure]:
    """P10: from the webhook being sent to the helpdesk having its text, at 50 a second, each a new conversation."""
    sent: dict[str, float] = {}
    with helpdesk() as desk, daemon(desk.base) as measured, httpx.Client() as client:
        time.sleep(1.5)
        for number in range(300):
            word = f"{number:017}"
            message = {"id": word, "type": "client", "text": f"line{word}", "createdAt": 1767225600000}
            body = {"eventName": "chatFragment", "messages": [message], "client": {"id": f"visitor{number}"}}
            sent[word] = time.perf_counter()
            client.post(measured.url, json=body).raise_for_status()
            time.sleep(max(0.0, 0.02 - (time.perf_counter() - sent[word])))
        time.sleep(1.0)
        came = {word: at for at, words in desk.get("/calls")["taken"] for word in words}
    cuts = statistics.quantiles([(at - sent[word]) * 1000 for word, at in came.items()], n=100)
    name = f"webhook → helpdesk at 50/s ({len(came)} of {len(sent)}), p50 / p99"
    yield Figure("P10", name, f"{cuts[49]:.1f} / {cuts[98]:.1f} ms", "≤ 5 / 25 ms, now ≤ 10")


def start() -> Iterator[Figure]:
    """P13: from the process being made to READY=1, with an empty database and with many rows."""
    rows = int(os.environ.get("BENCH_ROWS", "1000000"))
    with tempfile.TemporaryDirectory(prefix="syncd-bench-") as scratch:
        folder = Path(scratch)
        empty = [seconds_to_ready(folder / f"{number}") for number in range(ROUNDS)]
        fill(folder / "0" / "syncd.db", rows)
        full = [seconds_to_ready(folder / "0") for _ in range(ROUNDS)]
    value = f"{statistics.median(empty):.2f} / {statistics.median(full):.2f} s"
    yield Figure("P13", f"start → READY, empty / {rows:,} rows", value, "≤ 0.6 / 0.9 s (10 M rows)")


def seconds_to_ready(folder: Path) -> float:
    folder.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        address = folder / "notify"
        address.unlink(missing_ok=True)
        listener.bind(str(address))
        listener.settimeout(30)
        with daemon(AWAY, folder, NOTIFY_SOCKET=str(address)) as started:
            while b"READY=1" not in listener.recv(100):
                pass
            return time.perf_counter() - started.started


def fill(database: Path, rows: int) -> None:
    """Put that many settled events, ids and deliveries into a database that the daemon has made."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) "
    connection = sqlite3.connect(database)
    with connection:
        connection.execute(
            numbers + "INSERT INTO link (id, bridge, conversation, ticket, created_at) "
            "SELECT i, 'default', 'v' || i, i, i FROM n WHERE i % 20 = 0"
        )
        connection.execute(
            "INSERT INTO lane (link_id, \"end\", bridge, attempts) SELECT id, 'helpdesk', bridge, 0 FROM link"
        )
        connection.execute(
            numbers + 'INSERT INTO inbox (id, bridge, "end", form, received_at, state, reason) '
            "SELECT i, 'default', 'chat', 'webhook', i, 'done', '' FROM n"
        )
        connection.execute(
            numbers + 'INSERT INTO ledger (bridge, "end", native, part, ours, inbox_id, seen_at) '
            "SELECT 'default', 'chat', 'm' || i, 0, 0, i, i FROM n"
        )
        connection.execute(
            numbers + 'INSERT INTO outbox (link_id, "end", key, kind, body, rank, at, created_at, state, reason) '
            "SELECT max(20, i / 20 * 20), 'helpdesk', 'k' || i, 'add_comment', '{}', 1, i, i, 'sent', '' FROM n"
        )
    connection.close()


ALL = (ingest, latency, way_through, start)
