"""What is alerted, and when something was heard from the ends."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "alert",
        sa.Column("bridge", sa.String(), nullable=False),
        sa.Column("end", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("since", sa.Float(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("told_since", sa.Float(), nullable=True),
        sa.Column("told_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("bridge", "end", "what"),
    )
    op.create_table(
        "heard",
        sa.Column("bridge", sa.String(), nullable=False),
        sa.Column("end", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.Float(), nullable=False),
        sa.Column("last_at", sa.Float(), nullable=False),
        sa.Column("inbox_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bridge", "end", "form", "hour"),
    )
