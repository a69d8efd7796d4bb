"""The colours of all pages, by day and by night."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from syncd.pages.site import STATIC

ROOT = Path(__file__).parents[2]
SCHEMES = [
    dict(re.findall(r"--([a-z-]+): (#\w{6});", block))
    for block in re.findall(r":root \{(.*?)\}", (STATIC / "colours.css").read_text(), re.DOTALL)
]
PAPERS = {
    "ink": ("ground", "card", "bubble", "warn-ground"),
    "faint": ("ground", "card", "bubble"),
    "accent": ("ground", "card", "bubble", "warn-ground"),
    "on-accent": ("accent",),
    "good": ("card", "good-ground"),
    "warn": ("card", "warn-ground"),
    "bad": ("ground", "card", "bad-ground"),
    "card": ("bad",),
}
"""What is written on what."""


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", SCHEMES, ids=["light", "dark"])
@pytest.mark.parametrize(("words", "paper"), [(words, paper) for words, papers in PAPERS.items() for paper in papers])
def test_words_stand_out_from_what_is_behind_them_by_day_and_by_night(
    colours: dict[str, str], words: str, paper: str
) -> None:
    dark, light = sorted(luminance(colours[name]) for name in (words, paper))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_colours_are_chosen_in_one_place() -> None:
    sheets = [*ROOT.glob("syncd/**/*.css"), *ROOT.glob("connectors/**/*.css")]
    assert len(sheets) == 4
    assert [sheet.name for sheet in sheets if re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl", sheet.read_text())] == [
        "colours.css"
    ]
