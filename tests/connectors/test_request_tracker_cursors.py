"""How far a poll of Request Tracker has read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors.request_tracker.cursors import WINDOW, WINDOW_SECONDS, read_cursor, write_cursor
from syncd.contract.model import Cursor

SEEN = st.dictionaries(st.integers(1, 10_000), st.integers(0, 3 * WINDOW_SECONDS), max_size=3 * WINDOW)


def test_remembers_what_was_read_in_the_last_minutes() -> None:
    assert write_cursor(100, {}) == "100"
    assert write_cursor(100, {101: 7, 103: 8}) == "100:101@7,103@8"
    assert write_cursor(100, {101: 7, 5000: 7 + WINDOW_SECONDS}) == f"100:101@7,5000@{7 + WINDOW_SECONDS}"
    assert write_cursor(100, {101: 7, 103: 8 + WINDOW_SECONDS}) == f"101:103@{8 + WINDOW_SECONDS}"
    assert read_cursor(Cursor("103:110@7,120@9")) == (103, {110: 7, 120: 9})


def test_remembers_a_bounded_number() -> None:
    low, seen = read_cursor(write_cursor(100, {100 + number: 7 for number in range(1, WINDOW + 11)}))
    assert (low, len(seen)) == (110, WINDOW)


def test_reads_a_cursor_without_times() -> None:
    assert read_cursor(Cursor("103:110,120")) == (103, {110: 0, 120: 0})


@given(low=st.integers(0, 5000), seen=SEEN)
def test_what_was_read_stays_read_and_nothing_newer_is_skipped(low: int, seen: dict[int, int]) -> None:
    after, kept = read_cursor(write_cursor(low, seen))
    assert all(number <= after or kept[number] == seen[number] for number in seen)
    assert after == low or after in seen
    assert all(number > after for number in kept)
    assert len(kept) <= WINDOW
