"""A fixed talk that goes both ways, through kills of the daemon between, and what must be true afterwards."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from syncd.contract.ports import ChatConnector, HelpdeskConnector
from syncd.core.plan import Policy
from syncd.engine.bridge import Bridge
from tests.live.request_tracker.server import Line
from tests.torture.count import Conversation, answered, numbers, said, wrongs

from .conftest import SHOP
from .faulty_ends import TAG
from .kill_machine import SECRET, SOUND, Build, Courier, Machine
from .kill_points import Killer, Point

LINES, PARTS = 3, 3
UNFINISHED = (
    "SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending', 'in_doubt')"
    " UNION ALL SELECT 1 FROM inbox WHERE state = 'new'"
)
MUST_BE_ZERO = (
    "lost",
    "doubled",
    "out of order",
    "notes in the chat",
    "echoes",
    "parked and not noted once",
    "parked for no reason, or not parked",
    "tickets too many",
    "damaged files",
)


class Pair(Protocol):
    """The two ends of one conversation as people see them; they outlive every daemon. `longest` is a message's text."""

    visitor: str
    longest: int

    def connect(self, killer: Killer, stack: AsyncExitStack) -> tuple[ChatConnector, HelpdeskConnector]: ...
    def says(self, text: str) -> None: ...
    def replies(self, ticket: str, paragraphs: Sequence[str]) -> None: ...
    def notes(self, ticket: str, text: str) -> None: ...
    def told(self, after: int) -> Sequence[bytes]: ...
    def on_tickets(self, tickets: Sequence[str]) -> list[Line]: ...
    def in_chat(self) -> list[dict[str, str]]: ...
    def opened(self) -> int: ...


@dataclass(frozen=True)
class Terms:
    """How a run is made. `echoes`: the chat tells of what we said. Seconds: for its echo, and to come to the end."""

    echoes: bool
    doubt_seconds: float
    patience: float = 15.0
    copies: int = 2
    build: Build = SOUND


@dataclass(frozen=True)
class Outcome:
    """What came of a run: where it was to be killed, how often it was, by what each life came, and what is wrong.

    `idle` are the names of points that a daemon with nothing to do comes by as well, as far as that was watched.
    """

    points: tuple[Point, ...]
    kills: int
    lives: list[list[Point]]
    figures: Counter[str]
    idle: frozenset[str] = frozenset()

    @property
    def wrong(self) -> dict[str, int]:
        return {name: self.figures[name] for name in MUST_BE_ZERO if self.figures[name]}


class Run:
    """One talk between a pair of ends."""

    def __init__(self, terms: Terms, pair: Pair, path: Path, engine: Engine, points: tuple[Point, ...]) -> None:
        self._terms = terms
        self._pair = pair
        self._points = points
        self._killers = [*map(Killer, points), Killer()]
        self._machine = Machine(path, engine, self._bridge, self._killers, terms.build)

    def _bridge(self, killer: Killer, stack: AsyncExitStack) -> Bridge:
        chat, helpdesk = self._pair.connect(killer, stack)
        policy = Policy(tag=TAG, longest_reply=chat.longest_text)
        seconds = self._terms.doubt_seconds
        return Bridge(SHOP, chat, helpdesk, SECRET, policy, doubt_seconds=seconds, on_doubt="park")

    def carry_out(self, *, idle_seconds: float = 0.0) -> Outcome:
        """Let everybody talk to the end; then watch the daemon idle for so long."""
        with self._machine, Courier(self._pair, self._machine, self._terms.copies) as courier:
            self._talk(courier)
            lives = [list(killer.passed) for killer in self._killers]
            time.sleep(idle_seconds)
            idle = {point.name for point in self._killers[-1].passed[len(lives[-1]) :]}
        kills = sum(killer.is_dead for killer in self._killers)
        return Outcome(self._points, kills, lives, self._figures(), frozenset(idle))

    def _talk(self, courier: Courier) -> None:
        """Let both sides speak, at once but for the first line, and three times until all of it has arrived."""
        pair, filler = self._pair, "word " * (self._pair.longest * 6 // 10 // 5)
        reply = [answered("agent1", pair.visitor, number) for number in range(PARTS)]
        pair.says(said(pair.visitor, 0))
        self._until(lambda: self._is_through(courier, 1, 0))
        pair.replies(self._tickets()[0], reply[:1])
        pair.says(said(pair.visitor, 1))
        self._until(lambda: self._is_through(courier, 2, 1))
        pair.notes(self._tickets()[0], "SECRET")
        pair.replies(self._tickets()[0], [f"{part} {filler}" for part in reply[1:]])
        pair.says(said(pair.visitor, 2))
        self._until(lambda: self._is_through(courier, LINES, PARTS))

    def _tickets(self) -> list[str]:
        return [ticket for (ticket,) in self._machine.rows("SELECT ticket FROM link_ticket")]

    def _until(self, condition: Callable[[], object]) -> None:
        """Wait for it, but not for ever: what is missing is counted."""
        deadline = time.monotonic() + self._terms.patience
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.008)

    def _is_through(self, courier: Courier, lines: int, parts: int) -> bool:
        if self._pair.told(courier.brought):
            return False
        kinds = Counter(dict(self._machine.rows("SELECT kind, count(*) FROM outbox GROUP BY kind")))
        if kinds["add_comment"] < lines or kinds["post_message"] < parts:
            return False
        return not self._machine.rows(UNFINISHED)

    def _figures(self) -> Counter[str]:
        pair, rows = self._pair, self._machine.rows
        chat = pair.in_chat()
        parked = self._parts([body for (body,) in rows("SELECT body FROM outbox WHERE state = 'parked'")])
        found = wrongs(Conversation(pair.visitor, LINES, PARTS, pair.on_tickets(self._tickets()), chat, parked))
        there = set(self._parts([message["text"].encode() for message in chat]))
        cut_off = set(self._parts(self._machine.cut_off))
        return Counter(
            {
                "parked": len(parked),
                "lost": found["lost"],
                "doubled": found["doubled in the helpdesk"] + found["doubled in the chat"],
                "out of order": found["out of order"],
                "notes in the chat": found["private notes in the chat"],
                "echoes": found["echoes"],
                "parked and not noted once": found["parked without exactly one note"],
                "parked for no reason, or not parked": int(sorted(parked) != sorted(self._unknowable(cut_off, there))),
                "tickets too many": pair.opened() - 1,
                "damaged files": int(rows("PRAGMA integrity_check") != [("ok",)]),
            }
        )

    def _unknowable(self, cut_off: set[int], there: set[int]) -> set[int]:
        """Give the parts of which nobody can know whether the chat took them: it did not, or it never tells."""
        return cut_off - there if self._terms.echoes else cut_off

    def _parts(self, texts: Sequence[bytes]) -> list[int]:
        pattern = rf"\[agent\d answers {self._pair.visitor} (\d+)\]"
        return numbers(pattern, [text.decode() for text in texts])
