"""Clients that take their time, or too much room, harm nobody else."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.process.programs import SECRET, DaemonProcess, free_port

HOOK = f"/hooks/default/chat/{SECRET}"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    settings = {
        "BRIDGE_CHAT": "chatra",
        "CHATRA_PUBLIC_KEY": "p",
        "CHATRA_SECRET_KEY": "s",
        "CHATRA_API_URL": f"http://127.0.0.1:{free_port()}/api",
        "BRIDGE_HELPDESK": "memory",
    }
    with DaemonProcess(tmp_path_factory.mktemp("slow"), settings) as running:
        yield running


def connect(daemon: DaemonProcess, stack: ExitStack, first: bytes) -> socket.socket:
    host, _, port = daemon.url.removeprefix("http://").partition(":")
    connection = stack.enter_context(socket.create_connection((host, int(port)), timeout=30))
    connection.sendall(first)
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


def test_slow_headers_and_slow_bodies_are_cut_off_and_webhooks_flow_meanwhile(daemon: DaemonProcess) -> None:
    with ExitStack() as stack, httpx.Client() as client:
        began = time.monotonic()
        silent = [connect(daemon, stack, b"") for _ in range(500)]
        slow_head = connect(daemon, stack, f"POST {HOOK} HTTP/1.1\r\nHost: x\r\nX-Slow: ".encode())
        slow_body = connect(daemon, stack, f"POST {HOOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{".encode())
        worst = 0.0
        for number in range(100):
            sent = time.monotonic()
            assert client.post(daemon.hook, json={"eventName": "x", "number": number}).status_code == 200
            worst = max(worst, time.monotonic() - sent)
        head_seconds, _ = seconds_until_closed(slow_head, began)
        silent_seconds, _ = seconds_until_closed(silent[0], began)
        body_seconds, answer = seconds_until_closed(slow_body, began)
    print(f"\nslow: head {head_seconds:.1f} s, silence {silent_seconds:.1f} s, body {body_seconds:.1f} s")
    print(f"the slowest webhook meanwhile: {worst * 1000:.0f} ms")
    assert head_seconds < 11
    assert silent_seconds < 11
    assert body_seconds < 16
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert worst < 1


def test_headers_over_16_kib_are_431(daemon: DaemonProcess) -> None:
    with ExitStack() as stack:
        head = f"POST {HOOK} HTTP/1.1\r\nHost: x\r\nX-Large: ".encode() + b"x" * 20_000
        _, answer = seconds_until_closed(connect(daemon, stack, head), time.monotonic())
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_a_connection_can_be_used_again_and_again(daemon: DaemonProcess) -> None:
    with httpx.Client() as client:
        for number in range(50):
            answer = client.post(daemon.hook, content=b'{"eventName": "x", "pad": "' + b"y" * number * 1000 + b'"}')
            assert answer.status_code == 200
