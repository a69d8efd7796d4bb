"""The tables. Times are seconds since 1970 UTC; ids rise with time, so that inserts stay at the end of the file."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

# SQLite uses a partial index only where the query holds its condition literally: index and queries share these.
IS_NEW = text("inbox.state = 'new'")
IS_ORPHANED = text("inbox.state = 'orphaned'")
IS_QUARANTINED = text("inbox.state = 'quarantined'")
IS_WAITING = text("outbox.state = 'waiting'")
IS_OPEN = text("outbox.state IN ('sending', 'in_doubt')")
IS_PARKED = text("outbox.state = 'parked'")
IS_OPENING = text("outbox.kind = 'open_ticket'")
IS_DUE = text("lane.due_at IS NOT NULL")


class Inbox(SQLModel, table=True):
    """What came in: a webhook as it was sent, or an event that a poll read. What it holds is its payload.

    `form` is `webhook` (raw body) or `event` (JSON). `state`: new → done | foreign | quarantined;
    orphaned while its bridge is not configured.
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


class Link(SQLModel, table=True):
    """A conversation and its ticket. `ticket` is null until the helpdesk has made it."""

    __table_args__ = (UniqueConstraint("bridge", "conversation"),)

    id: int | None = Field(default=None, primary_key=True)
    bridge: str
    conversation: str
    ticket: str | None = None
    created_at: float


class LinkTicket(SQLModel, table=True):
    """Every ticket that a conversation ever had: a reply on a former one still finds its way."""

    __tablename__: ClassVar[str] = "link_ticket"

    bridge: str = Field(primary_key=True)
    ticket: str = Field(primary_key=True)
    link_id: int = Field(foreign_key="link.id")


class Lane(SQLModel, table=True):
    """The deliveries of one conversation to one end, in order.

    `due_at` is when its head may go; null while there is nothing to do or a delivery is under way.
    """

    __table_args__ = (Index("ix_lane_due", "bridge", "end", "due_at", sqlite_where=IS_DUE),)

    link_id: int = Field(foreign_key="link.id", primary_key=True)
    end: str = Field(primary_key=True)
    bridge: str
    due_at: float | None = None
    attempts: int = 0


class Outbox(SQLModel, table=True):
    """A delivery. Within a lane they go by (`rank`, `at`, `id`).

    `state`: waiting → sending → sent | waiting | in_doubt | parked; in_doubt → sent | sending | parked; parked →
    waiting | dropped. `held` ones go nowhere until something opens the ticket. `created_at` is since when it may go,
    `called_at` when it last went.
    `key` names the delivery at the end; `batch` is the key of the call that carries the row, which is its
    first row's, kept from the claim until the call is known to have failed.
    """

    __table_args__ = (
        ForeignKeyConstraint(["link_id", "end"], ["lane.link_id", "lane.end"]),
        Index("ix_outbox_waiting", "link_id", "end", "rank", "at", "id", sqlite_where=IS_WAITING),
        Index("ix_outbox_open", "link_id", "end", sqlite_where=IS_OPEN),
        Index("ix_outbox_parked", "link_id", "end", sqlite_where=IS_PARKED),
        Index("ix_outbox_opening", "link_id", sqlite_where=IS_OPENING),
    )

    id: int | None = Field(default=None, primary_key=True)
    link_id: int
    end: str
    inbox_id: int | None = None
    key: str
    kind: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    rank: int
    at: float
    created_at: float
    called_at: float | None = None
    state: str = "waiting"
    batch: str | None = None
    native: str | None = None
    reason: str = ""
    done_at: float | None = None


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


metadata = SQLModel.metadata
inbox = metadata.tables["inbox"]
payload = metadata.tables["payload"]
link = metadata.tables["link"]
link_ticket = metadata.tables["link_ticket"]
lane = metadata.tables["lane"]
outbox = metadata.tables["outbox"]
ledger = metadata.tables["ledger"]
bridge_end = metadata.tables["bridge_end"]
bridge_pause = metadata.tables["bridge_pause"]
account = metadata.tables["account"]
