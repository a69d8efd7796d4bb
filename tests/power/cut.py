"""Power cuts at many places of a recording, some images of the disk at each, and what is wrong in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.power.disk import everything, nothing
from tests.power.hold import CORRUPT, MISSING, TORN, UNCLAIMED, Known, Told, lay_out, wrongs
from tests.power.record import Recording
from tests.power.replay import Replay
from tests.power.spoken import Left

EVIDENCE = 3
"""So many images with something wrong are kept as files."""


@dataclass(frozen=True)
class Cuts:
    """At how many places, with how many images each."""

    points: int
    images: int
    seed: int = 1


def places(replay: Replay, told: Sequence[Left], cuts: Cuts) -> list[int]:
    """Choose the places: one half anywhere, the other right after something left that somebody outside now knows."""
    chance = Random(cuts.seed)
    sharp = min(len(told), cuts.points // 2)
    anywhere = chance.sample(replay.places, cuts.points - sharp)
    return sorted(anywhere + [left.place for left in chance.sample(told, sharp)])


def cut(recording: Recording, cuts: Cuts, folder: Path) -> Counter[str]:
    """Cut the power everywhere; count what was done and what was wrong. An image with a wrong is kept in the folder."""
    chance = Random(cuts.seed)
    replay = Replay(recording.calls, recording.database)
    figures = Counter(replay.figures())
    known = Known(recording.sent, recording.replies)
    for place in places(replay, recording.answered + recording.called, cuts):
        disk = replay.until(place)
        told = Told(_before(recording.answered, place), _before(recording.called, place))
        figures["cuts amid unsynced writes"] += disk.image(chance, [nothing]) != disk.image(chance, [everything])
        for number in range(cuts.images):
            image = disk.image(chance)
            lay_out(image, folder / "image")
            found = wrongs(folder / "image" / recording.database.name, told, known)
            figures += found + Counter({"images": 1, "images with a wrong": bool(found)})
            if found and figures["images with a wrong"] <= EVIDENCE:
                lay_out(image, folder / f"wrong-{place}-{number}")
                print(f"cut at {place}, image {number}: {dict(found)}")
    return figures


def _before(told: Sequence[Left], place: int) -> set[bytes]:
    return {left.what for left in told if left.place <= place}


def told_figures(figures: Counter[str]) -> str:
    """Write the figures in one line."""
    names = ["writes", "syncs", "checkpoints", "WALs begun", "images", "cuts amid unsynced writes"]
    return ", ".join(f"{figures[name]} {name}" for name in [*names, MISSING, UNCLAIMED, CORRUPT, TORN])
