"""Restarts while new connections come in: with a socket that somebody holds for the daemon, nobody notices."""

from __future__ import annotations

import signal
import time
from collections import Counter
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.process.knocking import PATIENCE_SECONDS, knock
from tests.process.programs import DaemonProcess, nobody_there

pytestmark = pytest.mark.alone


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
