"""The daemon and the Chatra stand-in as processes of their own, as ops would run them."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

SECRET = "only-for-these-tests"
START_SECONDS = 20.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def nobody_there() -> dict[str, str]:
    """Give the settings of a chat that cannot be reached."""
    keys = {"BRIDGE_CHAT": "chatra", "CHATRA_PUBLIC_KEY": "p", "CHATRA_SECRET_KEY": "s"}
    return {**keys, "CHATRA_API_URL": f"http://127.0.0.1:{free_port()}/api", "BRIDGE_HELPDESK": "memory"}


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until a condition, looked at again and again, holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


@contextmanager
def many_files(wanted: int) -> Iterator[None]:
    """Let this process open so many files; where that is forbidden the test is skipped."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < wanted:
        pytest.skip(f"only {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Program(AbstractContextManager["Program"]):
    """A process with its stderr in a file."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self._arguments = [sys.executable, "-W", "error", *arguments]
        self._environment = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **environment}
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._spawn(self._arguments)

    def _spawn(self, arguments: list[str], *, handed_over: tuple[int, ...] = ()) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                arguments, env=self._environment, stdout=log, stderr=log, pass_fds=handed_over
            )

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait; give the exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(30)

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()


class DaemonProcess(Program):
    """`syncd run` with one bridge `default`, on a port of its own.

    With `hold_socket` the port stays open between a kill and the next start, as systemd keeps it. The database is on
    `disk` where that is given.
    """

    def __init__(
        self, folder: Path, bridge: dict[str, str], *, hold_socket: bool = False, disk: Path | None = None
    ) -> None:
        self.database = (disk or folder) / "syncd.db"
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512) if hold_socket else None
        port = self._socket.getsockname()[1] if self._socket else free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            "SYNCD_DATABASE_URL": f"sqlite:///{self.database}",
            "SYNCD_LISTEN": self.url.removeprefix("http://"),
            "BRIDGE_WEBHOOK_SECRET": SECRET,
            **bridge,
        }
        self.hook = f"{self.url}/hooks/default/chat/{SECRET}"
        super().__init__(["-m", "syncd", "run"], self.environment, folder / "daemon.log")

    def start(self) -> None:
        self.begin()
        deadline = time.monotonic() + START_SECONDS
        while not self.is_up():
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    def begin(self) -> None:
        """Start it without waiting until it is up."""
        if self._socket is None:
            super().start()
        else:
            number = self._socket.fileno()
            script = f'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@" 3<&{number}'
            self._spawn(["/bin/bash", "-c", script, "bash", *self._arguments], handed_over=(number,))

    def __exit__(self, *details: object) -> None:
        super().__exit__(*details)
        if self._socket is not None:
            self._socket.close()

    def is_up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).is_success
        except httpx.TransportError:
            return False

    def memory_mb(self, name: str = "VmRSS") -> float:
        """Give how much memory it takes, or with VmHWM, took at its peak."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(f"{name}:"))

    def rows(self, query: str, *values: object) -> list[Any]:
        """Ask the database, as `sqlite3` on the command line would."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `syncd` command with the same settings."""
        return syncd(*arguments, **self.environment)


class ChatProcess(Program):
    """The Chatra stand-in, driven over its control routes."""

    def __init__(self, folder: Path, webhook: str, *, rate: int = 60, window: float = 60.0) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        arguments = ["--port", self.url.rpartition(":")[2], "--public-key", "pub", "--secret-key", SECRET]
        arguments += ["--webhook", webhook, "--rate", str(rate), "--window", str(window), "--seed", "1"]
        super().__init__(["-m", "syncd.testing.chatra", *arguments], {}, folder / "chat.log")
        self._client = httpx.Client(base_url=f"{self.url}/stand-in", timeout=30)

    @property
    def bridge(self) -> dict[str, str]:
        """The settings with which a bridge reaches this chat."""
        return {
            "BRIDGE_CHAT": "chatra",
            "CHATRA_PUBLIC_KEY": "pub",
            "CHATRA_SECRET_KEY": SECRET,
            "CHATRA_API_URL": f"{self.url}/api",
        }

    def start(self) -> None:
        super().start()
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.ask("GET", "/chats")
            except httpx.TransportError:
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.02)
            else:
                return

    def ask(self, method: str, path: str, /, **fields: object) -> Any:
        """Use one of the stand-in's abilities."""
        answer = self._client.request(method, path, json=fields or None)
        answer.raise_for_status()
        return answer.json()

    def __exit__(self, *details: object) -> None:
        self._client.close()
        super().__exit__(*details)


def syncd(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "syncd", *arguments],
        env={"PATH": os.environ["PATH"], "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
