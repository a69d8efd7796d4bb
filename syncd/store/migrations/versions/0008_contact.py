"""What both ends are known to have of a visitor's contact data."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "contact",
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("helpdesk", sa.String(), nullable=True),
        sa.Column("chat", sa.String(), nullable=True),
        sa.Column("sent", sa.String(), nullable=True),
        sa.Column("put", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"]),
        sa.PrimaryKeyConstraint("link_id", "field"),
    )
