"""Which comment of the helpdesk each delivery to the chat is about."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column and its index; what was said before is known by the event that brought it."""
    op.add_column("outbox", sa.Column("comment", sa.String(), nullable=True))
    op.execute(
        "UPDATE outbox SET comment = ledger.native FROM ledger WHERE ledger.inbox_id = outbox.inbox_id"
        " AND ledger.\"end\" = 'helpdesk' AND NOT ledger.ours AND outbox.kind = 'post_message'"
    )
    where = sa.text("comment IS NOT NULL")
    op.create_index("ix_outbox_comment", "outbox", ["link_id", "comment"], unique=False, sqlite_where=where)
