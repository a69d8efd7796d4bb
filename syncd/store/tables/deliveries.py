"""What must go out, and in which order."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

# SQLite uses a partial index only where the query holds its condition literally: index and queries share these.
IS_WAITING = text("outbox.state = 'waiting'")
IS_OPEN = text("outbox.state IN ('sending', 'in_doubt')")
IS_PARKED = text("outbox.state = 'parked'")
IS_OPENING = text("outbox.kind = 'open_ticket'")
IS_OF_COMMENT = text("outbox.comment IS NOT NULL")
IS_DUE = text("lane.due_at IS NOT NULL")


class Lane(SQLModel, table=True):
    """The deliveries of one conversation to one end, in order.

    `end` is `files` for files and requesters among the helpdesk's, and `contact` for contact data among the chat's.
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
    `called_at` when it last went, `first_called_at` when the first of those of its calls went that may have happened,
    `parked_at` when it was put aside, kept when it is tried again. `key` names the delivery at the end; `batch` is the
    key of the call that carries the row, which is its first row's, kept from the claim until no call of it may have
    happened. `comment` is the helpdesk's id of what it says in the chat, or changes there.
    """

    __table_args__ = (
        ForeignKeyConstraint(["link_id", "end"], ["lane.link_id", "lane.end"]),
        Index("ix_outbox_waiting", "link_id", "end", "rank", "at", "id", sqlite_where=IS_WAITING),
        Index("ix_outbox_open", "link_id", "end", sqlite_where=IS_OPEN),
        Index("ix_outbox_parked", "link_id", "end", sqlite_where=IS_PARKED),
        Index("ix_outbox_opening", "link_id", sqlite_where=IS_OPENING),
        Index("ix_outbox_comment", "link_id", "comment", sqlite_where=IS_OF_COMMENT),
    )

    id: int | None = Field(default=None, primary_key=True)
    link_id: int
    end: str
    inbox_id: int | None = None
    key: str
    kind: str
    comment: str | None = None
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    rank: int
    at: float
    created_at: float
    first_called_at: float | None = None
    called_at: float | None = None
    state: str = "waiting"
    batch: str | None = None
    native: str | None = None
    reason: str = ""
    parked_at: float | None = None
    done_at: float | None = None


lane = SQLModel.metadata.tables["lane"]
outbox = SQLModel.metadata.tables["outbox"]
