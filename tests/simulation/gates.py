"""The places at which the engine stops until the machine lets it go on: each commit, each call, each answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from syncd.contract.errors import (
    AuthError,
    PayloadError,
    RateLimitedError,
    RejectedError,
    RetryableError,
    UnavailableError,
)

Place = Literal["commit", "committed", "call", "answer"]


class Fate(StrEnum):
    """What becomes of a call, and of a commit: those do well unless the disk is full."""

    WELL = "taken and answered"
    LOST = "taken, answer lost"
    RESET = "not taken, cut off"
    REFUSED = "not taken, refused"
    AWAY = "not taken, 503"
    LIMITED = "not taken, 429"
    REJECTED = "not taken, 422"
    DENIED = "not taken, 401"
    GARBAGE = "taken, garbage answered"
    FAULT = "taken, the connector fails"
    FULL = "the disk is full"


TAKEN = {Fate.WELL, Fate.LOST, Fate.GARBAGE, Fate.FAULT, Fate.FULL}


class Go(NamedTuple):
    """How a stop ends; `lingers`: with another stop right behind the commit."""

    fate: Fate = Fate.WELL
    lingers: bool = False


@dataclass(eq=False, frozen=True)
class Gate:
    """Somebody who waits to be let go."""

    place: Place
    name: str
    going: asyncio.Future[Go]


class Gates:
    """Everybody who waits to be let go, the longest waiting first."""

    def __init__(self) -> None:
        self.waiting: list[Gate] = []
        self._is_shut = False

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Turn away whoever comes to stop."""
        self._is_shut = True
        try:
            yield
        finally:
            self._is_shut = False

    async def stop(self, place: Place, name: str) -> Go:
        """Wait to be let go."""
        if self._is_shut:
            raise asyncio.CancelledError
        gate = Gate(place, name, asyncio.get_running_loop().create_future())
        self.waiting.append(gate)
        try:
            return await gate.going
        finally:
            self.waiting.remove(gate)

    def let_go(self, index: int, go: Go) -> Gate:
        """Let one go: it moves when the loop runs."""
        gate = self.waiting[index % len(self.waiting)]
        gate.going.set_result(go)
        return gate


def failure(fate: Fate, *, reads: bool = False) -> Exception | None:
    """Give what a connector raises; a call that only `reads` has no effect for sure."""
    errors: dict[Fate, Exception] = {
        Fate.LOST: RetryableError("no answer", certain=reads),
        Fate.RESET: RetryableError("cut off", certain=reads),
        Fate.REFUSED: UnavailableError("refused", certain=True),
        Fate.AWAY: UnavailableError("answered 503", certain=reads),
        Fate.LIMITED: RateLimitedError("answered 429", retry_after=30.0),
        Fate.REJECTED: RejectedError("answered 422"),
        Fate.DENIED: AuthError("answered 401"),
        Fate.GARBAGE: PayloadError("not JSON"),
        Fate.FAULT: RuntimeError("a fault of the connector"),
    }
    return errors.get(fate)
