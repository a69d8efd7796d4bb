"""When an end has been silent for too long: twice as long as is usual at such hours.

An hour of a night in which nobody ever writes is no silence. So time is counted by how often something came in the same
hour of the week before: an hour counts whole where something came in it every week, half where it came every other
week, and not at all where none ever did. A night, a weekend and a lunch break then take no more time than they should,
and a silence that begins on a Friday evening is as long on Monday morning as one that begins then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median_high
from typing import NamedTuple

HOUR = 3600
WEEK = 168 * HOUR
MOST_WEEKS = 4
LEAST_WEEKS = 2
LEAST_HOURS = 20
"""With less there is nothing that could be called usual."""
LEAST_USUAL = 1.0
"""In counted hours: what is heard is known by the hour."""
TIMES_USUAL = 2.0
LEAST_SECONDS = LEAST_USUAL * TIMES_USUAL * HOUR
"""Nothing shorter is a silence."""


class Hour(NamedTuple):
    """Something came in the hour that begins at `begins`: first and last at these times, seconds since 1970 UTC."""

    begins: int
    first_at: float
    last_at: float


def is_silent(hours: Sequence[Hour], now: float) -> bool:
    """Say whether nothing has come for more than twice as long as is usual; `hours` in their order.

    What is usual is the longest quiet time of a week, in the middle of the last two to four weeks: one holiday or
    outage among them does not count. Nothing that happens before something comes makes a silence end.
    """
    if not hours or now - hours[-1].last_at < LEAST_SECONDS:
        return False
    last = hours[-1].last_at
    ends = int(last) // HOUR * HOUR
    weeks = min(MOST_WEEKS, int(last - hours[0].first_at + HOUR) // WEEK)
    recent = [hour for hour in hours if ends - weeks * WEEK < hour.begins <= ends]
    if weeks < LEAST_WEEKS or len(recent) < LEAST_HOURS:
        return False
    came = Counter(hour.begins // HOUR % 168 for hour in recent)
    weights = [came[hour] / weeks for hour in range(168)]
    longest = dict.fromkeys(range(weeks), 0.0)
    for before, after in pairwise(recent):
        week = min(int(last - after.first_at) // WEEK, weeks - 1)
        longest[week] = max(longest[week], _counted(before.last_at, after.first_at, weights))
    usual = max(LEAST_USUAL, median_high(longest.values()))
    return _counted(last, now, weights) > TIMES_USUAL * usual


def _counted(begin: float, end: float, weights: Sequence[float]) -> float:
    """Give how many hours there are between two times, each with the weight of its hour of the week."""
    whole, rest = divmod(end - begin, WEEK)
    counted, at = whole * sum(weights), end - rest
    while at < end:
        hour = int(at) // HOUR
        until = min(end, (hour + 1) * HOUR)
        counted += weights[hour % 168] * (until - at) / HOUR
        at = until
    return counted
