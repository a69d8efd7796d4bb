"""Clients that take their time, or too much room, harm nobody else and are sent away (S2)."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.bench.programs import bare
from tests.process.programs import SECRET, DaemonProcess, many_files, nobody_there

pytestmark = pytest.mark.alone

HOOK = f"/hooks/default/chat/{SECRET}"
HEAD = f"POST {HOOK} HTTP/1.1\r\nHost: x\r\n"
HALF_OPEN = 2000
WEBHOOKS = 300
HEAD_SECONDS, BODY_SECONDS = 10.0, 15.0
NOISE_SECONDS = 1.0
NOISE_MS = 60.0
"""Other programs share the machine on which this runs."""
MOST_GROWTH_MB = 2.0
SLOW_BODIES = 150
BODIES_THAT_FIT = 68
MORE_ROOM_MB = 20.0


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    with many_files(2 * HALF_OPEN), DaemonProcess(tmp_path_factory.mktemp("slow"), nobody_there()) as running:
        yield running


def connect(url: str, stack: ExitStack, first: str) -> socket.socket:
    host, _, port = url.removeprefix("http://").partition(":")
    connection = stack.enter_context(socket.create_connection((host, int(port)), timeout=30))
    connection.sendall(first.encode())
    return connection


def seconds_until_closed(connection: socket.socket, began: float) -> tuple[float, bytes]:
    """Read to the end; give how long it took and what was answered."""
    answer = b""
    try:
        while part := connection.recv(65536):
            answer += part
    except ConnectionResetError:
        pass
    return time.monotonic() - began, answer


def p99_ms(daemon: DaemonProcess, client: httpx.Client) -> float:
    """Send webhooks, each when the last is answered; give how long the slowest in a hundred took."""
    times = []
    for number in range(WEBHOOKS):
        sent = time.monotonic()
        assert client.post(daemon.hook, json={"eventName": "x", "number": number}).status_code == httpx.codes.OK
        times.append(time.monotonic() - sent)
    return statistics.quantiles(times, n=100)[-1] * 1000


def test_slow_headers_and_slow_bodies_are_cut_off_and_webhooks_flow_meanwhile(daemon: DaemonProcess) -> None:
    with ExitStack() as stack, httpx.Client() as client:
        alone = p99_ms(daemon, client)
        began = time.monotonic()
        slow_head = connect(daemon.url, stack, f"{HEAD}X-Slow: ")
        slow_body = connect(daemon.url, stack, f"{HEAD}Content-Length: 100\r\n\r\n{{")
        halves = [connect(daemon.url, stack, first) for first in ("", HEAD) for _ in range(HALF_OPEN // 2)]
        all_there = time.monotonic()
        beside = p99_ms(daemon, client)
        head, _ = seconds_until_closed(slow_head, began)
        silent = max(seconds_until_closed(half, all_there)[0] for half in halves)
        body, answer = seconds_until_closed(slow_body, began)
    print(f"\ncut off after: half a head {head:.1f} s, {HALF_OPEN} half-open {silent:.1f} s, half a body {body:.1f} s")
    print(f"p99 of webhooks alone {alone:.1f} ms, beside {HALF_OPEN} half-open connections {beside:.1f} ms")
    assert head <= HEAD_SECONDS + NOISE_SECONDS
    assert silent <= HEAD_SECONDS + NOISE_SECONDS
    assert body <= BODY_SECONDS + NOISE_SECONDS
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert beside <= 2 * alone + NOISE_MS


def test_the_control_a_server_without_bounds_keeps_them_all() -> None:
    with ExitStack() as stack:
        server = stack.enter_context(bare())
        slow = [
            connect(server.base, stack, first) for first in ("", f"{HEAD}X: ", f"{HEAD}Content-Length: 9\r\n\r\n{{")
        ]
        time.sleep(HEAD_SECONDS + NOISE_SECONDS)
        for connection in slow:
            connection.setblocking(False)
            with pytest.raises(BlockingIOError):
                connection.recv(1)


def test_headers_over_16_kib_are_431(daemon: DaemonProcess) -> None:
    with ExitStack() as stack:
        _, answer = seconds_until_closed(connect(daemon.url, stack, f"{HEAD}X: {'x' * 20_000}"), time.monotonic())
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_bodies_over_a_mebibyte_are_413_and_take_no_room(daemon: DaemonProcess) -> None:
    with httpx.Client() as client:
        client.post(daemon.hook, content=b'{"pad": "' + b"x" * 1_000_000 + b'"}').raise_for_status()
        before = daemon.memory_mb()
        for _ in range(20):
            answers = {client.post(daemon.hook, content=body).status_code for body in (b"x" * 50_000_000, endless())}
            assert answers == {httpx.codes.REQUEST_ENTITY_TOO_LARGE}
        growth = daemon.memory_mb() - before
    print(f"\n40 bodies of 50 MB or without an end: memory {growth:+.1f} MB")
    assert growth <= MOST_GROWTH_MB


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 65536


def test_bodies_that_come_in_slowly_together_take_bounded_room(daemon: DaemonProcess) -> None:
    length = 1_000_000
    with ExitStack() as stack, httpx.Client() as client:
        client.post(daemon.hook, content=b'{"pad": "' + b"x" * length + b'"}').raise_for_status()
        before = daemon.memory_mb()
        first = f"{HEAD}Content-Length: {length}\r\n\r\n" + "x" * (length - 1)
        slow = [connect(daemon.url, stack, first) for _ in range(SLOW_BODIES)]
        time.sleep(1)
        growth = daemon.memory_mb() - before
        answers = [said for said in map(said_so_far, slow) if said]
    print(f"\n{SLOW_BODIES} bodies of 1 MB but for a byte: {len(answers)} refused, memory {growth:+.1f} MB")
    assert len(answers) >= SLOW_BODIES - BODIES_THAT_FIT
    assert {answer.split(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 503 Service Unavailable"}
    assert growth <= BODIES_THAT_FIT + MORE_ROOM_MB
    with httpx.Client() as client:
        assert client.post(daemon.hook, content=b"{}").status_code == httpx.codes.OK


def said_so_far(connection: socket.socket) -> bytes:
    connection.setblocking(False)
    try:
        return connection.recv(65536)
    except BlockingIOError:
        return b""


def test_a_connection_can_be_used_again_and_again(daemon: DaemonProcess) -> None:
    with httpx.Client() as client:
        for number in range(50):
            answer = client.post(daemon.hook, content=b'{"eventName": "x", "pad": "' + b"y" * number * 1000 + b'"}')
            assert answer.status_code == httpx.codes.OK
