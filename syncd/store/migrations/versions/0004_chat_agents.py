"""The chat's own agents, by their addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table; it fills with what agents say in the chat."""
    op.create_table(
        "chat_agent",
        sa.Column("bridge", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("native", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("bridge", "email"),
    )
