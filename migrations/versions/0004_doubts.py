"""What is in doubt about a message: how many attempts may have left, and what came back before its outcome was known."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. What is unknown already counts as one doubt, and stays with the person who looks."""
    op.add_column("outbox", sa.Column("doubts", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("outbox", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE outbox SET doubts = 1 WHERE state = 'unknown'")


def downgrade() -> None:
    """Drop them. A message that was still being looked into stays unknown, for a person."""
    op.execute("UPDATE outbox SET due_at = NULL WHERE state = 'unknown'")
    op.drop_column("outbox", "seen_at")
    op.drop_column("outbox", "doubts")
