"""The moments that Hypothesis chooses from, each with its weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st

from syncd.contract.model import Role
from tests.simulation.gates import Fate, Go
from tests.simulation.world import Writing

WHO = ("ann", "bob")
BAD = [fate for fate in Fate if fate is not Fate.WELL]
FATES = [Fate.WELL] * 12 + [Fate.LOST] * 2 + BAD
ACTS: list[Role | Writing] = [
    *(Role.VISITOR, Role.VISITOR, Role.VISITOR, Role.AGENT, Role.AUTOMATIC),
    *("reply", "reply", "reply", "html", "long", "note", "mail", "elsewhere"),
]


How = Literal["comes", "is lost", "comes again"]
HOW: list[How] = ["comes", "comes", "comes", "comes", "comes", "comes", "is lost", "comes again"]


@dataclass(frozen=True)
class Speak:
    """Somebody says or writes something."""

    who: str
    act: Role | Writing


@dataclass(frozen=True)
class Webhook:
    """A webhook comes: one that is on its way (or is lost there), or one that came before."""

    index: int
    how: How


@dataclass(frozen=True)
class Step:
    """One that stops in the daemon goes on; where it is `far`, all go on to their next calls."""

    index: int
    go: Go
    far: bool = False


@dataclass(frozen=True)
class Poll:
    """The helpdesk is polled."""

    page_size: int


@dataclass(frozen=True)
class Look:
    """The daemon looks at the clock."""


@dataclass(frozen=True)
class Kill:
    """The daemon is killed and starts again."""


Moment = Speak | Webhook | Step | Poll | Look | Kill

STEPS = [
    Step(index, Go(fate, lingers), far)
    for fate in FATES
    for index in range(6)
    for lingers, far in [(False, False), (False, True), (False, True), (True, False)]
]
SPEECH = [Speak(who, act) for who in WHO for act in ACTS]
WEBHOOKS = [Webhook(index, how) for how in HOW for index in range(6)]
POLLS = [Poll(size) for size in range(1, 5)]
# One choice for each moment: Hypothesis has room for so many choices only.
MOMENTS: list[Moment] = [*STEPS, *SPEECH * 8, *WEBHOOKS * 5, *POLLS * 15, *[Look()] * 20, *[Kill()] * 20]
MUCH = st.lists(st.integers(0, len(MOMENTS) - 1).map(lambda index: MOMENTS[index]), max_size=8)
