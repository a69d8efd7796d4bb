"""Whose turn it is on the database's thread.

Webhooks must be answered while thousands come in; planning and delivering what they brought can wait a little, but
never for ever. So urgent work goes first, and other work that was delayed by it gets a tenth of the time.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

SHARE = 0.1
CALM_SECONDS = 0.005
"""After so long without urgent work there is no rush."""

Work = Callable[[], None]


class Turns:
    """Two queues and the thread that serves them."""

    def __init__(self) -> None:
        self._urgent: deque[Work] = deque()
        self._other: deque[Work] = deque()
        self._changed = threading.Condition()
        self._rush_until = 0.0
        self._other_after = 0.0
        self._is_ending = False

    def add(self, work: Work, *, urgent: bool) -> None:
        """Queue work behind all other of its kind."""
        with self._changed:
            if self._is_ending:
                raise RuntimeError("the database is closed")
            (self._urgent if urgent else self._other).append(work)
            self._changed.notify()

    def end(self) -> None:
        """Let `run` return once both queues are empty."""
        with self._changed:
            self._is_ending = True
            self._changed.notify()

    def run(self) -> None:
        """Do the work, one after the other."""
        while (work := self._next()) is not None:
            work()

    def _next(self) -> Work | None:
        with self._changed:
            while True:
                now = time.monotonic()
                if self._urgent:
                    self._rush_until = now + CALM_SECONDS
                    return self._urgent.popleft()
                if self._other and (self._is_ending or now >= min(self._rush_until, self._other_after)):
                    return self._timed(self._other.popleft())
                if self._is_ending and not self._other:
                    return None
                wait = min(self._rush_until, self._other_after) - now if self._other else None
                self._changed.wait(wait)

    def _timed(self, work: Work) -> Work:
        def timed() -> None:
            began = time.monotonic()
            work()
            ended = time.monotonic()
            self._other_after = ended + (ended - began) * (1 / SHARE - 1)

        return timed
