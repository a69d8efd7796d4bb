"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table and index."""
    _account()
    _bridge_end()
    _bridge_pause()
    _inbox()
    _ledger()
    _link()
    _lane()
    _link_ticket()
    _payload()
    _outbox()


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("calls", sa.String(), nullable=False),
        sa.Column("blocked_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _bridge_end() -> None:
    op.create_table(
        "bridge_end",
        sa.Column("bridge", sa.String(), nullable=False),
        sa.Column("end", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("polled_at", sa.Float(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("bridge", "end"),
    )


def _bridge_pause() -> None:
    op.create_table(
        "bridge_pause",
        sa.Column("bridge", sa.String(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("bridge"),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bridge", sa.String(), nullable=False),
        sa.Column("end", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_inbox_new", "inbox", ["id"], unique=False, sqlite_where=sa.text("state = 'new'"))
    op.create_index("ix_inbox_orphaned", "inbox", ["id"], unique=False, sqlite_where=sa.text("state = 'orphaned'"))
    op.create_index(
        "ix_inbox_quarantined", "inbox", ["id"], unique=False, sqlite_where=sa.text("state = 'quarantined'")
    )


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bridge", sa.String(), nullable=False),
        sa.Column("end", sa.String(), nullable=False),
        sa.Column("native", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("inbox_id", sa.Integer(), nullable=True),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bridge", "end", "native", "part"),
    )


def _link() -> None:
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bridge", sa.String(), nullable=False),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bridge", "conversation"),
    )


def _lane() -> None:
    op.create_table(
        "lane",
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("end", sa.String(), nullable=False),
        sa.Column("bridge", sa.String(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["link.id"],
        ),
        sa.PrimaryKeyConstraint("link_id", "end"),
    )
    op.create_index(
        "ix_lane_due", "lane", ["bridge", "end", "due_at"], unique=False, sqlite_where=sa.text("due_at IS NOT NULL")
    )


def _link_ticket() -> None:
    op.create_table(
        "link_ticket",
        sa.Column("bridge", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["link.id"],
        ),
        sa.PrimaryKeyConstraint("bridge", "ticket"),
    )


def _payload() -> None:
    op.create_table(
        "payload",
        sa.Column("inbox_id", sa.Integer(), nullable=False),
        sa.Column("headers", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbox_id"],
            ["inbox.id"],
        ),
        sa.PrimaryKeyConstraint("inbox_id"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("end", sa.String(), nullable=False),
        sa.Column("inbox_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("first_called_at", sa.Float(), nullable=True),
        sa.Column("called_at", sa.Float(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=True),
        sa.Column("native", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("parked_at", sa.Float(), nullable=True),
        sa.Column("done_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["link_id", "end"],
            ["lane.link_id", "lane.end"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    _outbox_indexes()


def _outbox_indexes() -> None:
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["link_id", "end"],
        unique=False,
        sqlite_where=sa.text("state IN ('sending', 'in_doubt')"),
    )
    op.create_index(
        "ix_outbox_opening", "outbox", ["link_id"], unique=False, sqlite_where=sa.text("kind = 'open_ticket'")
    )
    op.create_index(
        "ix_outbox_parked", "outbox", ["link_id", "end"], unique=False, sqlite_where=sa.text("state = 'parked'")
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["link_id", "end", "rank", "at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    """Drop everything."""
    op.drop_index("ix_outbox_waiting", table_name="outbox", sqlite_where=sa.text("state = 'waiting'"))
    op.drop_index("ix_outbox_parked", table_name="outbox", sqlite_where=sa.text("state = 'parked'"))
    op.drop_index("ix_outbox_opening", table_name="outbox", sqlite_where=sa.text("kind = 'open_ticket'"))
    op.drop_index("ix_outbox_open", table_name="outbox", sqlite_where=sa.text("state IN ('sending', 'in_doubt')"))
    op.drop_table("outbox")
    op.drop_table("payload")
    op.drop_table("link_ticket")
    op.drop_index("ix_lane_due", table_name="lane", sqlite_where=sa.text("due_at IS NOT NULL"))
    op.drop_table("lane")
    op.drop_table("link")
    op.drop_table("ledger")
    op.drop_index("ix_inbox_quarantined", table_name="inbox", sqlite_where=sa.text("state = 'quarantined'"))
    op.drop_index("ix_inbox_orphaned", table_name="inbox", sqlite_where=sa.text("state = 'orphaned'"))
    op.drop_index("ix_inbox_new", table_name="inbox", sqlite_where=sa.text("state = 'new'"))
    op.drop_table("inbox")
    op.drop_table("bridge_pause")
    op.drop_table("bridge_end")
    op.drop_table("account")
