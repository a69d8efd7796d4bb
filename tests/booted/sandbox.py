"""The sandbox of syncd's unit, tried from inside: once as the unit has it, and once with none."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.booted.escapes import ESCAPES, NEEDS
from tests.booted.machine import Machine
from tests.debian import program_or_skip
from tests.process.units import UNITS

PROGRAM = "/usr/local/lib/escapes.py"
THEIRS = "/run/systemd/system"
REFUSALS = {"EPERM", "EACCES", "EROFS", "ENOENT", "ESRCH", "EAFNOSUPPORT"}
"""Not let, or as if it were not there. An attempt that gets as far as another error was let."""


class Attempt(NamedTuple):
    """What came of one way out."""

    inside: str
    """`done`, or an error's name."""
    outside: str
    """The same of a service without a sandbox, which is root's."""

    @property
    def is_blocked(self) -> bool:
        return self.inside in REFUSALS

    @property
    def is_known(self) -> bool:
        """Say whether this kernel has such a thing at all."""
        return self.outside != "ENOSYS"

    @property
    def would_work(self) -> bool:
        return self.is_known and self.outside not in REFUSALS


def escapes(machine: Machine) -> dict[str, Attempt]:
    """Try each way out from inside syncd's unit with its list of addresses, and from a unit that has no such line."""
    machine.write(PROGRAM, (Path(__file__).parent / "escapes.py").read_text())
    _give_others_something(machine)
    machine.write(f"{THEIRS}/syncd.service.d/addresses.conf", (UNITS / "addresses.conf").read_text())
    inside = tried(machine, "syncd.service.d/escapes.conf", "syncd.service", "Type=exec\nExecStart=\nExecStopPost=\n")
    outside = tried(machine, "control.service", "control.service", "")
    machine.run("rm", "-r", f"{THEIRS}/syncd.service.d")
    return {name: Attempt(inside[name], outside[name]) for name in ESCAPES | NEEDS}


def filters_packets(machine: Machine) -> bool:
    """Say whether systemd could put the list of addresses to use."""
    return "does not support BPF/cgroup firewalling" not in machine.run("journalctl", "--unit=syncd")


def tried(machine: Machine, file: str, unit: str, lines: str) -> dict[str, str]:
    """Run the attempts in a unit, with these lines of its own; give the JSON that it printed."""
    told = f"/run/{unit}.json"
    command = f"ExecStart=/usr/bin/python3 -I {PROGRAM}\nRestart=no\nRemainAfterExit=no\n"
    machine.write(f"{THEIRS}/{file}", f"[Service]\n{lines}{command}StandardOutput=truncate:{told}\n")
    try:
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "start", unit)
        machine.run("sh", "-c", f"while systemctl --quiet is-active {unit}; do sleep 0.05; done")
        found: dict[str, str] = json.loads(machine.run("cat", told))
    finally:
        machine.run("rm", f"{THEIRS}/{file}")
        machine.run("systemctl", "daemon-reload")
    return found


def _give_others_something(machine: Machine) -> None:
    for place in ("/home/somebody/diary", "/root/diary", "/tmp/of-another"):  # noqa: S108
        machine.write(place, "")
    machine.run("chmod", "755", "/root")
    machine.run("sh", "-c", "test -e /dev/of-another || mknod -m 666 /dev/of-another c 1 3")
    machine.write("/usr/lib/modules/of-another", "")
    ip = program_or_skip("ip", "iproute2")
    with machine.network():
        subprocess.run([ip, "address", "replace", "192.0.2.1/32", "dev", "lo"], check=True)
    machine.write(f"{THEIRS}/other.service", "[Service]\nExecStart=/bin/sleep infinity\nSetCredential=word:other\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", "other")
