"""What a failed call leads to, and when it is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from syncd.contract.errors import (
    AuthError,
    ConnectorError,
    MissingTargetError,
    PayloadError,
    RateLimitedError,
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
    """A failed try. `looks` says that the end can be asked whether the delivery happened; `age` is in seconds."""

    error: ConnectorError
    end: End
    attempts: int
    age: float
    looks: bool
    replaceable: bool
    jitter: float
    """Between 0 and 1, drawn by the caller."""


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
    if isinstance(error, MissingTargetError) and failure.replaceable:
        return Decision("replace", reason=reason)
    if isinstance(error, RejectedError):
        return Decision("park", reason=reason)
    if not is_certain(error):
        wait = max(LOOK_AGAIN_SECONDS, backoff(failure.attempts, failure.jitter)) if failure.looks else doubt_seconds
        return Decision("doubt", wait, reason)
    if failure.age > GIVE_UP_SECONDS[failure.end]:
        return Decision("park", reason=f"given up after {failure.age / 3600:.0f} hours: {reason}")
    return Decision("again", max(wait_of_end(error), backoff(failure.attempts, failure.jitter)), reason)


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
    if isinstance(error, RateLimitedError):
        return error.retry_after
    return AUTH_PROBE_SECONDS if isinstance(error, AuthError) else 0.0


def is_end_down(error: ConnectorError) -> bool:
    """Say whether an error speaks of the end as a whole, not of one delivery."""
    return isinstance(error, UnavailableError)
