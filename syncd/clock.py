"""The one place that reads the clocks."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> float:
    """Give the wall clock in seconds since 1970, UTC."""
    return now_utc().timestamp()


def now_utc() -> datetime:
    """Give the wall clock as a time with its zone, UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Give seconds that only ever grow: for waiting, never for writing down."""
    return time.monotonic()
