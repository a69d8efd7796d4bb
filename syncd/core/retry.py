"""What a failed call leads to, and when it is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from syncd.contract.errors import (
    AuthError,
    ConnectorError,
    MissingTargetError,
    PayloadError,
    RejectedError,
    RetryableError,
    UnavailableError,
)
from syncd.contract.model import End
from syncd.core.text import because, reason_of

FIRST_WAIT = 1.0
LONGEST_WAIT = 300.0
AUTH_PROBE_SECONDS = 60.0
LOOK_AGAIN_SECONDS = 2.0
STILL_AT_WORK_SECONDS = 60.0
"""So long an end may go on with a call that was cut off: only after that it proves something that nothing is found."""
GIVE_UP_SECONDS: dict[End, float] = {"helpdesk": 3 * 86400.0, "chat": 86400.0}
GIVE_UP_FETCHING_SECONDS = 86400.0
"""A file that its own host does not give; where the helpdesk does not take it, it is a delivery like others."""

Deed = Literal["again", "spell", "doubt", "park", "replace", "drop"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed try. `age` is in seconds since the delivery may go; `jitter` between 0 and 1, drawn by the caller.

    `looks`: the end can be asked whether a delivery happened. `unknown`: an earlier call may have had an effect, and
    asking the end is what failed. `opens`: it opens a ticket. `replaceable`: a new ticket may take its place. `idle`:
    it changes a ticket, or is about a former one, and means nothing without it. `attaches`: it is a file for the
    conversation's ticket, whichever that is; `fetching`: its own host is what failed. `spellable`: its words have
    characters that may be what the end does not take. `repeatable`: made again it does what it did. `unmarked`: no echo
    of it would be known.
    """

    error: ConnectorError
    end: End
    attempts: int
    age: float
    jitter: float
    looks: bool = False
    unknown: bool = False
    opens: bool = False
    replaceable: bool = False
    idle: bool = False
    attaches: bool = False
    fetching: bool = False
    spellable: bool = False
    repeatable: bool = False
    unmarked: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the delivery, and after how many seconds it is looked at again."""

    deed: Deed
    wait: float = 0.0
    reason: str = ""


def decide(failure: Failure, doubt_seconds: float) -> Decision:
    """Decide what becomes of a delivery whose call failed."""
    error = failure.error
    reason = reason_of(error)
    wait = max(wait_of_end(error), backoff(failure.attempts, failure.jitter))
    if isinstance(error, MissingTargetError) and failure.idle:
        return Decision("drop", reason=reason)
    if isinstance(error, MissingTargetError) and failure.replaceable:
        return Decision("replace", reason=reason)
    # Nothing can be missing when a ticket is opened: something in front of the helpdesk gave that answer. And a file
    # opens no ticket: it follows the lines to the next one.
    waits = isinstance(error, MissingTargetError) and (failure.opens or failure.attaches)
    if isinstance(error, RejectedError) and not waits:
        return Decision("spell" if error.of_text and failure.spellable else "park", reason=reason)
    is_late = failure.age > GIVE_UP_FETCHING_SECONDS if failure.fetching else is_too_old(failure.end, failure.age)
    is_unknown = not failure.repeatable and (failure.unknown or not is_certain(error))
    if is_unknown and failure.looks and not (failure.unknown and is_late):
        return Decision("doubt", max(LOOK_AGAIN_SECONDS, wait), reason)
    if is_late:
        return Decision("park", reason=given_up(failure.age, reason))
    if is_unknown and failure.end == "chat" and not failure.repeatable:
        return Decision("doubt", wait if failure.unmarked else doubt_seconds, reason)
    return Decision("again", wait, reason)


def decide_unfound(end: End, attempts: int, age: float, since: float, doubt_seconds: float) -> Decision:
    """Decide what becomes of a delivery for which the end was asked in vain; its call left `since` seconds ago.

    `again` is at once.
    """
    left = min(STILL_AT_WORK_SECONDS, doubt_seconds) - since
    if left > 0:
        return Decision("doubt", min(left, max(LOOK_AGAIN_SECONDS, backoff(attempts, 1.0))), "not found yet")
    if is_too_old(end, age):
        return Decision("park", reason=given_up(age))
    return Decision("again")


def is_too_old(end: End, age: float) -> bool:
    """Say whether a delivery is given up: by its age, never by a count of tries."""
    return age > GIVE_UP_SECONDS[end]


def given_up(age: float, reason: str = "") -> str:
    """Say after how long a delivery is given up."""
    return because("given_up", hours=round(age / 3600), reason=reason)


def is_certain(error: ConnectorError) -> bool:
    """Say whether the failed call had no effect for sure. An answer that cannot be read proves nothing."""
    if isinstance(error, RetryableError):
        return error.certain
    return not isinstance(error, PayloadError)


def backoff(attempts: int, jitter: float) -> float:
    """Give the seconds to wait after `attempts` tries in vain: doubled each time up to 5 minutes, half of it random."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts, 20))
    return longest * (0.5 + 0.5 * jitter)


def wait_of_end(error: ConnectorError) -> float:
    """Give the seconds for which the whole end makes no call after an error; 0 where only the lane waits."""
    if isinstance(error, RetryableError):
        return error.retry_after
    return AUTH_PROBE_SECONDS if isinstance(error, AuthError) else 0.0


def is_end_down(error: ConnectorError) -> bool:
    """Say whether an error speaks of the end as a whole, not of one delivery."""
    return isinstance(error, UnavailableError)
