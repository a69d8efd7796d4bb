"""How each conversation stands. Of tickets that are there already nobody knows what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
TIMES = ("status_since", "asked_at", "heard_at", "answered_at", "spoken_at", "missed_at")


def upgrade() -> None:
    """Make the table, with a row for each conversation that has a ticket."""
    op.create_table(
        "talk",
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        *(sa.Column(name, sa.Float(), nullable=False) for name in TIMES),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"]),
        sa.PrimaryKeyConstraint("link_id"),
    )
    known = sa.table("link", sa.column("id"), sa.column("ticket"))
    talk = sa.table("talk", sa.column("link_id"), *(sa.column(name) for name in TIMES))
    unknown = sa.select(known.c.id, *(sa.literal(0.0) for _ in TIMES)).where(known.c.ticket.is_not(None))
    op.execute(talk.insert().from_select(["link_id", *TIMES], unknown))
