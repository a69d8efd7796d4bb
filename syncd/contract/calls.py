"""What calls are made of beside the words themselves. The rest of syncd takes these from `model`."""

from __future__ import annotations

from dataclasses import dataclass, field

from syncd.contract.ticket import TicketId


@dataclass(frozen=True, slots=True)
class Receipt:
    """An end took a delivery. `id` is the new message's or comment's, None where it gives none.

    `refused` are fields of a new ticket that it did not take.
    """

    id: str | None = None
    ticket: TicketId | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quota:
    """How many calls an account may make in a window of `seconds`."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A webhook as it came: the raw body and its headers, names in lower case."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
