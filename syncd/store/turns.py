"""Whose turn it is on the database's thread.

Webhooks must be answered while thousands come in; planning and delivering what they brought can wait a little, but
never for ever. So work that somebody waits for goes first, and while a crowd waits all other gets a tenth of the time.
All other work that waits at the same moment has its turn together: one commit for all of it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

SHARE = 0.1
CROWD = 4
"""So many who wait for one commit show that more comes in than is answered."""
RUSH_SECONDS = 0.05
"""After so long without a crowd the rush is over."""

MOST_TOGETHER = 16
"""So much work has one turn at most: whoever waits for a webhook's commit waits for that."""

Work = TypeVar("Work")


class Turns(Generic[Work]):
    """Two queues and the thread that serves them."""

    def __init__(self) -> None:
        self._urgent: deque[Work] = deque()
        self._other: deque[Work] = deque()
        self._changed = threading.Condition()
        self._rush_until = 0.0
        self._other_after = 0.0
        self._waited_for_since: float | None = None
        self._is_ending = False

    @property
    def stalled_seconds(self) -> float:
        """For how long work has waited or been under way without any coming to its end; 0 where there is none."""
        since = self._waited_for_since
        return 0.0 if since is None else time.monotonic() - since

    def add(self, work: Work, *, waiting: int) -> None:
        """Queue work that so many people wait for: behind other work that anybody, or that nobody, waits for."""
        with self._changed:
            if self._is_ending:
                raise RuntimeError("the database is closed")
            (self._urgent if waiting else self._other).append(work)
            if self._waited_for_since is None:
                self._waited_for_since = time.monotonic()
            if waiting >= CROWD:
                self._rush_until = time.monotonic() + RUSH_SECONDS
            self._changed.notify()

    def went_on(self) -> None:
        """Say that one of the works that have the turn is done."""
        self._waited_for_since = time.monotonic()

    def end(self) -> None:
        """Let `run` return once both queues are empty."""
        with self._changed:
            self._is_ending = True
            self._changed.notify()

    def run(self, do: Callable[[list[Work]], None]) -> None:
        """Let `do` have the work, turn after turn."""
        while turn := self._next():
            began = time.monotonic()
            do(turn.work)
            if not turn.is_urgent:
                ended = time.monotonic()
                self._other_after = ended + (ended - began) * (1 / SHARE - 1)

    def _next(self) -> _Turn[Work] | None:
        with self._changed:
            self._waited_for_since = time.monotonic() if self._urgent or self._other else None
            while True:
                if self._urgent:
                    return _Turn([self._urgent.popleft()], is_urgent=True)
                now = time.monotonic()
                if self._other and (self._is_ending or now >= min(self._rush_until, self._other_after)):
                    together = min(len(self._other), MOST_TOGETHER)
                    return _Turn([self._other.popleft() for _ in range(together)], is_urgent=False)
                if self._is_ending and not self._other:
                    return None
                wait = min(self._rush_until, self._other_after) - now if self._other else None
                self._changed.wait(wait)


@dataclass
class _Turn(Generic[Work]):
    work: list[Work]
    is_urgent: bool
