"""The model of the disk: what a power cut leaves, may leave and never leaves."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.power.disk import (
    SECTOR,
    WAYS,
    Disk,
    Survivors,
    Truncation,
    Write,
    everything,
    nothing,
    sectors,
    some_sectors,
    torn,
)

A, B, C = (letter * SECTOR for letter in (b"a", b"b", b"c"))


def disk_with(content: bytes = b"") -> Disk:
    """A disk with one file whose name and content are certain."""
    disk = Disk()
    disk.create("f")
    disk.change("f", Write(0, content))
    disk.begin_sync("f")()
    disk.begin_folder_sync()()
    return disk


def left(disk: Disk, rounds: int = 300) -> set[bytes | None]:
    """What many power cuts leave of the file; None where it is not there."""
    return {disk.image(Random(seed)).get("f") for seed in range(rounds)}


def test_what_was_synced_is_there_after_every_cut() -> None:
    assert left(disk_with(A + B)) == {A + B}


def test_of_a_write_that_was_not_synced_each_sector_is_there_or_not() -> None:
    disk = disk_with(A + A)
    disk.change("f", Write(0, B + C))
    assert left(disk) == {A + A, B + A, A + C, B + C}


def test_a_write_beside_a_sectors_border_takes_both_sectors_with_it_or_one() -> None:
    disk = disk_with(A + A)
    disk.change("f", Write(SECTOR - 1, b"xy"))
    old, new = A[1:], (A[1:] + b"x", b"y" + A[1:])
    assert left(disk) == {first + last for first in (old + b"a", new[0]) for last in (b"a" + old, new[1])}


def test_later_writes_may_be_there_without_earlier_ones() -> None:
    disk = disk_with(A + A)
    disk.change("f", Write(0, B))
    disk.change("f", Write(SECTOR, C))
    assert A + C in left(disk)


def test_an_earlier_write_to_the_same_place_may_come_last() -> None:
    disk = disk_with(A)
    disk.change("f", Write(0, B))
    disk.change("f", Write(0, C))
    assert left(disk) == {A, B, C}


def test_a_sync_takes_place_when_it_returns_and_covers_what_was_begun_when_it_was_called() -> None:
    disk = disk_with(A)
    disk.change("f", Write(0, B))
    returns = disk.begin_sync("f")
    disk.change("f", Write(0, C))
    assert left(disk) == {A, B, C}
    returns()
    assert left(disk) == {B, C}


def test_a_file_may_be_as_long_as_it_was_told_to_be_and_hold_nothing_there() -> None:
    disk = disk_with(A)
    disk.change("f", Write(SECTOR, B))
    assert left(disk) == {A, A + B, A + bytes(SECTOR)}


def test_a_truncation_that_was_not_synced_has_happened_or_not() -> None:
    disk = disk_with(A + B)
    disk.change("f", Truncation(SECTOR))
    assert left(disk) == {A + B, A}


def test_a_file_is_there_for_sure_only_once_its_folder_was_synced() -> None:
    disk = Disk()
    disk.create("f")
    disk.change("f", Write(0, A))
    disk.begin_sync("f")()
    assert left(disk) == {None, A}
    disk.begin_folder_sync()()
    assert left(disk) == {A}


def test_a_file_that_was_unlinked_may_be_back_until_its_folder_was_synced() -> None:
    disk = disk_with(A)
    disk.unlink("f")
    assert "f" not in disk
    assert left(disk) == {None, A}
    disk.begin_folder_sync()()
    assert left(disk) == {None}


def test_a_new_file_of_the_same_name_has_nothing_of_the_old_one() -> None:
    disk = disk_with(A)
    disk.unlink("f")
    disk.create("f")
    disk.change("f", Write(0, B))
    assert left(disk) == {None, A, B, b"", bytes(SECTOR)}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_leaves_nothing_of_nothing(way: Survivors) -> None:
    assert [way([], Random(seed)) for seed in range(10)] == [[]] * 10


def test_the_ways_are_what_their_names_say() -> None:
    changes = [Write(0, A + B), Write(3 * SECTOR, C + C)]
    assert nothing(changes, Random(1)) == []
    assert everything(changes, Random(1)) == changes
    cut = [torn(changes, Random(seed)) for seed in range(50)]
    assert [changes[0], Write(3 * SECTOR, C)] in cut
    pieces = {Write(0, A), Write(SECTOR, B), Write(3 * SECTOR, C), Write(4 * SECTOR, C)}
    chosen = [some_sectors(changes, Random(seed)) for seed in range(300)]
    assert set().union(*chosen) == pieces
    assert len({frozenset(some) for some in chosen}) == 2 ** len(pieces)


@given(offset=st.integers(0, 5000), data=st.binary(min_size=1, max_size=5000))
def test_the_sectors_of_a_write_are_the_write_and_none_crosses_a_border(offset: int, data: bytes) -> None:
    pieces = [piece for piece in sectors(Write(offset, data)) if isinstance(piece, Write)]
    assert b"".join(piece.data for piece in pieces) == data
    assert pieces[0].offset == offset
    for piece in pieces:
        assert piece.offset // SECTOR == (piece.offset + len(piece.data) - 1) // SECTOR
