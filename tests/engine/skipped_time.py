"""Time that is skipped while nobody has anything to do: hours of waiting cost nothing, and none is cut short."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from freezegun import freeze_time
from sqlalchemy import Connection, Engine

from syncd.store.database import Database

T = TypeVar("T")

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALLEST_STEP = 0.001
"""In seconds: the frozen clock counts microseconds, and what it rounds away must not be waited for again and again."""


class _Skipping(selectors.DefaultSelector):
    """Never waits: whoever would wait has waited."""

    def __init__(self, skip: Callable[[float], None]) -> None:
        super().__init__()
        self._skip = skip

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("nothing will ever happen again")
        if not ready and timeout:
            self._skip(max(timeout, SMALLEST_STEP))
        return ready


class SkippingLoop(asyncio.SelectorEventLoop):
    """A loop whose time moves only when all its tasks wait; `skip` is told by how much."""

    def __init__(self, skip: Callable[[float], object]) -> None:
        self._seconds = 0.0
        self._told = skip
        super().__init__(_Skipping(self._skip))

    def time(self) -> float:
        return self._seconds

    def _skip(self, seconds: float) -> None:
        self._seconds += seconds
        self._told(seconds)


class InPlaceDatabase(Database):
    """Runs transactions where they are called: a thread of its own would be somebody who is not waited for.

    It does not wait for the disk either: nobody cuts the power.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA synchronous=OFF")

    async def run(self, work: Callable[[Connection], T], *, waiting: int = 0) -> T:
        del waiting
        await asyncio.sleep(0)
        return self.transact(work)


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in a loop of such time; all clocks go by it."""
    with freeze_time(BEGIN) as frozen, asyncio.Runner(loop_factory=lambda: SkippingLoop(frozen.tick)) as runner:
        return runner.run(main())
