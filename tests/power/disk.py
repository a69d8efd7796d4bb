"""A disk, pure: what was synced is on it for sure; of what came later a power cut may leave any part.

The unit is the sector: it is written whole or not at all. A file's name is its folder's business, and certain when that
was synced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Generic, TypeVar

SECTOR = 512

T = TypeVar("T")


@dataclass(frozen=True)
class Write:
    """Bytes put into a file, both in bytes from its beginning."""

    offset: int
    data: bytes


@dataclass(frozen=True)
class Truncation:
    """A file's new length in bytes, shorter or longer."""

    length: int


Change = Write | Truncation
Survivors = Callable[[Sequence[Change], Random], list[Change]]


def sectors(change: Change) -> list[Change]:
    """Cut a change at the borders of sectors."""
    if isinstance(change, Truncation):
        return [change]
    end = change.offset + len(change.data)
    borders = [change.offset, *range((change.offset // SECTOR + 1) * SECTOR, end, SECTOR), end]
    pieces = pairwise(borders)
    return [Write(first, change.data[first - change.offset : last - change.offset]) for first, last in pieces]


def nothing(_changes: Sequence[Change], _chance: Random) -> list[Change]:
    """Leave nothing that was not synced."""
    return []


def everything(changes: Sequence[Change], _chance: Random) -> list[Change]:
    """Leave all that was begun."""
    return list(changes)


def some_changes(changes: Sequence[Change], chance: Random) -> list[Change]:
    """Leave whole writes here and there, in any order."""
    return _some(changes, chance)


def some_sectors(changes: Sequence[Change], chance: Random) -> list[Change]:
    """Leave sectors here and there, in any order."""
    return _some([piece for change in changes for piece in sectors(change)], chance)


def torn(changes: Sequence[Change], chance: Random) -> list[Change]:
    """Leave the first writes, and the first sectors of the next."""
    if not changes:
        return []
    last = chance.randrange(len(changes))
    pieces = sectors(changes[last])
    return [*changes[:last], *pieces[: chance.randrange(len(pieces) + 1)]]


def _some(changes: Iterable[Change], chance: Random) -> list[Change]:
    share = chance.random()
    left = [change for change in changes if chance.random() < share]
    if chance.random() < 0.5:
        chance.shuffle(left)
    return left


WAYS: tuple[Survivors, ...] = (nothing, everything, some_changes, some_sectors, torn)


def carry_out(content: bytearray, changes: Iterable[Change]) -> None:
    """Change a file's content; a hole reads as zeros."""
    for change in changes:
        end = change.length if isinstance(change, Truncation) else change.offset + len(change.data)
        content.extend(bytes(max(0, end - len(content))))
        if isinstance(change, Truncation):
            del content[end:]
        else:
            content[change.offset : end] = change.data


@dataclass
class Pending(Generic[T]):
    """What was begun since the last sync. A sync makes certain what was begun when it was called."""

    begun: list[T] = field(default_factory=list)
    made_certain: int = 0

    @property
    def place(self) -> int:
        """How much was ever begun: where a sync that is called now reaches to."""
        return self.made_certain + len(self.begun)

    def take(self, place: int) -> list[T]:
        """Take out all before a place."""
        count = max(0, place - self.made_certain)
        taken, self.begun = self.begun[:count], self.begun[count:]
        self.made_certain += len(taken)
        return taken


@dataclass(eq=False)
class File:
    """One file, whatever its name: what is certain, and what is not."""

    certain: bytearray = field(default_factory=bytearray)
    changes: Pending[Change] = field(default_factory=Pending)

    def left(self, way: Survivors, chance: Random) -> bytes:
        """Give what a power cut leaves; the length may be there before the bytes are."""
        content = bytearray(self.certain)
        carry_out(content, way(self.changes.begun, chance))
        if way is not nothing and chance.random() < 0.25:
            whole = bytearray(self.certain)
            carry_out(whole, self.changes.begun)
            content.extend(bytes(max(0, len(whole) - len(content))))
        return bytes(content)


class Disk:
    """The files of one folder. What changes a file or a name takes place at its call, a sync at its return."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}
        self._certain: dict[str, File] = {}
        self._names: Pending[tuple[str, File | None]] = Pending()

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def create(self, name: str) -> None:
        """Make an empty file."""
        self._rename_to(name, File())

    def unlink(self, name: str) -> None:
        """Take a name away."""
        self._rename_to(name, None)

    def change(self, name: str, change: Change) -> None:
        """Write or truncate."""
        self._files[name].changes.begun.append(change)

    def begin_sync(self, name: str) -> Callable[[], None]:
        """Call a sync of a file; give what its return does."""
        file = self._files[name]
        place = file.changes.place
        return lambda: carry_out(file.certain, file.changes.take(place))

    def begin_folder_sync(self) -> Callable[[], None]:
        """Call a sync of the folder; give what its return does."""
        place = self._names.place
        return lambda: _name_all(self._certain, self._names.take(place))

    def image(self, chance: Random, ways: Sequence[Survivors] = WAYS) -> dict[str, bytes]:
        """Give the files that a power cut may leave, each file and the names in a way of their own."""
        names = dict(self._certain)
        way = chance.choice(ways)
        share = 0.0 if way is nothing else 1.0 if way is everything else 0.5
        _name_all(names, [entry for entry in self._names.begun if chance.random() < share])
        return {name: file.left(chance.choice(ways), chance) for name, file in names.items()}

    def _rename_to(self, name: str, file: File | None) -> None:
        self._names.begun.append((name, file))
        _name_all(self._files, [(name, file)])


def _name_all(names: dict[str, File], entries: Iterable[tuple[str, File | None]]) -> None:
    for name, file in entries:
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file
