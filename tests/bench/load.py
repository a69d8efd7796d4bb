"""Sends 3 KB Chatra fragments with unique ids over kept connections and prints what came back, as JSON.

`python -m tests.bench.load URL CONNECTIONS SECONDS [PER_SECOND]`: at that pace, else as fast as it is answered.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
import statistics
import sys
import time
from typing import cast
from urllib.parse import urlsplit

import uvloop

ID = "@@@@@@@@@@@@@@@@@"
VISITOR = "visitor-@@@@@@"
TIME = "@time-here@"
EARLIEST = 1_600_000_000_000
LINES_A_VISITOR = 20
PADDING = "I have a question about my order and the way it was packed. " * 38


def template() -> str:
    """Give a fragment of about 3 KB, to be `filled`."""
    message = {"type": "client", "id": ID, "text": f"line{ID} {PADDING}", "createdAt": TIME}
    client: dict[str, object] = {
        "id": VISITOR,
        "chatId": "aC4krWMZWLYzz9sKZ",
        "displayedName": "Jane",
        "country": "Ireland",
    }
    client |= {"info": {"name": "Jane"}, "browser": "Chrome 131", "os": "Linux", "city": "Dublin", "ip": "203.0.113.7"}
    return json.dumps({"eventName": "chatFragment", "messages": [message], "agents": [], "client": client})


def filled(fragment: str, number: int) -> str:
    """Put a message's number, visitor and time into a template, whose length stays as it is.

    A visitor says about twenty lines, in the order of their numbers over however many connections they come.
    """
    visitor = f"visitor-{number // LINES_A_VISITOR % 1_000_000:06d}"
    said_at = EARLIEST + number % 100_000_000_000
    return fragment.replace(ID, f"{number:017d}").replace(VISITOR, visitor).replace(f'"{TIME}"', str(said_at))


class Pump(asyncio.Protocol):
    """One connection: sends the next request when the last one is answered, or when its time has come."""

    def __init__(self, url: str, numbers: itertools.count[int], pace: float) -> None:
        parts = urlsplit(url)
        body = template()
        self._head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        self._head += f"Content-Length: {len(body)}\r\n\r\n"
        self._body = body
        self._numbers = numbers
        self._pace = pace
        self._sent_at = 0.0
        self.seconds: list[float] = []
        self.refused = 0
        self.is_stopping = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self.send()

    def send(self) -> None:
        """Send a request with an id that nobody has used."""
        body = filled(self._body, next(self._numbers))
        self._sent_at = time.perf_counter()
        self._transport.write((self._head + body).encode())

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self.seconds.append(now - self._sent_at)
        self.refused += not data.startswith(b"HTTP/1.1 200")
        if self.is_stopping:
            self._transport.close()
        elif self._pace:
            asyncio.get_running_loop().call_later(max(0.0, self._sent_at + self._pace - now), self.send)
        else:
            self.send()


def returned(pump: Pump) -> Pump:
    return pump


async def run(url: str, connections: int, seconds: float, per_second: float) -> dict[str, float]:
    """Send for some seconds; give the rate, the latencies in milliseconds and how many were not answered 200."""
    parts = urlsplit(url)
    numbers = itertools.count(time.time_ns() // 1000)
    pace = connections / per_second if per_second else 0.0
    pumps = [Pump(url, numbers, pace) for _ in range(connections)]
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    for pump in pumps:
        await loop.create_connection(functools.partial(returned, pump), parts.hostname or "", parts.port or 80)
        if pace:
            await asyncio.sleep(pace / connections)
    await asyncio.sleep(seconds)
    took = time.perf_counter() - started
    for pump in pumps:
        pump.is_stopping = True
    all_seconds = sorted(second for pump in pumps for second in pump.seconds)
    cuts = statistics.quantiles(all_seconds, n=100)
    return {
        "count": len(all_seconds),
        "rate": len(all_seconds) / took,
        "p50": cuts[49] * 1000,
        "p99": cuts[98] * 1000,
        "refused": sum(pump.refused for pump in pumps),
    }


if __name__ == "__main__":
    pace = float(sys.argv[4]) if len(sys.argv) > 4 else 0.0
    print(json.dumps(uvloop.run(run(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), pace))))
