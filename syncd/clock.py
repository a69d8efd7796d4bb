"""The one place that reads the clocks, and how a time is written for programs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

LONGEST_LOOK_SECONDS = 0.1


def now() -> float:
    """Give the wall clock in seconds since 1970, UTC."""
    return now_utc().timestamp()


def now_utc() -> datetime:
    """Give the wall clock as a time with its zone, UTC."""
    return datetime.now(UTC)


def iso(seconds: float) -> str:
    """Give a time in seconds since 1970 to the second, UTC: `2026-01-31T09:30:00Z`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def monotonic() -> float:
    """Give seconds that only ever grow: for waiting, never for writing down."""
    return time.monotonic()


def to_next_second() -> float:
    """Give how many seconds it is to the monotonic clock's next: those who wake each second wake together by it."""
    # A timer that is a millisecond early must not be set for the same second again.
    return 1.005 - monotonic() % 1.0


def ahead() -> float:
    """Give how far the wall clock is ahead of the monotonic one, in seconds: that changes only where it is set."""
    while True:
        before = monotonic()
        wall = now()
        if monotonic() - before < LONGEST_LOOK_SECONDS:
            return wall - before
        # Somebody else had the processor between the two.


def boot() -> str:
    """Name the boot of this machine, since which the monotonic clock counts; a new name each time where it has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return uuid4().hex
