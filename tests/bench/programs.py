"""What is measured: the bare server, the daemon, and a helpdesk that answers at once."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.process.programs import SECRET, free_port

PATH = f"/hooks/default/chat/{SECRET}"


class Process:
    """A process and its address; its CPU time is what the kernel counted."""

    def __init__(self, arguments: list[str], port: int, environment: dict[str, str]) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.url = f"{self.base}{PATH}"
        self._port = port
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            env={"PATH": os.environ["PATH"], **environment},
            stderr=subprocess.DEVNULL,
        )

    def wait_until_up(self) -> None:
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return

    @property
    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def resident_bytes(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def get(self, path: str) -> Any:
        return httpx.get(f"{self.base}{path}", timeout=60).raise_for_status().json()

    def put(self, path: str) -> None:
        httpx.put(f"{self.base}{path}").raise_for_status()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()


@contextmanager
def bare() -> Iterator[Process]:
    port = free_port()
    process = Process(["-m", "tests.bench.bare", str(port)], port, {})
    process.wait_until_up()
    yield process
    process.end()


@contextmanager
def daemon(helpdesk_url: str, folder: Path | None = None, **environment: str) -> Iterator[Process]:
    """Run the daemon between a chat that is away and the helpdesk at the URL."""
    with tempfile.TemporaryDirectory(prefix="syncd-bench-") as scratch:
        port = free_port()
        settings = {
            "SYNCD_DATABASE_URL": f"sqlite:///{(folder or Path(scratch)) / 'syncd.db'}",
            "SYNCD_LISTEN": f"127.0.0.1:{port}",
            "SYNCD_LOG_LEVEL": "ERROR",
            "BRIDGE_CHAT": "chatra",
            "BRIDGE_HELPDESK": "request_tracker",
            "BRIDGE_WEBHOOK_SECRET": SECRET,
            "CHATRA_PUBLIC_KEY": "p",
            "CHATRA_SECRET_KEY": "s",
            "CHATRA_API_URL": "http://127.0.0.1:9/api",
            "RT_URL": helpdesk_url,
            "RT_TOKEN": "t",
            "RT_QUEUE": "Support",
        }
        process = Process(["-m", "syncd", "run"], port, {**settings, **environment})
        process.wait_until_up()
        yield process
        process.end()


@contextmanager
def helpdesk() -> Iterator[Process]:
    """Run a helpdesk that answers at once."""
    port = free_port()
    process = Process(["-m", "tests.bench.helpdesk", str(port)], port, {})
    process.wait_until_up()
    yield process
    process.end()
