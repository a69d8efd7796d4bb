"""Two thousand senders at once while each sync of the disk takes 50 ms: everybody gets an answer."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from tests.bench.load import filled, template
from tests.process.programs import DaemonProcess, many_files, nobody_there
from tests.strace import strace_or_skip

pytestmark = pytest.mark.alone

SENDERS = 2000
ROUNDS = 4
SYNC_SECONDS = 0.05
PATIENCE_SECONDS = 10.0
MOST_GROWTH_MB = 64
SYSTEMDS_FILES = 1024
"""How many files systemd lets a process open that does not ask for more."""


class SlowDiskDaemon(DaemonProcess):
    """A daemon with as many files as systemd gives it, on a disk that takes its time for each sync."""

    def __init__(self, folder: Path, sync_seconds: float) -> None:
        self._sync_seconds = sync_seconds
        super().__init__(folder, nobody_there())

    def _spawn(self, arguments: list[str], *, handed_over: tuple[int, ...] = ()) -> None:
        slow = f"inject=fdatasync,fsync:delay_exit={self._sync_seconds * 1e6:.0f}"
        tracing = [strace_or_skip(), "-D", "-f", "--seccomp-bpf", "-o", "/dev/null"]
        tracing += ["-e", "trace=fdatasync,fsync", "-e", slow]
        limited = ["/bin/bash", "-c", f'ulimit -Sn {SYSTEMDS_FILES}; exec "$@"', "bash"]
        super()._spawn([*limited, *tracing, *arguments], handed_over=handed_over)


class Sender(asyncio.Protocol):
    """Posts webhooks on one connection, each when the last is answered; notes what became of each."""

    def __init__(self, daemon: DaemonProcess, number: int, patience: float) -> None:
        address, _, path = daemon.hook.removeprefix("http://").partition("/")
        self._body = template()
        self._head = f"POST /{path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {len(self._body)}\r\n\r\n"
        self._ids = [f"{number:08d}0{turn:08d}" for turn in range(ROUNDS)]
        self._patience = patience
        self._answer = b""
        self.outcomes: dict[str, str] = {}
        self.seconds: list[float] = []
        self.is_done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        self._sent_at = time.monotonic()
        self._timer = asyncio.get_running_loop().call_later(self._patience, self._end, "timed out")
        id_ = self._ids[len(self.outcomes)]
        self._transport.write((self._head + filled(self._body, int(id_))).encode())

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, is_whole, _ = self._answer.partition(b"\r\n\r\n")
        if not is_whole:
            return
        status = head.split(b" ", 2)[1].decode()
        outcome = status if status != "503" or b"retry-after:" in head.lower() else "503 without Retry-After"
        self._answer = b""
        self.seconds.append(time.monotonic() - self._sent_at)
        self._note(outcome)
        if len(self.outcomes) < ROUNDS:
            self._send()
        else:
            self._finish()

    def connection_lost(self, _: Exception | None) -> None:
        self._end("cut off")

    def _note(self, outcome: str) -> None:
        self._timer.cancel()
        self.outcomes[self._ids[len(self.outcomes)]] = outcome

    def _end(self, outcome: str) -> None:
        if not self.is_done.done():
            self._note(outcome)
            self._finish()

    def _finish(self) -> None:
        self.is_done.set_result(None)
        self._transport.close()


def returned(sender: Sender) -> Sender:
    return sender


def outcomes_of(senders: list[Sender]) -> Counter[str]:
    return Counter(outcome for sender in senders for outcome in sender.outcomes.values())


async def send_all(daemon: DaemonProcess, count: int, patience: float) -> list[Sender]:
    """Let everybody connect and send at once; give them when all are done."""
    host, _, port = daemon.url.removeprefix("http://").partition(":")
    senders = [Sender(daemon, number, patience) for number in range(count)]
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(loop.create_connection(partial(returned, one), host, int(port)) for one in senders))
    await asyncio.gather(*(one.is_done for one in senders))
    return senders


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlowDiskDaemon]:
    """Give a daemon on a slow disk, and ourselves as many files as there are senders."""
    strace_or_skip()
    with many_files(2 * SENDERS), SlowDiskDaemon(tmp_path_factory.mktemp("slow-disk"), SYNC_SECONDS) as running:
        yield running


def stored(daemon: DaemonProcess) -> set[str]:
    found = daemon.rows("SELECT json_extract(body, '$.messages[0].id') FROM payload JOIN inbox ON inbox_id = id")
    return {id_ for (id_,) in found}


def test_each_of_two_thousand_senders_is_answered_while_the_disk_is_slow(daemon: SlowDiskDaemon) -> None:
    before, began = daemon.memory_mb("VmRSS"), time.monotonic()
    senders = asyncio.run(send_all(daemon, SENDERS, PATIENCE_SECONDS))
    took, growth = time.monotonic() - began, daemon.memory_mb("VmHWM") - before
    outcomes, seconds = outcomes_of(senders), [second for sender in senders for second in sender.seconds]
    taken = {id_ for sender in senders for id_, outcome in sender.outcomes.items() if outcome == "200"}
    print(f"\n{SENDERS} senders in {took:.1f} s: {dict(outcomes)}, memory +{growth:.0f} MB")
    print(f"the quickest answer took {min(seconds) * 1000:.0f} ms, the slowest {max(seconds) * 1000:.0f} ms")
    assert set(outcomes) <= {"200", "503"}
    assert outcomes["200"] >= SENDERS
    assert taken <= stored(daemon)
    assert growth <= MOST_GROWTH_MB
    assert min(seconds) >= SYNC_SECONDS


def test_the_control_senders_with_less_patience_than_a_sync_takes_are_counted(daemon: SlowDiskDaemon) -> None:
    assert outcomes_of(asyncio.run(send_all(daemon, 20, SYNC_SECONDS / 2))) == {"timed out": 20}
