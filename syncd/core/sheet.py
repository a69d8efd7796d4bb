"""Lines of chat text, written as words and breaks come."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["own", "code", "quoted", "cited", "attribution", "signature", "history"]
"""Whose words a line holds: what the agent wrote, code in it that nobody judges, what the agent quotes, what a mail
program quoted by itself, who wrote that, a signature, or the begin of what came before."""

_RULE = re.compile(r"[-_=*—– ]{3,}|")
SIGNED = "-- "
"""The line above a signature (RFC 3676): the one whose blank at the end matters."""
_DEEPEST = 12
"""Margins; what is deeper stands as deep as that, or a few words would become megabytes."""
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_LINE_ENDS = re.compile(r"\r\n?|\f")
_STRAY = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u200b\u2060\ufeff\ud800-\udfff]")
"""Soft hyphens, places to break a word, byte order marks, control characters; joiners belong to emoji and scripts."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a reply, and whose words it holds."""

    words: str
    kind: Kind = "own"


def clean(words: str) -> str:
    """Leave out characters that nobody sees and give every line break as a newline."""
    return _STRAY.sub("", _LINE_ENDS.sub("\n", words))


def shown(lines: list[Line]) -> str:
    """Give lines as one text without blank lines around it."""
    return "\n".join(line.words for line in lines).strip("\n").rstrip()


def is_said(line: Line) -> bool:
    """Say whether a line holds words that may be the agent's own."""
    return line.kind in {"own", "code"} and not _RULE.fullmatch(line.words.strip())


def without_end(lines: list[Line]) -> list[Line]:
    """Leave out blank lines and rules at the end."""
    end = len(lines)
    while end and lines[end - 1].kind == "own" and _RULE.fullmatch(lines[end - 1].words.strip()):
        end -= 1
    return lines[:end]


class Sheet:
    """Takes words, breaks and kinds; gives lines, with at most one blank line in a row outside code.

    A break is only noted, and made when words follow: so blocks may end and begin as often as they like.
    """

    def __init__(self) -> None:
        self.kinds: list[Kind] = []
        self._lines: list[Line] = []
        self._parts: list[str] = []
        self._kind: Kind = "own"
        self._due = 0
        self._margins: list[list[str]] = []
        self._depth = 0

    def lines(self) -> list[Line]:
        """Give what was written."""
        self._close()
        return self._lines

    def write(self, words: str) -> None:
        """Write words as they flow: blanks and line breaks are one blank."""
        words = _BLANKS.sub(" ", clean(words))
        if self._due or not self._parts or self._parts[-1].endswith(" "):
            words = words.removeprefix(" ")
        if words:
            self.add(words)

    def write_code(self, words: str) -> None:
        """Write words with their blanks and line breaks."""
        first, *rest = clean(words).split("\n")
        if first:
            self.add(first)
        for line in rest:
            self._break_now()
            if line:
                self.add(line)

    def add(self, words: str) -> None:
        """Write words as they are, on a line of their own if a break is due."""
        self._settle()
        if not self._parts:
            self._begin()
        self._parts.append(words)

    def append(self, words: str) -> None:
        """Write words behind the last ones, before any break that is due."""
        words = clean(words)
        if self._parts:
            self._parts[-1] = self._parts[-1].rstrip(" ")
            self._parts.append(words)
        else:
            self.add(words.lstrip())

    def last(self) -> str:
        """Give the last words that stand on the line, nothing at its start."""
        written = () if self._due else reversed(self._parts)
        return next((words for part in written if (words := part.rstrip(" "))), "")

    def take_back(self, ending: str) -> None:
        """Leave out the characters of `ending` that end the line."""
        if not self._due:
            self._parts = ["".join(self._parts).rstrip(ending)]

    def line_break(self) -> None:
        """End the line; a second one leaves a blank line."""
        self._due += 1

    def block(self, breaks: int) -> None:
        """See that what follows begins a new line (1) or has a blank line before it (2)."""
        self._due = max(self._due, breaks)

    def push(self, first: str, rest: str) -> None:
        """Put a margin before every line from here: one for the first, one for the others."""
        self._settle()
        is_shown = len(self._margins) < _DEEPEST or first != rest
        self._margins.append([first if is_shown else "", rest if len(self._margins) < _DEEPEST else ""])
        self._depth += self._margins[-1][0] == "> "

    def pop(self) -> None:
        """Take the last margin away."""
        self._close()
        self._depth -= self._margins.pop()[1] == "> "

    def mark(self, kind: Kind) -> None:
        """Note that something begins here that has no words of its own."""
        self._close()
        self._lines.append(Line("", kind))

    def _begin(self) -> None:
        margin = ""
        for pair in self._margins:
            margin += pair[0]
            pair[0] = pair[1]
        self._kind = self.kinds[0] if self.kinds else "own"
        if margin:
            self._parts.append(margin)

    def _settle(self) -> None:
        if not self._due:
            return
        due, self._due = self._due, 0
        self._close()
        above = next((line for line in reversed(self._lines) if line.kind != "history"), None)
        if due > 1 and above and above.words.strip("> "):
            self._lines.append(Line(("> " * self._depth).rstrip(), self._kind_between()))

    def _kind_between(self) -> Kind:
        now: Kind = self.kinds[0] if self.kinds else "own"
        return now if now == self._lines[-1].kind else "own"

    def _break_now(self) -> None:
        self._settle()
        if not self._parts:
            self._begin()
            self._parts.append("")
        self._close()

    def _close(self) -> None:
        if self._parts:
            written = "".join(self._parts).replace("\xa0", " ")
            words = SIGNED if written == SIGNED and self._kind == "own" else written.rstrip()
            blank = not words.strip("> ") and self._kind != "code"
            if not (blank and self._lines and not self._lines[-1].words.strip("> ")):
                self._lines.append(Line(words, self._kind))
            self._parts = []
