"""What systemd-analyze says of the units in systemd/."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.debian import program_or_skip

UNITS = Path(__file__).parents[2] / "systemd"


def lay_out(folder: Path) -> None:
    """Put the units into a folder, with a program that is there."""
    for name in ("syncd.service", "syncd.socket"):
        unit = (UNITS / name).read_text().replace("/usr/bin/syncd", sys.executable)
        (folder / name).write_text(unit)


def add_addresses(folder: Path) -> None:
    (folder / "syncd.service.d").mkdir()
    shutil.copy(UNITS / "addresses.conf", folder / "syncd.service.d")


def analyze(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Give all that systemd-analyze says, as its output, and its exit code."""
    command = [program_or_skip("systemd-analyze", "systemd"), *arguments]
    # The machine's own units may be at fault: only the targets that systemd brings are looked up beside these.
    path = f"{folder}:/usr/lib/systemd/system"
    environment = {"SYSTEMD_UNIT_PATH": path, "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def exposure(folder: Path) -> float:
    """Give how open the service is, from 0 to 10."""
    told = analyze(folder, "security", "--offline=true", "--no-pager", str(folder / "syncd.service")).stdout
    found = re.search(r"exposure level for syncd.service: ([\d.]+)", told)
    assert found is not None, told
    return float(found[1])


def faults(folder: Path) -> list[str]:
    """Give what is wrong with the units, a line for each."""
    done = analyze(folder, "verify", str(folder / "syncd.service"), str(folder / "syncd.socket"))
    found = [line for line in done.stdout.splitlines() if "syncd" in line]
    return found or ([done.stdout] if done.returncode else [])
