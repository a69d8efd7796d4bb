"""The story of a database's files, told again to a model disk up to any place of the trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.power.disk import Disk, Truncation, Write
from tests.power.trace import Call

WAL_HEADER = 32
"""The length in bytes of what is written when a WAL begins, or begins anew."""


@dataclass(frozen=True, order=True)
class Step:
    """One end of a system call, at its place in the trace."""

    place: int
    is_return: bool
    number: int


class Files:
    """Which of a program's calls concern its database: the files that outlive a power cut, and their folder."""

    def __init__(self, database: Path) -> None:
        self.folder = str(database.parent)
        self._names = {f"{database}{suffix}": database.name + suffix for suffix in ("", "-wal", "-journal")}

    def name(self, call: Call) -> str:
        """Give the name of the file that a call is about; empty for any other."""
        return self._names.get(call.target or call.path, "")

    def concerns(self, call: Call) -> bool:
        return bool(self.name(call)) or (call.target == self.folder and is_sync(call))


def is_sync(call: Call) -> bool:
    return call.name in {"fsync", "fdatasync"}


class Replay:
    """The disk of a program as it stands at a place of its trace; it goes forward only."""

    def __init__(self, calls: Sequence[Call], database: Path) -> None:
        self.disk = Disk()
        self._files = Files(database)
        self._calls = [call for call in calls if self._files.concerns(call)]
        begins = [Step(call.began, is_return=False, number=number) for number, call in enumerate(self._calls)]
        returns = [
            Step(call.ended, is_return=True, number=number) for number, call in enumerate(self._calls) if is_sync(call)
        ]
        self._steps = sorted(begins + returns)
        self._done = 0
        self._returns: dict[int, Callable[[], None]] = {}
        self.places = [step.place for step in self._steps]

    def until(self, place: int) -> Disk:
        """Go on to a place, that included; give the disk."""
        while self._done < len(self._steps) and self._steps[self._done].place <= place:
            step = self._steps[self._done]
            self._done += 1
            if step.is_return:
                self._returns.pop(step.number)()
            else:
                self._begin(step.number, self._calls[step.number])
        return self.disk

    def _begin(self, number: int, call: Call) -> None:
        name = self._files.name(call)
        match call.name:
            case "openat":
                if call.creates and name not in self.disk:
                    self.disk.create(name)
            case "pwrite64":
                self.disk.change(name, Write(call.number, call.data))
            case "ftruncate":
                self.disk.change(name, Truncation(call.number))
            case "unlink":
                self.disk.unlink(name)
            case "fsync" | "fdatasync":
                self._returns[number] = self.disk.begin_sync(name) if name else self.disk.begin_folder_sync()
            case _:
                raise ValueError(f"the model of the disk knows no {call.name}")

    def figures(self) -> dict[str, int]:
        """Count what the program did to the files."""
        writes = [call for call in self._calls if call.name == "pwrite64"]
        synced = [self._files.name(call) for call in self._calls if is_sync(call)]
        begun = [call for call in writes if call.target.endswith("-wal") and len(call.data) == WAL_HEADER]
        made = [call for call in self._calls if call.name == "openat" and call.creates and call.path.endswith("-wal")]
        return {
            "writes": len(writes),
            "syncs": len(synced),
            "checkpoints": sum(bool(name) and not name.endswith(("-wal", "-journal")) for name in synced),
            "WALs begun": len(begun),
            "WALs opened": len(made),
        }
