"""A Debian of its own that is booted: systemd as its process 1, with namespaces, control groups and a network apart."""

from __future__ import annotations

import ctypes
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.debian import program_or_skip, skip
from tests.process.debian_root import DebianRoot

BOOT_SECONDS = 60.0
BOOT = Path(__file__).parent / "boot.sh"
IN_ITS_PATH = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LANG": "C.UTF-8"}


class Machine(AbstractContextManager["Machine"]):
    """A booted copy of a fresh Debian; where it cannot boot the test is skipped with what systemd-nspawn said of it."""

    def __init__(self, folder: Path) -> None:
        nspawn = program_or_skip("systemd-nspawn", "systemd-container")
        self.root = DebianRoot(folder / "debian")
        self._said = folder / "console"
        command = ["unshare", "--mount", "/bin/bash", str(BOOT), nspawn, str(self.root.folder)]
        notify = str(folder / "notify")
        with self._said.open("wb") as console, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            ear.bind(notify)
            self._container = subprocess.Popen(
                command,
                env={**IN_ITS_PATH, "NOTIFY_SOCKET": notify},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            # Closed then: a systemd whose words nobody hears waits for ever once there are ten of them.
            self._leader = self._booted(ear)
        self.folder = Path(f"/proc/{self._leader}/root")
        """Its files as it sees them itself, with what it has mounted."""

    def __exit__(self, *details: object) -> None:
        self._end()

    def run(self, *command: str, seconds: float = 120.0) -> str:
        """Run a command in there as root; give what it says. Raises CalledProcessError."""
        done = subprocess.run(
            self._entered(*command),
            env=IN_ITS_PATH,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode:
            print(done.stdout)
        done.check_returncode()
        return done.stdout

    def install(self, package: Path) -> None:
        shutil.copy(package, self.root.folder / "root")
        self.run("dpkg", "--install", f"/root/{package.name}")

    def write(self, place: str, text: str, mode: int = 0o644) -> None:
        """Put a file at a path in there, whose folders are made."""
        path = self.folder / place.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    @contextmanager
    def network(self) -> Iterator[None]:
        """Let the sockets that this thread makes be in there."""
        with (
            Path("/proc/thread-self/ns/net").open("rb") as outside,
            Path(f"/proc/{self._leader}/ns/net").open("rb") as inside,
        ):
            _enter(inside.fileno())
            try:
                yield
            finally:
                _enter(outside.fileno())

    def _booted(self, ear: socket.socket) -> int:
        """Wait until systemd says that it is ready; give its process id out here."""
        heard = b""
        deadline = time.monotonic() + BOOT_SECONDS
        while b"READY=1" not in heard:
            if self._container.poll() is not None or time.monotonic() > deadline:
                reason = self._said.read_text(errors="replace").strip()[-300:] or f"not ready in {BOOT_SECONDS:.0f} s"
                self._end()
                skip(f"systemd cannot be booted here: {reason}")
            if select.select([ear], [], [], 0.2)[0]:
                heard += ear.recv(4096) + b"\n"
        leader = re.search(rb"X_NSPAWN_LEADER_PID=(\d+)", heard)
        assert leader is not None, heard
        return int(leader[1])

    def _entered(self, *command: str) -> list[str]:
        return ["nsenter", f"--target={self._leader}", "--all", "--wdns=/", "--", *command]

    def _end(self) -> None:
        if self._container.poll() is None:
            os.killpg(self._container.pid, signal.SIGTERM)
        try:
            self._container.wait(timeout=BOOT_SECONDS)
        except subprocess.TimeoutExpired:
            # Told twice, nspawn does not wait for the machine's own way of ending.
            os.killpg(self._container.pid, signal.SIGTERM)
            self._container.wait(timeout=BOOT_SECONDS)


def _enter(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, 0):
        raise OSError(ctypes.get_errno(), "setns")
