"""While everybody reads, exactly one connection of the daemon writes or checkpoints: as the kernel sees it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.process.programs import ChatProcess, DaemonProcess
from tests.strace import strace_or_skip
from tests.torture import ledger
from tests.torture.people import People
from tests.torture.stand_in import StandInDesk

CALLS = "write,writev,pwrite64,pwritev,pwritev2,ftruncate,fallocate,fdatasync,fsync"
CALL = re.compile(r"^(\d+) +(\w+)\((\d+)<([^>]*)>")
COMMANDS = [("status",), ("status", "--json"), ("trace", "visitor0000"), ("failed", "list")]
PAGES = ("metrics", "healthz", "readyz")
WRITE = "UPDATE bridge_end SET since = 1"


class Writer(NamedTuple):
    """Who writes: a thread, over a descriptor, into a file."""

    thread: int
    descriptor: int
    file: str


class Traced(NamedTuple):
    """The daemon, and where its trace and those of other programs are."""

    daemon: DaemonProcess
    folder: Path

    def run(self, name: str, *arguments: str) -> str:
        """Run a Python program under strace to its end; give what it printed."""
        command = [*tracing(self.folder / f"{name}.trace"), "--seccomp-bpf", sys.executable, *arguments]
        environment = {"PATH": os.environ["PATH"], "COLUMNS": "200", **self.daemon.environment}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False).stdout


def tracing(file: Path) -> list[str]:
    return [strace_or_skip(), "-f", "-y", "-s", "0", "-e", "signal=none", "-e", f"trace={CALLS}", "-o", str(file)]


def calls_of(trace: Path, *files: str) -> Counter[Writer]:
    """Count the calls that change one of the files or bring a change of it to the disk."""
    found = [match.groups() for line in trace.read_text().splitlines() if (match := CALL.match(line))]
    names = [(int(thread), int(descriptor), Path(path).name) for thread, _, descriptor, path in found]
    return Counter(Writer(*name) for name in names if name[2] in files)


def writers_of(*traces: Path) -> Counter[Writer]:
    return sum((calls_of(trace, "syncd.db", "syncd.db-wal") for trace in traces), Counter())


@contextmanager
def attached(daemon: DaemonProcess, trace: Path) -> Iterator[None]:
    """Trace every thread of the daemon."""
    assert daemon.process is not None
    command = [*tracing(trace), "-p", str(daemon.process.pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        assert "attached" in tracer.stderr.readline()
        yield
        tracer.send_signal(signal.SIGINT)
        tracer.stderr.read()


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    """Give a daemon between a chat and a helpdesk where people talk all the time."""
    strace_or_skip()
    folder = tmp_path_factory.mktemp("traced")
    chat = ChatProcess(folder, "http://127.0.0.1:9/", rate=100_000)
    with StandInDesk() as desk, chat:
        settings = {"BRIDGE_HELPDESK": "request_tracker", "RT_URL": desk.url, "RT_TOKEN": desk.token}
        settings |= {"RT_QUEUE": "Support", "RT_POLL_SECONDS": "0.2"}
        with DaemonProcess(folder, {**chat.bridge, **settings}) as daemon:
            chat.ask("POST", "/webhooks", urls=[daemon.hook])
            people = People(chat, desk, 4, 1, partial(ledger.tickets, daemon))
            people.start(line_every=0.05, reply_every=0.1)
            yield Traced(daemon, folder)
            people.stop()


def read_pages(daemon: DaemonProcess, is_over: threading.Event) -> int:
    count = 0
    with httpx.Client() as client:
        while not is_over.is_set():
            count += sum(client.get(f"{daemon.url}/{page}").status_code in {200, 503} for page in PAGES)
    return count


def test_exactly_one_connection_writes_while_commands_and_pages_read(traced: Traced) -> None:
    is_over, trace = threading.Event(), traced.folder / "daemon.trace"
    with attached(traced.daemon, trace), ThreadPoolExecutor(3) as pool:
        pages = pool.submit(read_pages, traced.daemon, is_over)
        told = list(
            pool.map(lambda command: traced.run("-".join(command), "-m", "syncd", *command), COMMANDS, timeout=60)
        )
        is_over.set()
    writers = writers_of(trace)
    readers = [traced.folder / f"{'-'.join(command)}.trace" for command in COMMANDS]
    shared = sum(calls_of(reader, "syncd.db-shm").total() for reader in readers)
    print(f"\n{pages.result()} pages and {len(COMMANDS)} commands read; the daemon: {writers.total()} calls by")
    print("\n".join(f"  thread {who.thread} on {who.file}: {count}" for who, count in writers.items()))
    print(f"the readers: {writers_of(*readers).total()} on the database, {shared} on its shared memory")
    assert len({who.thread for who in writers}) == 1
    assert sorted(who.file for who in writers) == ["syncd.db", "syncd.db-wal"]
    assert writers_of(*readers) == Counter()
    assert pages.result() > 30
    assert "the daemon runs" in told[0]
    assert "visitor0000" in told[2]


def test_the_control_a_second_connection_that_writes_is_found(traced: Traced) -> None:
    script = f"import sqlite3; c = sqlite3.connect({str(traced.daemon.database)!r}, timeout=10); c.execute({WRITE!r})"
    trace, other = traced.folder / "daemon-2.trace", traced.folder / "other.trace"
    with attached(traced.daemon, trace):
        traced.run("other", "-c", f"{script}; c.commit()")
        deadline = time.monotonic() + 10
        while not writers_of(trace):
            assert time.monotonic() < deadline
    assert len({who.thread for who in writers_of(trace, other)}) == 2
