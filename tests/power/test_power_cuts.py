"""The power is cut at any instant: what was told to anybody is there afterwards, whatever the disk left."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.power.cut import Cuts, cut, told_figures
from tests.power.disk import everything
from tests.power.hold import CORRUPT, MISSING, TORN, UNCLAIMED
from tests.power.record import Recorder, Recording, Volume, webhook
from tests.power.replay import Replay, is_sync
from tests.power.spoken import Left
from tests.power.trace import lines_of, read, under_strace, wait_for_end

SHORT, LONG = Cuts(points=50, images=2), Cuts(points=500, images=4)
FEW, MANY = Volume(), Volume(lives=4, webhooks=50)
CONTROL = Cuts(points=20, images=2)
BODIES = 250


def must_be_zero(figures: Counter[str]) -> dict[str, int]:
    print(f"\n{told_figures(figures)}")
    return {name: figures[name] for name in (MISSING, UNCLAIMED, CORRUPT, TORN) if figures[name]}


def test_everything_that_was_told_is_there_after_a_power_cut(recording: Recording, tmp_path: Path) -> None:
    figures = cut(recording, SHORT, tmp_path)
    assert must_be_zero(figures) == {}
    assert len(recording.answered) == FEW.lives * FEW.senders * FEW.webhooks
    assert len(recording.called) > 20
    assert len(recording.replies) > 5
    assert figures["checkpoints"] > 5
    assert figures["WALs begun"] > 5
    assert figures["cuts amid unsynced writes"] > SHORT.points / 4


@pytest.mark.torture
def test_everything_that_was_told_is_there_after_many_power_cuts(strace: str, tmp_path: Path) -> None:
    assert must_be_zero(cut(Recorder(strace, tmp_path, MANY).record(), LONG, tmp_path)) == {}


def test_the_trace_has_every_write(recording: Recording) -> None:
    replay = Replay(recording.calls, recording.database)
    whole = replay.until(max(replay.places)).image(Random(1), [everything])
    name = recording.database.name
    assert whole == {name: recording.files[name]}


def test_folders_that_the_daemon_makes_are_synced_before_the_first_answer(recording: Recording) -> None:
    above = set(map(str, recording.database.parents))
    made = [call for call in recording.calls if call.name == "mkdir" and call.path in above]
    assert len(made) == 2
    first = recording.answered[0].place
    synced = [call for call in recording.calls if is_sync(call) and call.ended < first]
    uncertain = [
        call.path
        for call in made
        if not any(sync.target == str(Path(call.path).parent) and sync.began > call.ended for sync in synced)
    ]
    assert uncertain == []


def stored(strace: str, folder: Path, *level: str) -> Recording:
    """Record the program that stores webhooks with the daemon's parts, perhaps with less care."""
    database, trace = folder / "syncd.db", folder.with_suffix(".trace")
    folder.mkdir()
    command = [sys.executable, "-W", "error", "-m", "tests.power.store", str(database), str(BODIES), *level]
    subprocess.run(under_strace(strace, trace, command), check=True, timeout=60, stdout=subprocess.DEVNULL)
    wait_for_end(trace)
    calls = read(lines_of(trace))
    kept = [(call.began, re.fullmatch(rb"kept (\d+)\n", call.data)) for call in calls if call.name == "write"]
    answered = [Left(place, webhook(int(number[1]))) for place, number in kept if number]
    assert len(answered) == BODIES
    return Recording(database, calls, answered, [], frozenset(), {}, {})


def test_a_writer_that_syncs_each_commit_misses_nothing(strace: str, tmp_path: Path) -> None:
    assert must_be_zero(cut(stored(strace, tmp_path / "full"), CONTROL, tmp_path)) == {}


def test_the_control_a_writer_that_syncs_only_checkpoints_misses_some(strace: str, tmp_path: Path) -> None:
    figures = cut(stored(strace, tmp_path / "normal", "--synchronous", "NORMAL"), CONTROL, tmp_path)
    assert set(must_be_zero(figures)) == {MISSING}
