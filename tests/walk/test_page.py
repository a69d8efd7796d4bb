"""The page of the walk is what its script would write, and its pictures are there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.walk.desk import text_of
from tests.walk.page import HERE, PAGE, PICTURES, picture_names, write_page
from tests.walk.story import missing
from tests.walk.visitor_page import visitor_page

ROOT = Path(__file__).parents[2]
LARGEST_BYTES = 250_000


def test_the_page_is_what_the_story_says() -> None:
    page = PAGE.read_text()
    (taken,) = re.findall(r"The pictures are of .+\.", page)
    assert page == write_page(taken), "the story has changed: run `make walk`"


def test_each_picture_of_the_page_is_there_and_no_other() -> None:
    assert {path.name for path in PICTURES.iterdir()} == picture_names()
    assert set(re.findall(r"pictures/([\w.-]+)", PAGE.read_text())) == picture_names()


def test_the_pictures_are_small_and_something_is_on_each() -> None:
    sizes = {path.name: path.stat().st_size for path in PICTURES.iterdir()}
    assert {name: size for name, size in sizes.items() if not 10_000 < size < LARGEST_BYTES} == {}
    assert all(path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n") for path in PICTURES.iterdir())


def test_the_readme_shows_pictures_of_the_walk_and_leads_to_it() -> None:
    shown = re.findall(r'(?:\]\(|src=")(tests/walk/[^)"]+)', (ROOT / "README.md").read_text())
    assert str(PAGE.relative_to(ROOT)) in shown
    assert [path for path in shown if not (ROOT / path).is_file()] == []


def test_the_visitors_page_shows_words_as_words() -> None:
    words = "<b>1 & 2</b> <script>alert(1)</script>"
    page = visitor_page([{"type": "client", "text": words, "createdAt": 0}])
    assert words in text_of(page)
    assert "<script" not in page


def test_lines_are_looked_for_in_their_order() -> None:
    assert missing(["one", "two\nlines"], "one and two lines") == []
    assert missing(["two", "one"], "one and two") == ["one"]


def test_one_file_drives_browsers() -> None:
    imported = re.compile(r"^(?:import|from) selenium", re.MULTILINE)
    users = [path.name for path in HERE.parent.rglob("*.py") if imported.search(path.read_text())]
    assert users == ["browser.py"]
