"""How much happened in each hour."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "hour",
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("bridge", sa.String(), nullable=False),
        sa.Column("end", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("within", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "bridge", "end", "what", "within"),
    )
