"""The ends, their accounts, their figures, and the clock."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field, SQLModel


class BridgeEnd(SQLModel, table=True):
    """One end of a bridge: how far its poll has read and how it is. `state`: unknown, ok, down, refused."""

    __tablename__: ClassVar[str] = "bridge_end"

    bridge: str = Field(primary_key=True)
    end: str = Field(primary_key=True)
    cursor: str | None = None
    polled_at: float | None = None
    state: str = "unknown"
    reason: str = ""
    since: float | None = None


class BridgePause(SQLModel, table=True):
    """A bridge that delivers nothing until it is resumed."""

    __tablename__: ClassVar[str] = "bridge_pause"

    bridge: str = Field(primary_key=True)
    since: float


class Account(SQLModel, table=True):
    """The calls that were made at a vendor's account in its current window (JSON list of times), and its own word."""

    name: str = Field(primary_key=True)
    calls: str = "[]"
    blocked_until: float = 0.0


class WallClock(SQLModel, table=True):
    """How far the wall clock was ahead of the monotonic one, in seconds, in the boot that is named: one row."""

    __tablename__: ClassVar[str] = "wall_clock"

    id: int = Field(primary_key=True)
    boot: str
    ahead: float


class Hour(SQLModel, table=True):
    """How much happened in an hour that begins at `hour`: so often `what`, within so many seconds of when it could.

    `what`: delivered (lines and replies), opened (tickets) or parked (deliveries of any kind).
    """

    hour: int = Field(primary_key=True)
    bridge: str = Field(primary_key=True)
    end: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    within: int = Field(primary_key=True)
    times: int


account = SQLModel.metadata.tables["account"]
bridge_end = SQLModel.metadata.tables["bridge_end"]
bridge_pause = SQLModel.metadata.tables["bridge_pause"]
hour = SQLModel.metadata.tables["hour"]
wall_clock = SQLModel.metadata.tables["wall_clock"]
