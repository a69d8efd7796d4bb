"""What became of every delivery, commit by commit, seen from beside the daemon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection

from tests.simulation.times import Times

T = TypeVar("T")

UNSETTLED = {"sending", "in_doubt", "parked"}


class Parking(NamedTuple):
    """A delivery was put aside by a commit."""

    commit: int
    row: int


class Watch:
    """Numbers the commits. `planned` and `called` say which one made a row and which first let it go.

    `doubted` are the rows that were in doubt at any time, `misdated` those that went, or of which nobody knew whether
    they had, while the clock was wrong: the chat's time of an echo and ours of the call cannot be compared then.
    """

    def __init__(self, times: Times) -> None:
        self._times = times
        self.doubted: set[int] = set()
        self.misdated: set[int] = set()
        self.commits = 0
        self.planned: dict[int, int] = {}
        self.called: dict[int, int] = {}
        self.parked: list[Parking] = []
        self._states: set[tuple[int, str]] = set()

    def over(self, connection: Connection, work: Callable[[Connection], T]) -> T:
        """Do some work and see what it did."""
        value = work(connection)
        self.commits += 1
        driver: Any = connection.connection.driver_connection
        states = set(driver.execute("SELECT id, state FROM outbox"))
        if self._times.ahead:
            self.misdated |= {row for row, state in states if state in UNSETTLED}
        for row, state in sorted(states - self._states):
            self._changed(row, state)
        self._states = states
        return value

    def _changed(self, row: int, state: str) -> None:
        self.planned.setdefault(row, self.commits)
        if state == "sending":
            self.called.setdefault(row, self.commits)
        if state == "in_doubt":
            self.doubted.add(row)
        if state == "parked":
            self.parked.append(Parking(self.commits, row))
