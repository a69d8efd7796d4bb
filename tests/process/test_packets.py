"""What a client sends may be cut into packets anywhere, and several requests may be in one."""

from __future__ import annotations

import itertools
import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

from tests.process.programs import SECRET, DaemonProcess, nobody_there

LARGEST_HEAD = 16 * 1024
LONG = 20_000
END_OF_HEAD = b"\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    with DaemonProcess(tmp_path_factory.mktemp("packets"), nobody_there()) as running:
        yield running


def webhook(length: int = 0, *, secret: str = SECRET, last: bool = False, head: int = 0) -> bytes:
    """Give a webhook whose body has at least that length and whose head has just that one, where one is given."""
    body = b'{"eventName": "x", "number": %d, "pad": "%s"}' % (next(NUMBERS), b"x" * length)
    lines = [f"POST /hooks/default/chat/{secret} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines += ["Connection: close"] * last
    if head:
        lines.append("X: " + "x" * (head - len("\r\n".join([*lines, "X: ", "", ""]))))
    return "\r\n".join([*lines, "", ""]).encode() + body


def answers(daemon: DaemonProcess, packets: Sequence[bytes]) -> list[int]:
    """Send packets, each on its own; give the statuses of all answers until the connection is closed."""
    host, _, port = daemon.url.removeprefix("http://").partition(":")
    said = b""
    with closing(socket.create_connection((host, int(port)), timeout=5)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, packet in enumerate(packets):
            time.sleep(0.05 if number else 0)
            connection.sendall(packet)
        while part := connection.recv(65536):
            said += part
    return [int(status) for status in STATUS.findall(said)]


def stored(daemon: DaemonProcess) -> int:
    return int(daemon.rows("SELECT count(*) FROM inbox")[0][0])


@pytest.mark.parametrize("cut", [-1, 0, 1, 2, 3, 4])
def test_a_packet_may_end_anywhere_around_the_end_of_the_head(daemon: DaemonProcess, cut: int) -> None:
    whole = webhook(LONG, last=True)
    at = whole.index(END_OF_HEAD) + cut
    before = stored(daemon)
    assert answers(daemon, [whole[:at], whole[at:]]) == [200]
    assert stored(daemon) == before + 1


@pytest.mark.parametrize("length", [0, LONG, 900_000])
def test_a_head_and_its_body_may_come_in_one_packet(daemon: DaemonProcess, length: int) -> None:
    assert answers(daemon, [webhook(length, last=True)]) == [200]


@pytest.mark.parametrize("length", [0, LONG])
def test_several_requests_may_come_in_one_packet(daemon: DaemonProcess, length: int) -> None:
    before = stored(daemon)
    assert answers(daemon, [webhook(length) + webhook(length) + webhook(length, last=True)]) == [200, 200, 200]
    assert stored(daemon) == before + 3


def test_a_packet_may_end_within_the_head_of_the_next_request(daemon: DaemonProcess) -> None:
    first, second = webhook(LONG), webhook(LONG, last=True)
    at = second.index(END_OF_HEAD) + 2
    assert answers(daemon, [first + second[:at], second[at:]]) == [200, 200]


def test_a_line_break_behind_a_body_begins_nothing(daemon: DaemonProcess) -> None:
    assert answers(daemon, [webhook() + b"\r\n", b"\r\n", webhook(last=True)]) == [200, 200]


def test_a_large_body_for_a_wrong_secret_is_answered_once(daemon: DaemonProcess) -> None:
    wrong = webhook(100_000, secret="wrong")
    at = wrong.index(END_OF_HEAD) + 5
    assert answers(daemon, [wrong[:at], wrong[at:], webhook(last=True)]) == [404, 200]


def test_a_head_of_16_kib_is_taken_and_no_larger_one_however_it_comes(daemon: DaemonProcess) -> None:
    just, over = (webhook(LONG, last=True, head=LARGEST_HEAD + more) for more in (0, 1))
    assert just.index(END_OF_HEAD) + 4 == LARGEST_HEAD
    assert answers(daemon, [just]) == [200]
    assert answers(daemon, [over]) == [431]
    assert answers(daemon, [just[:9000], just[9000:]]) == [200]
    assert answers(daemon, [over[:9000], over[9000:LARGEST_HEAD]]) == [431]
    assert answers(daemon, [webhook(), over[:9000], over[9000:LARGEST_HEAD]]) == [200, 431]
