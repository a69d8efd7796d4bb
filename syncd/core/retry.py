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

FIRST_WAIT = 1.0
LONGEST_WAIT = 300.0
AUTH_PROBE_SECONDS = 60.0
LOOK_AGAIN_SECONDS = 2.0
GIVE_UP_SECONDS: dict[End, float] = {"helpdesk": 3 * 86400.0, "chat": 86400.0}

Deed = Literal["again", "doubt", "park", "replace"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed try. `age` is in seconds since the delivery may go; `jitter` between 0 and 1, drawn by the caller.

    `looks`: the end can be asked whether a delivery happened. `unknown`: an earlier call may have had an effect, and
    asking the end is what failed. `opens`: it opens a ticket. `replaceable`: a new ticket may take its place.
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


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the delivery, and after how many seconds it is looked at again."""

    deed: Deed
    wait: float = 0.0
    reason: str = ""


def decide(failure: Failure, doubt_seconds: float) -> Decision:
    """Decide what becomes of a delivery whose call failed."""
    error = failure.error
    reason = str(error)
    wait = max(wait_of_end(error), backoff(failure.attempts, failure.jitter))
    if failure.unknown:
        return Decision("doubt", max(LOOK_AGAIN_SECONDS, wait), reason)
    if isinstance(error, MissingTargetError) and failure.replaceable:
        return Decision("replace", reason=reason)
    # Nothing can be missing when a ticket is opened: something in front of the helpdesk gave that answer.
    if isinstance(error, RejectedError) and not (failure.opens and isinstance(error, MissingTargetError)):
        return Decision("park", reason=reason)
    if not is_certain(error) and failure.looks:
        return Decision("doubt", max(LOOK_AGAIN_SECONDS, wait), reason)
    if not is_certain(error) and failure.end == "chat":
        return Decision("doubt", doubt_seconds, reason)
    if is_too_old(failure.end, failure.age):
        return Decision("park", reason=f"{given_up(failure.age)}: {reason}")
    return Decision("again", wait, reason)


def is_too_old(end: End, age: float) -> bool:
    """Say whether a delivery is given up: by its age, never by a count of tries."""
    return age > GIVE_UP_SECONDS[end]


def given_up(age: float) -> str:
    """Say after how long a delivery is given up."""
    return f"given up after {age / 3600:.0f} hours"


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
