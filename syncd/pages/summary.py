"""A day in figures: how many conversations, lines, replies and parked deliveries, and how long lines took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from syncd.pages.picture import median
from syncd.store.hours import Hour

DAY_SECONDS = 86400


@dataclass(frozen=True)
class Summary:
    """One day, UTC. `half_within`: half of its lines and replies were there within so many seconds."""

    title: str
    begins: int
    opened: int
    lines: int
    replies: int
    parked: int
    half_within: int | None


def summaries(found: Sequence[Hour], now: float) -> tuple[Summary, Summary]:
    """Sum up today and yesterday."""
    today = int(now) // DAY_SECONDS * DAY_SECONDS
    return _day("Today", today, found), _day("Yesterday", today - DAY_SECONDS, found)


def _day(title: str, begins: int, found: Sequence[Hour]) -> Summary:
    hours = [hour for hour in found if begins <= hour.hour < begins + DAY_SECONDS]
    took: Counter[int] = Counter()
    for hour in hours:
        if hour.what == "delivered":
            took[hour.within] += hour.times
    return Summary(
        title=title,
        begins=begins,
        opened=sum(hour.times for hour in hours if hour.what == "opened"),
        lines=_delivered(hours, "helpdesk"),
        replies=_delivered(hours, "chat"),
        parked=sum(hour.times for hour in hours if hour.what == "parked"),
        half_within=median(took),
    )


def _delivered(hours: Sequence[Hour], end: str) -> int:
    return sum(hour.times for hour in hours if hour.what == "delivered" and hour.end == end)
