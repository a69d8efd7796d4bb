"""Faults to order: what goes wrong, for how many calls or how often."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import ConfigDict

from syncd.testing.chatra.refusal import invalid

ApiFault = Literal["slow", "cut_before", "too_many_requests", "server_error", "cut_after", "garbage"]
WebhookFault = Literal["lost", "doubled", "late", "shuffled"]
FaultKind = ApiFault | WebhookFault


@dataclass(slots=True)
class Fault:
    """One kind of fault, for the next `times` calls, or for each call with `probability`, or both; else for one call.

    API calls, at most one of these each, the one ordered first:
    cut_before: the connection is cut and nothing was done. cut_after: it was done, and the connection is cut.
    too_many_requests: 429 with `retry_after` seconds. server_error: `status`; with `taken` it was done all the same.
    garbage: it was done, and the answer is 200 with a body that is no JSON.
    Besides, slow: the call takes `seconds` longer. `method` limits a fault to calls with that method.

    Webhooks, each independent of the others:
    lost: never sent. doubled: sent `copies` times more. late: sent `seconds` later, as is what follows in its chat.
    shuffled: held for `seconds`, then sent in another order with all that its chat has for the same target by then.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    kind: FaultKind
    times: int | None = None
    probability: float | None = None
    seconds: float = 0.0
    status: int = 500
    retry_after: int = 1
    copies: int = 1
    taken: bool = False
    method: str = ""
    hits: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.times is None and self.probability is None:
            self.times = 1
        if self.probability is not None and not 0 <= self.probability <= 1:
            raise invalid("probability must be between 0 and 1")
        if not 500 <= self.status <= 599:
            raise invalid("status must be between 500 and 599")
        if self.seconds < 0 or self.retry_after < 0 or self.copies < 0:
            raise invalid("seconds, retry_after and copies must not be negative")

    @property
    def spent(self) -> bool:
        """Whether it has happened as often as ordered."""
        return self.times is not None and self.hits >= self.times


class Faults:
    """All faults that are ordered; draws are repeatable for the same `rng`, order and calls."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._ordered: list[Fault] = []

    @property
    def ordered(self) -> list[Fault]:
        """What is ordered and not spent, oldest first."""
        return [fault for fault in self._ordered if not fault.spent]

    def order(self, fault: Fault) -> None:
        """Add a fault behind those already ordered."""
        self._ordered = [*self.ordered, fault]

    def clear(self) -> None:
        """Take all orders back."""
        self._ordered = []

    def draw(self, *kinds: FaultKind, method: str = "") -> Fault | None:
        """Say which of these faults, if any, happens to this call; that counts as one of its times."""
        for fault in self._ordered:
            if fault.kind not in kinds or fault.spent or (fault.method and fault.method != method):
                continue
            if fault.probability is None or self.rng.random() < fault.probability:
                fault.hits += 1
                return fault
        return None
