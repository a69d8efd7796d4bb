"""Restarts while new connections come in: with a socket that somebody holds for the daemon, nobody notices."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.process.programs import DaemonProcess, nobody_there

pytestmark = pytest.mark.alone

CONNECTIONS_A_SECOND = 200
PATIENCE_SECONDS = 20.0
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class Client(HTTPConnection):
    """One connection to the daemon, kept open between requests."""

    def __init__(self, url: str) -> None:
        super().__init__(url.removeprefix("http://"), timeout=PATIENCE_SECONDS)

    def connect(self) -> None:
        if self.sock is None:
            super().connect()

    def ask(self) -> int:
        self.request("GET", "/healthz")
        answer = self.getresponse()
        answer.read()
        return answer.status


async def ask(url: str) -> str:
    """Make one connection and one request; say what came of it."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(REQUEST)
            told = await reader.read()
            writer.close()
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "reset"
    except TimeoutError:
        return "no answer in time"
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


async def restarted(folder: Path, times: int, *, hold_socket: bool) -> Counter[str]:
    with DaemonProcess(folder, nobody_there(), hold_socket=hold_socket) as daemon:

        def restart() -> None:
            assert daemon.end() == 0
            daemon.start()

        counts = await knock(daemon.url, restart, times)
    print(f"\n{times} restarts, {counts.total()} connections: {dict(counts)}")
    return counts


async def test_no_connection_is_refused_reset_or_left_without_an_answer(tmp_path: Path) -> None:
    assert set(await restarted(tmp_path, 8, hold_socket=True)) == {"answered"}


@pytest.mark.torture
async def test_none_is_in_a_hundred_restarts(tmp_path: Path) -> None:
    assert set(await restarted(tmp_path, 100, hold_socket=True)) == {"answered"}


@pytest.mark.parametrize("requests_before", [0, 1])
def test_who_is_connected_when_it_is_told_to_stop_is_answered_once_more(tmp_path: Path, requests_before: int) -> None:
    with DaemonProcess(tmp_path, nobody_there()) as daemon, closing(Client(daemon.url)) as client:
        for _ in range(requests_before):
            assert client.ask() == 200
        client.connect()
        assert daemon.process is not None
        daemon.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        assert client.ask() == 200
        with pytest.raises(ConnectionRefusedError):
            Client(daemon.url).connect()
        assert daemon.process.wait(20) == 0


async def test_the_control_where_nobody_holds_the_socket_connections_are_refused(tmp_path: Path) -> None:
    assert (await restarted(tmp_path, 2, hold_socket=False))["refused"] > 0
