"""Up to which of the visitor's lines an agent has answered, where known, and whose ticket one is now, found by that."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column and the index."""
    op.add_column("talk", sa.Column("answers", sa.Float(), nullable=True))
    op.create_index("ix_link_bridge_ticket", "link", ["bridge", "ticket"])
