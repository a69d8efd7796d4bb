"""Small pictures of what happened hour by hour: where each bar stands, for a template to draw."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from syncd.pages.words import in_words
from syncd.store.hours import SECONDS, WITHIN, Hour

WIDTH, HEIGHT = 240, 48
GAP = 1.0


@dataclass(frozen=True)
class Bar:
    """A bar, in the picture's own units from its upper left corner; `told` is what it says."""

    x: float
    y: float
    width: float
    height: float
    told: str


@dataclass(frozen=True)
class Picture:
    """Bars from the left to the right, the latest last; `told` says in words what they show."""

    title: str
    told: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Span:
    """Some hours in slots of `slot` hours each, the last of which is the one that `now` is in."""

    title: str
    slot: int
    slots: int

    def first(self, now: float) -> int:
        """Give when the first slot begins, in seconds since 1970 UTC."""
        size = self.slot * SECONDS
        return (int(now) // size - self.slots + 1) * size


DAY, WEEK = Span("24 hours", 1, 24), Span("7 days", 6, 28)
SPANS = (DAY, WEEK)


def lines(hours: Iterable[Hour], span: Span, now: float) -> Picture:
    """Draw how many lines arrived."""
    found = _slots(hours, span, now)
    counts = [sum(slot.values()) for slot in found]
    told = f"{sum(counts)} lines, at most {max(counts)} in {_slot_name(span)}"
    most = max(*counts, 1)
    return _draw(span, told, [count / most for count in counts], [f"{count} lines" for count in counts])


def lag(hours: Iterable[Hour], span: Span, now: float) -> Picture:
    """Draw within which time half of the lines had arrived, on a scale from 1 second to 3 days."""
    found = [median(slot) for slot in _slots(hours, span, now)]
    worst = max((one for one in found if one is not None), default=None)
    told = "no lines" if worst is None else f"half within {in_words(worst)} at worst"
    shares = [0.0 if one is None else (bisect_left(WITHIN, one) + 1) / len(WITHIN) for one in found]
    return _draw(span, told, shares, ["no lines" if one is None else f"half within {in_words(one)}" for one in found])


def median(counts: Mapping[int, int]) -> int | None:
    """Give within how many seconds half of what was counted was done; None where nothing was."""
    half, seen = sum(counts.values()) / 2, 0
    for bound in sorted(counts):
        seen += counts[bound]
        if seen >= half:
            return bound
    return None


def _slots(hours: Iterable[Hour], span: Span, now: float) -> list[dict[int, int]]:
    first, size = span.first(now), span.slot * SECONDS
    found: list[dict[int, int]] = [{} for _ in range(span.slots)]
    for one in hours:
        place = (one.hour - first) // size
        if one.what == "delivered" and 0 <= place < span.slots:
            found[place][one.within] = found[place].get(one.within, 0) + one.times
    return found


def _slot_name(span: Span) -> str:
    return "an hour" if span.slot == 1 else f"{span.slot} hours"


def _draw(span: Span, told: str, shares: Sequence[float], words: Sequence[str]) -> Picture:
    step = WIDTH / span.slots
    heights = [0.0 if share == 0 else max(2.0, share * HEIGHT) for share in shares]
    bars = [
        Bar(round(place * step, 1), round(HEIGHT - height, 1), round(step - GAP, 1), round(height, 1), words[place])
        for place, height in enumerate(heights)
    ]
    return Picture(span.title, told, tuple(bars))
