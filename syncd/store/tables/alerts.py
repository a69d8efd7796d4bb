"""What is alerted, and when something was heard from the ends."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class Alert(SQLModel, table=True):
    """An alarm that holds, or that the receiver of alerts knows of; see `syncd.core.alarm.Standing`."""

    bridge: str = Field(primary_key=True)
    end: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    since: float | None = None
    text: str
    told_since: float | None = None
    told_at: float = 0.0


class Heard(SQLModel, table=True):
    """The first and the last row that came into the inbox in the hour that begins at `hour`, and the last one's id."""

    bridge: str = Field(primary_key=True)
    end: str = Field(primary_key=True)
    form: str = Field(primary_key=True)
    hour: int = Field(primary_key=True)
    first_at: float
    last_at: float
    inbox_id: int


alert = SQLModel.metadata.tables["alert"]
heard = SQLModel.metadata.tables["heard"]
