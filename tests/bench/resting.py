"""Figures of a daemon that is looked at, that has much behind it, and that has nothing to do."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.bench.figures import ROUNDS, Figure, fill, load
from tests.bench.programs import Process, daemon, helpdesk

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
MESSAGES = int(os.environ.get("BENCH_MESSAGES", "1000000"))
AWAY = "http://127.0.0.1:9"
IDLE_SECONDS = 30.0
LOOKS = 50


def looking() -> Iterator[Figure]:
    """How long the pages take with a million messages in the database."""
    with tempfile.TemporaryDirectory(prefix="syncd-bench-") as scratch:
        folder = Path(scratch)
        with daemon(AWAY, folder):
            pass
        fill(folder / "syncd.db", ROWS)
        with daemon(AWAY, folder) as measured, httpx.Client(base_url=measured.base, timeout=60) as client:
            for path, goal in (("/", "≤ 100 ms"), ("/trace?id=v20", "–"), ("/metrics", "≤ 20 ms")):
                took = sorted(_seconds(client, path) * 1000 for _ in range(LOOKS))
                value = f"{statistics.median(took):.1f} / {took[-1]:.1f} ms"
                yield Figure("", f"{path} with {ROWS:,} messages, median / slowest", value, goal)


def _seconds(client: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    client.get(path).raise_for_status()
    return time.perf_counter() - began


def growing() -> Iterator[Figure]:
    """P11: memory at rest, and after messages by the hundred thousand while the helpdesk is away."""
    resting = []
    for _ in range(ROUNDS):
        with helpdesk() as desk, daemon(desk.base) as measured:
            time.sleep(3)
            resting.append(measured.resident_bytes / 1e6)
    with daemon(AWAY) as measured:
        load(measured, 10, 100)
        before, count = measured.resident_bytes, 0.0
        while count < MESSAGES:
            count += load(measured, 10)["count"]
        growth = (measured.resident_bytes - before) / 1e6
    value = f"{statistics.median(resting):.1f} / {growth:+.1f} MB"
    yield Figure("P11", f"memory at rest / growth by {count:,.0f} messages", value, "≤ 80 / +8 MB")


def idle() -> Iterator[Figure]:
    """P12: how often a daemon that has nothing to do wakes up, and its share of a CPU; the polls are its only work."""
    with helpdesk() as desk, daemon(desk.base, RT_POLL_SECONDS="60") as measured:
        time.sleep(5)
        wakes, cpu = _wakes(measured), measured.cpu_seconds
        time.sleep(IDLE_SECONDS)
        woken = (_wakes(measured) - wakes) / IDLE_SECONDS
        share = (measured.cpu_seconds - cpu) / IDLE_SECONDS * 100
    yield Figure("P12", "wake-ups a second / CPU, idle", f"{woken:.1f} / {share:.2f} %", "≤ 2 / 0.1 %")


def _wakes(process: Process) -> int:
    """Count how often its threads have waited for something and gone on."""
    threads = Path(f"/proc/{process.process.pid}/task").glob("*/status")
    told = (line for status in threads for line in status.read_text().splitlines())
    return sum(int(line.split()[1]) for line in told if line.startswith("voluntary_ctxt_switches"))


ALL = (looking, growing, idle)
