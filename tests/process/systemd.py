"""What systemd does for the daemon's unit: it holds the socket, hears the beats, and starts it again."""

from __future__ import annotations

import signal
import socket
import threading
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

from tests.process.programs import DaemonProcess


class WatchedDaemon(DaemonProcess):
    """A daemon that is told of its watchdog as systemd tells it."""

    def __init__(self, folder: Path, bridge: dict[str, str], watchdog_seconds: float) -> None:
        self.ear = folder / "notify"
        told = {"NOTIFY_SOCKET": str(self.ear), "WATCHDOG_USEC": str(int(watchdog_seconds * 1e6))}
        super().__init__(folder, {**bridge, **told}, hold_socket=True)

    def _spawn(self, arguments: list[str], *, handed_over: tuple[int, ...] = ()) -> None:
        script = 'export WATCHDOG_PID=$$; exec "$@"'
        super()._spawn(["/bin/bash", "-c", script, "bash", *arguments], handed_over=handed_over)


class Systemd(AbstractContextManager["Systemd"]):
    """`Type=notify`, `Restart=always` and `WatchdogSec=`, which is enforced unless it is said not to be."""

    def __init__(self, daemon: WatchedDaemon, watchdog_seconds: float, *, enforced: bool = True) -> None:
        self._daemon = daemon
        self._watchdog_seconds = watchdog_seconds
        self._enforced = enforced
        self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ear.bind(str(daemon.ear))
        self._ear.settimeout(0.02)
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._supervise)
        self.ends: list[int] = []
        """How the daemon ended each time: an exit code, or a signal's number below zero."""

    def __enter__(self) -> Self:
        self._daemon.start()
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._is_ending.set()
        self._thread.join()
        self._ear.close()
        self._daemon.__exit__(*details)

    def _supervise(self) -> None:
        heard_at = time.monotonic()
        while not self._is_ending.is_set():
            if self._hears():
                heard_at = time.monotonic()
            if self._enforced and time.monotonic() - heard_at > self._watchdog_seconds:
                self._abort()
            if self._has_ended():
                self._daemon.start()
                heard_at = time.monotonic()

    def _hears(self) -> bool:
        try:
            return self._ear.recv(4096) in {b"WATCHDOG=1", b"READY=1"}
        except TimeoutError:
            return False

    def _abort(self) -> None:
        assert self._daemon.process is not None
        self._daemon.process.send_signal(signal.SIGABRT)
        self._daemon.process.wait()

    def _has_ended(self) -> bool:
        assert self._daemon.process is not None
        code = self._daemon.process.poll()
        if code is not None:
            self.ends.append(code)
        return code is not None
