"""What came in, and the ledger of what is known of it."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

# SQLite uses a partial index only where the query holds its condition literally: index and queries share these.
IS_NEW = text("inbox.state = 'new'")
IS_ORPHANED = text("inbox.state = 'orphaned'")
IS_QUARANTINED = text("inbox.state = 'quarantined'")


class Inbox(SQLModel, table=True):
    """What came in: a webhook as it was sent, or an event that a poll read. What it holds is its payload.

    `form` is `webhook` (raw body) or `event` (JSON). `state`: new → done | foreign | quarantined; orphaned while nobody
    knows whose it is: its bridge is not configured, or its ticket may be that of an opening which is put aside.
    """

    __table_args__ = (
        Index("ix_inbox_new", "id", sqlite_where=IS_NEW),
        Index("ix_inbox_quarantined", "id", sqlite_where=IS_QUARANTINED),
        Index("ix_inbox_orphaned", "id", sqlite_where=IS_ORPHANED),
    )

    id: int | None = Field(default=None, primary_key=True)
    bridge: str
    end: str
    form: str
    received_at: float
    state: str
    reason: str = ""


class Payload(SQLModel, table=True):
    """The body of an inbox row, byte for byte, and its headers (JSON): apart, since states change."""

    inbox_id: int | None = Field(default=None, primary_key=True, foreign_key="inbox.id")
    headers: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Ledger(SQLModel, table=True):
    """The id ledger: every native id that was ever planned or made by us, once for each bridge and end."""

    __table_args__ = (UniqueConstraint("bridge", "end", "native", "part"),)

    id: int | None = Field(default=None, primary_key=True)
    bridge: str
    end: str
    native: str
    part: int = 0
    ours: bool
    link_id: int | None = None
    inbox_id: int | None = None
    outbox_id: int | None = None
    seen_at: float


inbox = SQLModel.metadata.tables["inbox"]
ledger = SQLModel.metadata.tables["ledger"]
payload = SQLModel.metadata.tables["payload"]
