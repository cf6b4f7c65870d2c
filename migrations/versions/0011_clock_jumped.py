"""A message in doubt knows that the clock jumped since: how long a provider has had its key is then not to be told.

Only rows that a jump meets are written; the column is empty for all others, and no table is copied for it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the mark. What is in doubt now is taken as well dated, as it was."""
    op.add_column("outbox", sa.Column("clock_jumped", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Take it away. What bears it stays unknown, for a person: its age would read as if no clock had jumped."""
    op.execute(
        "UPDATE outbox SET due_at = NULL, gate = NULL, token = NULL, leased_until = NULL, settled_at = coalesce(settled_at, date), "
        "doubts = CASE state WHEN 'intent' THEN doubts + 1 ELSE doubts END, state = 'unknown' "
        "WHERE clock_jumped AND state IN ('intent', 'unknown')"
    )
    op.drop_column("outbox", "clock_jumped")
