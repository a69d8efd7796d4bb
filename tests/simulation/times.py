"""Time: the true one, which the ends go by, and the daemon's wall clock, which may be set wrong."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Times:
    """The true time in seconds since the world began. No two moments are the same.

    `ahead` is by how many seconds the daemon's clock is wrong.
    """

    def __init__(self, frozen: FrozenDateTimeFactory) -> None:
        self._frozen = frozen
        self._true = 0.0
        # freezegun moves it along with the wall clock, but it is one that nobody can set.
        vars(time)["monotonic"] = lambda: self._true
        self.ahead = 0.0
        self._last = 0.0
        frozen.move_to(BEGIN)

    def moment(self) -> datetime:
        """Give the true time of something that happens now."""
        self._last = max(self._true, self._last + 0.001)
        return BEGIN + timedelta(seconds=self._last)

    def go_by(self, seconds: float) -> None:
        """Let time go by."""
        self._true += seconds
        self._frozen.tick(seconds)

    def set_clock(self, seconds: float) -> None:
        """Set the daemon's wall clock by some seconds."""
        self.ahead += seconds
        self._frozen.tick(seconds)
