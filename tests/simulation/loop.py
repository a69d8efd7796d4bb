"""An event loop without a network, whose clock moves only when it is told to: it runs until nothing can go on."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable


class _Still(selectors.SelectSelector):
    """Never waits: whoever would wait is told so, and for how long (None: for ever)."""

    def __init__(self, idle: Callable[[float | None], None]) -> None:
        super().__init__()
        self._idle = idle

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self._idle(timeout)
        return []


class StillLoop(asyncio.SelectorEventLoop):
    """Runs what is ready. `wait` is in seconds until its next timer; None where there is none."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self.wait: float | None = None
        super().__init__(_Still(self._become_idle))

    def time(self) -> float:
        return self._seconds

    def run_until_still(self) -> None:
        """Run everything that can run now."""
        self.run_forever()

    def pass_time(self, seconds: float) -> None:
        """Let time pass and run what it makes ready."""
        self._seconds += seconds
        self.run_forever()

    def _become_idle(self, wait: float | None) -> None:
        self.wait = wait
        self.stop()
