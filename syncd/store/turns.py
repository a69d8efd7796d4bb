"""Whose turn it is on the database's thread.

Webhooks must be answered while thousands come in; planning and delivering what they brought can wait a little, but
never for ever. So work that somebody waits for goes first, and while a crowd waits all other gets a tenth of the time.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

SHARE = 0.1
CROWD = 4
"""So many who wait for one commit show that more comes in than is answered."""
RUSH_SECONDS = 0.05
"""After so long without a crowd the rush is over."""

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

    def add(self, work: Work, *, waiting: int) -> None:
        """Queue work that so many people wait for: behind other work that anybody, or that nobody, waits for."""
        with self._changed:
            if self._is_ending:
                raise RuntimeError("the database is closed")
            (self._urgent if waiting else self._other).append(work)
            if waiting >= CROWD:
                self._rush_until = time.monotonic() + RUSH_SECONDS
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
                if self._urgent:
                    return self._urgent.popleft()
                now = time.monotonic()
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
