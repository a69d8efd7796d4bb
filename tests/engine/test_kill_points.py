"""The daemon is killed before and after each commit, each call and each answer, once in a run, and started again.

A chat that tells of what we said settles what was cut off; of one that never does, the reply is parked with one note.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from .kill_broken import ANSWERS_FIRST, SENDS_AGAIN
from .kill_http import http_ends
from .kill_memory import memory_ends
from .kill_points import Point
from .kill_runs import Outcome, Terms
from .kill_series import Crew, Kill, OpenEnds, about, spread, table

TELLS = Terms(echoes=True, doubt_seconds=1.0)
NEVER_TELLS = Terms(echoes=False, doubt_seconds=0.1)
CALLS_TO_THE_CHAT = ("post_message", "POST messages", "claim chat")
REPLY_TAKEN = Point("after receive", "post_message", 3)
LINE_TAKEN = Point("after receive", "add_comment", 1)
LINE_COMES_IN = Point("before commit", "inbox.add", 2)
ALL = 1000


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    with Crew() as two:
        yield two


def killed_everywhere(crew: Crew, open_ends: OpenEnds, folder: Path, most: int, silent: int) -> list[Outcome]:
    """Run once for each point, at most so many of each name, and again around calls with a chat that never tells."""
    points = crew.survey(open_ends, folder / "survey", TELLS)
    kills = [Kill(TELLS, (point,)) for point in spread(points, most)]
    kills += [Kill(NEVER_TELLS, (point,)) for point in spread(about(points, CALLS_TO_THE_CHAT), silent)]
    return crew.make(open_ends, folder, kills)


def killed_again(crew: Crew, folder: Path, terms: Terms, first: Point, most: int) -> list[Outcome]:
    """Kill at a point, and once more at each point of the life that follows, at most so many of each name."""
    points = crew.survey(memory_ends, folder / "survey", terms, first)
    again = [point for point in spread(points, most) if most > 1 or not point.changes_nothing]
    return crew.make(memory_ends, folder, [Kill(terms, (first, point)) for point in again])


def check(title: str, outcomes: list[Outcome]) -> None:
    missed = [outcome.points for outcome in outcomes if outcome.kills < len(outcome.points)]
    print(f"{table(title, outcomes)}\nnot come by again: {missed}")
    assert [(outcome.points, outcome.wrong) for outcome in outcomes if outcome.wrong] == []
    assert len(missed) <= len(outcomes) // 10


def test_a_kill_at_any_point_does_no_harm_between_ends_in_memory(crew: Crew, tmp_path: Path) -> None:
    check("memory and memory", killed_everywhere(crew, memory_ends, tmp_path, 3, ALL))


def test_a_kill_at_any_point_does_no_harm_between_chatra_and_request_tracker(crew: Crew, tmp_path: Path) -> None:
    check("Chatra and Request Tracker", killed_everywhere(crew, http_ends, tmp_path, 1, 2))


def test_a_second_kill_while_a_reply_is_in_doubt_does_no_harm(crew: Crew, tmp_path: Path) -> None:
    check("killed again", killed_again(crew, tmp_path, NEVER_TELLS, REPLY_TAKEN, 1))


@pytest.mark.torture
@pytest.mark.parametrize("open_ends", [memory_ends, http_ends])
def test_a_kill_at_every_point_however_often_it_comes(crew: Crew, tmp_path: Path, open_ends: OpenEnds) -> None:
    check("every point", killed_everywhere(crew, open_ends, tmp_path, ALL, ALL))


@pytest.mark.torture
@pytest.mark.parametrize("first", [REPLY_TAKEN, LINE_TAKEN])
@pytest.mark.parametrize("terms", [TELLS, NEVER_TELLS])
def test_a_second_kill_at_every_point(crew: Crew, tmp_path: Path, first: Point, terms: Terms) -> None:
    check("killed again, every point", killed_again(crew, tmp_path, terms, first, ALL))


def test_a_daemon_that_sends_again_what_was_cut_off_shows_doubles_at_both_ends(crew: Crew, tmp_path: Path) -> None:
    terms = replace(NEVER_TELLS, build=SENDS_AGAIN)
    kills = [Kill(terms, (REPLY_TAKEN,)), Kill(terms, (LINE_TAKEN,))]
    doubled = [outcome.figures["doubled"] for outcome in crew.make(memory_ends, tmp_path, kills)]
    print(f"\ndoubled: {doubled}")
    assert min(doubled) >= 1


def test_a_daemon_that_answers_before_it_commits_shows_a_loss(crew: Crew, tmp_path: Path) -> None:
    terms = replace(NEVER_TELLS, build=ANSWERS_FIRST, copies=1, patience=1.0)
    (outcome,) = crew.make(memory_ends, tmp_path, [Kill(terms, (LINE_COMES_IN,))])
    assert outcome.figures["lost"] == 1
