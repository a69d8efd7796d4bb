"""A run without a kill, which names the points, and then one for each of them, in two processes side by side."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol, get_args

from sqlalchemy import event

from syncd import logs
from syncd.store import migrations
from syncd.store.database import writer

from .kill_points import Moment, Point
from .kill_runs import MUST_BE_ZERO, Outcome, Pair, Run, Terms

IDLE_SECONDS = 0.2
TRIES = 3
PROCESSES = 2


class Ends(Protocol):
    """Makes the two ends of a conversation."""

    def pair(self, visitor: str, *, echoes: bool) -> Pair: ...


OpenEnds = Callable[[Path], AbstractContextManager[Ends]]
"""Opens the ends, with a folder for what they write."""


@dataclass(frozen=True)
class Kill:
    """A run and where it is killed: in its first life, and perhaps in the next ones too."""

    terms: Terms
    points: tuple[Point, ...]


class Series:
    """Runs one after the other, each with a new visitor and a new file."""

    def __init__(self, folder: Path, ends: Ends) -> None:
        self._ends = ends
        self._visitors = (f"visitor{number}" for number in itertools.count())
        self._template, self._path = folder / "template.db", folder / "syncd.db"
        engine = writer(self._template)
        migrations.bring_up_to_date(engine)
        engine.dispose()
        # All runs have it, each with new connections: it keeps the compiled statements, a quarter of a run's time.
        self._engine = writer(self._path)
        event.listen(self._engine, "connect", wait_for_no_disk)

    def run(self, kill: Kill, *, idle_seconds: float = 0.0) -> Outcome:
        """Run once; a run that does not come by its points is made again, a few times."""
        for _ in range(TRIES):
            for left in self._path.parent.glob(f"{self._path.name}*"):
                left.unlink()
            shutil.copy(self._template, self._path)
            pair = self._ends.pair(next(self._visitors), echoes=kill.terms.echoes)
            outcome = Run(kill.terms, pair, self._path, self._engine, kill.points).carry_out(idle_seconds=idle_seconds)
            if outcome.kills == len(kill.points):
                break
        return outcome

    def survey(self, terms: Terms, *before: Point) -> list[Point]:
        """Give the points of a life, the first or that after the kills `before`, in the order of their coming.

        Of what an idle daemon does again and again, and of transactions that change nothing, there are two each.
        """
        outcome = self.run(Kill(terms, before), idle_seconds=IDLE_SECONDS)
        assert outcome.wrong == {}
        return [
            point
            for point in outcome.lives[len(before)]
            if point.number <= 2 or not (point.name in outcome.idle or point.changes_nothing)
        ]


def wait_for_no_disk(connection: sqlite3.Connection, _: object) -> None:
    """Let commits be quick: nobody cuts the power here."""
    connection.execute("PRAGMA synchronous=OFF")


def survey(open_ends: OpenEnds, folder: Path, terms: Terms, *before: Point) -> list[Point]:
    """Give the points of a life between ends that are opened for it."""
    folder.mkdir()
    with open_ends(folder) as ends:
        return Series(folder, ends).survey(terms, *before)


def one_by_one(open_ends: OpenEnds, folder: Path, kills: Sequence[Kill]) -> list[Outcome]:
    """Run once for each kill."""
    folder.mkdir()
    with open_ends(folder) as ends:
        series = Series(folder, ends)
        return [series.run(kill) for kill in kills]


def log_nothing() -> None:
    """Leave out what daemons say: they are killed by the hundred."""
    logs.set_up("CRITICAL", "text")


class Crew(AbstractContextManager["Crew"]):
    """Two processes that make runs."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(PROCESSES, get_context("spawn"), initializer=log_nothing)

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def survey(self, open_ends: OpenEnds, folder: Path, terms: Terms, *before: Point) -> list[Point]:
        """Give the points of a life."""
        return self._pool.submit(survey, open_ends, folder, terms, *before).result()

    def make(self, open_ends: OpenEnds, folder: Path, kills: Sequence[Kill]) -> list[Outcome]:
        """Run once for each kill; each process opens ends of its own."""
        shares = [
            self._pool.submit(one_by_one, open_ends, folder / str(number), kills[number::PROCESSES])
            for number in range(PROCESSES)
        ]
        return [outcome for share in shares for outcome in share.result()]


def spread(points: Iterable[Point], most: int) -> list[Point]:
    """Choose so many of the points that differ by their number alone: the first, the last and some between."""
    alike: dict[tuple[Moment, str], list[Point]] = {}
    for point in points:
        alike.setdefault((point.moment, point.name), []).append(point)
    return [
        some[place]
        for some in alike.values()
        for place in sorted({round(step * (len(some) - 1) / max(1, most - 1)) for step in range(most)})
    ]


def about(points: Iterable[Point], words: Collection[str]) -> list[Point]:
    """Choose the points that have one of the words in their name."""
    return [point for point in points if any(word in point.name for word in words)]


def table(title: str, outcomes: Sequence[Outcome]) -> str:
    """Write what came of runs, by the kind of the point at which the last life of each ended."""
    kinds = (*get_args(Moment), "all")
    totals: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    for outcome in outcomes:
        for kind in (outcome.points[-1].moment, "all"):
            totals[kind].update({"runs": 1, "kills": outcome.kills, **outcome.figures})
    names = ("runs", "kills", "parked", *MUST_BE_ZERO)
    rows = [(title, *kinds), *((name, *(str(totals[kind][name]) for kind in kinds)) for name in names)]
    return "\n".join(["", *(f"{row[0]:38}" + "".join(f"{cell:>15}" for cell in row[1:]) for row in rows)])
