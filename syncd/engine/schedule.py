"""The polls' intervals. Delivery is never scheduled here: it is woken by events and by monotonic timers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from syncd import clock
from syncd.store.timeline import LARGEST_DRIFT_SECONDS


class _Every(BaseTrigger):
    """From now on, every so many seconds, give or take a tenth.

    APScheduler's own interval goes through every run that a clock set forward seems to have missed: for ten years.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """Give the time of the next run."""
        return now + timedelta(seconds=self._seconds * random.uniform(0.9, 1.1))  # noqa: S311  (spreads the polls)


class Schedule:
    """Jobs at intervals, each at most once at a time. A clock that is set neither stalls nor floods them."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._ahead = clock.ahead()

    def every(self, seconds: float, job: Callable[[], Awaitable[None]]) -> None:
        """Run a job now and then at intervals."""

        async def run() -> None:
            # `end` cuts off what still runs, and that is no error for anybody's log.
            with suppress(asyncio.CancelledError):
                await job()

        self._scheduler.add_job(run, _Every(seconds), next_run_time=clock.now_utc())

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def look_at_the_clock(self) -> bool:
        """Say whether the wall clock was set since the last look; if it was, every job runs now."""
        ahead = clock.ahead()
        if abs(ahead - self._ahead) <= LARGEST_DRIFT_SECONDS:
            return False
        self._ahead = ahead
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=clock.now_utc())
        return True

    def pause(self) -> None:
        """Begin no further run."""
        self._scheduler.pause()

    def end(self) -> None:
        """Cut off what still runs."""
        self._scheduler.shutdown(wait=False)
