"""Every promise of the README names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROMISES = (ROOT / "README.md").read_text().partition("## What syncd promises")[2].partition("What it does not")[0]
TESTS = {
    name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())
}


def test_each_promise_names_a_test() -> None:
    promises = PROMISES.split("\n* ")[1:]
    assert len(promises) >= 8
    assert [promise for promise in promises if "`test_" not in promise] == []


def test_each_named_test_exists() -> None:
    named = re.findall(r"`(test_\w+)`", PROMISES)
    assert [name for name in named if name not in TESTS] == []
