"""What both reference connectors are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from syncd.contract.model import Cursor, DeliveryKey, Event, EventPage, Receipt
from syncd.contract.settings import ConnectorSettings

PAGE_SIZE = 50


class MemorySettings(ConnectorSettings):
    """The name of the end, which is its account."""

    model_config = SettingsConfigDict(env_prefix="MEMORY_")

    name: str = Field(default="memory", min_length=1, description="the account's name")
    poll_seconds: float = Field(default=0.2, gt=0, description="seconds between two looks for what is new")


@dataclass
class World:
    """What has happened at an end, oldest first, and which deliveries it took. A cursor is a place in `events`."""

    events: list[Event] = field(default_factory=list)
    taken: dict[DeliveryKey, Receipt] = field(default_factory=dict)
    last: datetime = datetime(2020, 1, 1, tzinfo=UTC)

    def happens(self, at: datetime | None) -> datetime:
        """Give the time of an act: the one that is told, or a second after the last."""
        self.last = at or self.last + timedelta(seconds=1)
        return self.last

    def page(self, after: Cursor | None) -> EventPage:
        """Read one page behind the cursor; a cursor of an earlier world reads from where this one is."""
        begin = len(self.events) if after is None else min(int(after), len(self.events))
        events = tuple(self.events[begin : begin + PAGE_SIZE])
        behind = begin + len(events)
        return EventPage(events, Cursor(str(behind)), more=behind < len(self.events))


def new_id() -> str:
    """Make an id that no other world has either."""
    return uuid4().hex[:16]
