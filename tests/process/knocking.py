"""Somebody who connects at a steady rate while the daemon is restarted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import closing

CONNECTIONS_A_SECOND = 200
PATIENCE_SECONDS = 20.0
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


async def ask(url: str) -> str:
    """Make one connection and one request; say what came of it."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(host, int(port))
            with closing(writer):
                writer.write(REQUEST)
                told = await reader.read()
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "no answer in time"
    except OSError:
        return "reset"
    return "answered" if told.startswith(b"HTTP/1.1 200") else "empty" if not told else told[:40].decode()


async def knock(url: str, restart: Callable[[], None], times: int) -> Counter[str]:
    """Connect at a steady rate, however long each answer takes, while the daemon is restarted so many times."""
    asked: list[asyncio.Task[str]] = []

    async def restarts() -> None:
        for _ in range(times):
            await asyncio.to_thread(restart)

    begun = asyncio.get_running_loop().time()
    restarting = asyncio.create_task(restarts())
    while not restarting.done():
        asked.append(asyncio.create_task(ask(url)))
        await asyncio.sleep(begun + len(asked) / CONNECTIONS_A_SECOND - asyncio.get_running_loop().time())
    await restarting
    return Counter(await asyncio.gather(*asked))
