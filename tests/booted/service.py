"""syncd as a service of a booted machine, with one bridge between two ends in memory."""

from __future__ import annotations

import json
import time

import httpx

from tests.booted.machine import Machine
from tests.process.programs import SECRET

URL = "http://127.0.0.1:8020"
BRIDGE = {"BRIDGE_CHAT": "memory", "BRIDGE_HELPDESK": "memory", "BRIDGE_WEBHOOK_SECRET": SECRET}
DROP_IN = "/run/systemd/system/syncd.service.d/test.conf"


class Service:
    """Enabled and started as the README says; what ops do with it, by systemctl and journalctl."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._since = machine.run("date", "+%s.%N").strip()
        self.configure(BRIDGE)
        machine.run("systemctl", "enable", "--now", "syncd")

    def configure(self, bridge: dict[str, str]) -> None:
        """Write the env file of its one bridge, which nobody but its group may read."""
        lines = "\n".join(f"{name}={value}" for name, value in bridge.items())
        self.machine.run("sh", "-c", f"umask 027; echo '{lines}' >/etc/syncd/bridges/shop.env")

    def ctl(self, command: str) -> float:
        """Let systemctl do something with syncd; give the seconds that it took. Raises CalledProcessError."""
        began = time.monotonic()
        self.machine.run("systemctl", command, "syncd.service")
        return time.monotonic() - began

    def has(self, name: str) -> str:
        """Give a property of the unit."""
        return self.machine.run("systemctl", "show", "--value", f"--property={name}", "syncd.service").strip()

    @property
    def pid(self) -> int:
        """Its process, by the number that it has inside."""
        return int(self.has("MainPID"))

    def kill(self, signal: str) -> None:
        """Send a signal to its process alone; `kill` is the shell's own, as a small Debian has no other."""
        self.machine.run("sh", "-c", f"kill {signal} {self.pid}")

    def add(self, lines: str) -> None:
        """Give the unit lines of its own until the test ends."""
        self.machine.write(DROP_IN, f"[Service]\n{lines}\n")
        self.machine.run("systemctl", "daemon-reload")

    def get(self, path: str) -> httpx.Response:
        with self.machine.network():
            return httpx.get(f"{URL}{path}", timeout=30)

    def post(self, path: str) -> httpx.Response:
        with self.machine.network():
            return httpx.post(f"{URL}{path}", json={"eventName": "x"}, timeout=30)

    def said(self) -> list[dict[str, str]]:
        """Give what is in the journal about it since the test began, as the journal's fields."""
        command = ["journalctl", "--unit=syncd", f"--since=@{self._since}", "--output=json"]
        return [json.loads(line) for line in self.machine.run(*command).splitlines()]

    def has_said(self, words: str) -> bool:
        return any(words in entry["MESSAGE"] for entry in self.said())

    @property
    def starts(self) -> int:
        """Count the times that systemd has tried to start it since the test began."""
        return sum(entry["MESSAGE"].startswith("Starting syncd.service") for entry in self.said())

    def clear(self) -> None:
        """Stop it, and take away all but its database."""
        self.machine.run("systemctl", "disable", "--now", "syncd.socket", "syncd.service")
        self.machine.run("rm", "-f", DROP_IN)
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "reset-failed")
