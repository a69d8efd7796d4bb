"""Figures of what waits: webhooks while the helpdesk is away, and how fast a backlog goes out when it is back."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.bench.drain import drain_bare
from tests.bench.figures import Figure, load
from tests.bench.programs import Process, daemon, helpdesk
from tests.process.programs import ChatProcess, DaemonProcess
from tests.torture.stand_in import StandInDesk

BACKLOG = int(os.environ.get("BENCH_BACKLOG", "100000"))
DRAINED = 3000
REPLIES = 180
CALLS_A_MINUTE = 60


def away_and_back() -> Iterator[Figure]:
    """R13: webhooks come in by the ten thousand while the helpdesk answers 503; then it is back."""
    with helpdesk() as desk, daemon(desk.base) as measured:
        desk.put("/away")
        time.sleep(2)
        first = load(measured, 10)
        memory, began, refused = measured.resident_bytes, time.perf_counter(), desk.get("/calls")["refused"]
        count = first["count"]
        while count < BACKLOG:
            last = load(measured, 10)
            count += last["count"]
        growth = (measured.resident_bytes - memory) / 1e6
        probes = (desk.get("/calls")["refused"] - refused) / (time.perf_counter() - began)
        yield Figure("R13", "p99 of webhooks, 10 connections, helpdesk away", f"{first['p99']:.1f} ms", "≤ 50 ms")
        name = f"ingest with {count:,.0f} waiting ÷ with none"
        yield Figure("R13", name, f"{last['rate'] / first['rate']:.2f}", "≥ 0.95")
        yield Figure("R13", "memory grown by them", f"{growth:+.1f} MB", "≤ +10 MB")
        yield Figure("R13", "calls to the helpdesk that is away", f"{probes:.2f} /s", "≤ 1 a poll and lane probe")
        desk.put("/back")
        lines = wait_for_lines(desk, int(count))
        wrong = sum(numbers != sorted(numbers) for numbers in lines.values())
        yield Figure("R13", f"{count:,.0f} lines drained, conversations out of order", f"{wrong}", "0")


def wait_for_lines(desk: Process, count: int, seconds: float = 3600.0) -> dict[str, list[str]]:
    """Wait until so many lines have come; give them by conversation, in the order in which they came.

    Raises TimeoutError.
    """
    deadline = time.monotonic() + seconds
    taken: list[Any] = []
    while sum(len(numbers) for _, numbers in taken) < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{count} lines have not come in {seconds} seconds")
        time.sleep(1)
        taken = desk.get("/calls")["taken"]
    lines: dict[str, list[str]] = defaultdict(list)
    for _, numbers in taken:
        for number in numbers:
            lines[str(int(number) // 20)].append(number)
    return lines


def draining() -> Iterator[Figure]:
    """P16: calls a second out of a backlog, beside a bare client that writes the same states down."""
    ratios, rates = [], []
    for _ in range(3):
        with helpdesk() as desk:
            bare = drain_bare(desk.base, DRAINED)
        with helpdesk() as desk, daemon(desk.base) as measured:
            desk.put("/away")
            time.sleep(2)
            post_conversations(measured, DRAINED // 2)
            desk.put("/back")
            rates.append(rate_of(wait_for_calls(desk, DRAINED)))
        ratios.append(rates[-1] / bare)
    yield Figure("P16", "calls out of a backlog", f"{statistics.median(rates):.0f} /s", "")
    yield Figure("P16", "÷ bare httpx with the same state changes", f"{statistics.median(ratios):.2f}", "≥ 0.8")


def post_conversations(process: Process, count: int) -> None:
    """Let so many visitors say one line each; each leads to two calls, the ticket and the note about the visitor."""
    with httpx.Client() as client:
        for number in range(count):
            message = {"id": f"m{number}", "type": "client", "text": f"line{number:017}", "createdAt": 1767225600000}
            visitor = {"id": f"visitor{number}", "country": "Ireland"}
            body = {"eventName": "chatFragment", "messages": [message], "client": visitor}
            client.post(process.url, json=body).raise_for_status()


def wait_for_calls(desk: Process, count: int) -> list[Any]:
    while True:
        time.sleep(1)
        taken: list[Any] = desk.get("/calls")["taken"]
        if len(taken) >= count:
            return taken


def rate_of(taken: Sequence[Any]) -> float:
    """Give calls a second, of the middle four fifths: starting and ending are not draining."""
    times = [float(at) for at, _ in taken][len(taken) // 10 : -len(taken) // 10]
    return len(times) / (times[-1] - times[0])


def under_a_quota() -> Iterator[Figure]:
    """P17: replies that wait go out at the 60 a minute that Chatra allows."""
    with (
        tempfile.TemporaryDirectory(prefix="syncd-bench-") as scratch,
        StandInDesk() as desk,
        ChatProcess(Path(scratch), "http://127.0.0.1:9/", rate=CALLS_A_MINUTE) as chat,
    ):
        bridge = {**chat.bridge, "BRIDGE_HELPDESK": "request_tracker", "RT_POLL_SECONDS": "0.2"}
        bridge |= {"RT_URL": desk.url, "RT_TOKEN": desk.token, "RT_QUEUE": "Support"}
        with DaemonProcess(Path(scratch), bridge) as measured:
            chat.ask("POST", "/webhooks", urls=[measured.hook])
            for number in range(9):
                chat.ask("POST", "/visitors", visitor_id=f"v{number}", facts={})
                chat.ask("POST", f"/visitors/v{number}/says", text="hello")
            while len(desk.tickets()) < 9 or measured.rows("SELECT 1 FROM link WHERE ticket IS NULL"):
                time.sleep(0.1)
            for number in range(REPLIES):
                desk.reply(str(number % 9 + 1), f"reply {number:04}", by="agent1")
            while int(measured.rows("SELECT count(*) FROM ledger WHERE end = 'chat' AND ours")[0][0]) < REPLIES:
                time.sleep(0.5)
        calls = [call for call in chat.ask("GET", "/calls") if call["method"] == "POST"]
    times = sorted(call["at"] for call in calls)
    # The check at the start is a call as well, so that the last reply may belong to one more minute.
    minutes = [(later - earlier) / 60 for earlier, later in zip(times, times[CALLS_A_MINUTE:], strict=False)]
    used = 1 / statistics.mean(minutes)
    refused = sum(call["status"] == httpx.codes.TOO_MANY_REQUESTS for call in calls)
    yield Figure("P17", f"{REPLIES} replies under 60 calls a minute, quota used", f"{used:.1%}", "≥ 98 %")
    yield Figure("P17", "refused by the chat", f"{refused}", "0")


ALL = (away_and_back, draining, under_a_quota)
