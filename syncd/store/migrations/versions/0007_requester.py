"""Whom syncd made the requester of each conversation's ticket. Of those that are there the openings tell it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "requester",
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("given", sa.LargeBinary(), nullable=True),
        sa.Column("claimed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"]),
        sa.PrimaryKeyConstraint("link_id"),
    )
