"""How closed the service is, from outside and from inside."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.figures import Figure
from tests.booted.escapes import ESCAPES
from tests.booted.machine import Machine
from tests.booted.sandbox import escapes
from tests.process.debian_root import built_package
from tests.process.units import add_addresses, exposure, faults, lay_out


def closed() -> Iterator[Figure]:
    """S1: what systemd-analyze says of the units, and the escapes that a booted systemd blocks."""
    for measure in (_analyzed, _tried):
        with tempfile.TemporaryDirectory(prefix="syncd-bench-") as scratch:
            try:
                yield from measure(Path(scratch))
            except pytest.skip.Exception as reason:
                yield Figure("S1", f"not measured here: {reason}", "–", "")


def _analyzed(folder: Path) -> Iterator[Figure]:
    lay_out(folder)
    plain = exposure(folder)
    add_addresses(folder)
    value = f"{plain} / {exposure(folder)}"
    yield Figure("S1", "exposure of the service, plain / with addresses", value, "≤ 1.1 / 0.9")
    yield Figure("S1", "faults that systemd finds in the units", str(len(faults(folder))), "0")


def _tried(folder: Path) -> Iterator[Figure]:
    package = built_package(folder)
    with Machine(folder) as machine:
        machine.install(package)
        tried = escapes(machine)
    working = [tried[name] for name in ESCAPES if tried[name].would_work]
    value = f"{sum(attempt.is_blocked for attempt in working)} of {len(working)}"
    yield Figure("S1", "escapes blocked, of those that work without the unit", value, "all")


ALL = (closed,)
