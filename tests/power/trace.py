"""A program's system calls, as strace wrote them down: what it did to its files and what left over its connections.

strace stops a thread before and after a call: the line that begins it stands before anything it does, the line that
ends it after all of that, and before anything that the program did because of it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CALLS = (
    *("openat", "creat", "write", "writev", "pwrite64", "pwritev", "pwritev2", "sendto", "sendmsg", "sendfile"),
    *("fsync", "fdatasync", "sync_file_range", "ftruncate", "truncate", "fallocate", "copy_file_range", "splice"),
    *("unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "mkdir", "mkdirat", "rmdir"),
)
LONGEST_STRING = 1 << 21
END_SECONDS = 30.0

_UNFINISHED = " <unfinished ...>"
_RESULT = re.compile(r"\) += (-?\d+|\?)[^\"]*$")
_FILE = re.compile(r"\d+<((?:\\x[0-9a-f]{2})+)(?:<[^>]*>)?>(\(deleted\))?")
_SOCKET = re.compile(r"\d+<([A-Z0-9-]+:\[[^]]*\])>")
_LAST_NUMBER = re.compile(r"-?\d+$")
_ENDED = re.compile(rb"\+\+\+ (exited with|killed by)")


@dataclass(slots=True)
class Call:
    """A system call that worked. `began` and `ended` are its places in the trace.

    `target` is the path of its file descriptor, or like `TCP:[127.0.0.1:80->127.0.0.1:5000]`; empty for a deleted file.
    `strings` are its paths or its data, `number` its last argument, `result` what it gave back.
    """

    name: str
    began: int
    ended: int
    target: str
    strings: tuple[bytes, ...]
    number: int
    creates: bool
    result: int

    @property
    def data(self) -> bytes:
        """What was really written."""
        return b"".join(self.strings)[: self.result]

    @property
    def path(self) -> str:
        """The last path among the arguments of a call about paths."""
        return self.strings[-1].decode(errors="replace") if self.strings else ""


def under_strace(strace: str, trace: Path, command: Iterable[str]) -> list[str]:
    """Give the command that runs a command and traces it, as the child of whoever starts it, with all its threads."""
    how = ["-D", "-f", "--seccomp-bpf", "-yy", "-xx", "-s", str(LONGEST_STRING), "-e", "signal=none"]
    return [strace, *how, "-e", f"trace={','.join(CALLS)}", "-o", str(trace), *command]


def wait_for_end(trace: Path) -> None:
    """Wait until strace has written everything of a program that has ended."""
    deadline = time.monotonic() + END_SECONDS
    while True:
        with trace.open("rb") as file:
            file.seek(max(0, trace.stat().st_size - 200))
            tail = file.read()
        if _ENDED.search(tail.splitlines()[-1] if tail else b""):
            return
        assert time.monotonic() < deadline, f"{trace} does not end"
        time.sleep(0.05)


def read(lines: Iterable[str]) -> list[Call]:
    """Read a trace, or several of programs that ran one after the other. Raises ValueError for a cut string."""
    found: list[Call] = []
    unfinished: dict[str, Call] = {}
    for place, line in enumerate(lines):
        thread, _, rest = line.rstrip().partition(" ")
        rest = rest.lstrip()
        if rest.startswith("<... "):
            if call := unfinished.pop(thread, None):
                call.ended, call.result = place, _result(rest)
        elif rest[:1].isalpha():
            call = _call(rest, place)
            found.append(call)
            if rest.endswith(_UNFINISHED):
                unfinished[thread] = call
    return [call for call in found if call.result >= 0]


def lines_of(*traces: Path) -> Iterator[str]:
    for trace in traces:
        with trace.open() as lines:
            yield from lines


def _result(rest: str) -> int:
    """Read what a call gave back, -1 for one that failed or never ended."""
    result = _RESULT.search(rest, rest.rfind('"') + 1)
    return -1 if result is None or result[1] == "?" else int(result[1])


def _call(rest: str, place: int) -> Call:
    # Strings are hexadecimal: each quote begins or ends one.
    pieces = rest.split('"')
    if any(after.startswith("...") for after in pieces[2::2]):
        raise ValueError(f"line {place}: strace cut a string")
    name, _, arguments = pieces[0].partition("(")
    strings = tuple(_bytes(content) for content in pieces[1::2])
    tail = _RESULT.sub("", pieces[-1].removesuffix(_UNFINISHED))
    number = _LAST_NUMBER.search(tail)
    last = int(number[0]) if number else -1
    return Call(name, place, place, _target(arguments), strings, last, "O_CREAT" in tail, _result(rest))


def _target(arguments: str) -> str:
    if socket := _SOCKET.match(arguments):
        return socket[1]
    file = _FILE.match(arguments)
    return _bytes(file[1]).decode() if file and not file[2] else ""


def _bytes(content: str) -> bytes:
    return bytes.fromhex(content.replace("\\x", ""))
