"""When time alone next makes a rule of a contact true, so that it is looked at then; and how far newsletters have come."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both. Nobody waits for time alone yet: it is noted with the next decision."""
    op.add_column("contacts", sa.Column("looks_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "newsletters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_to", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_newsletters"),
    )


def downgrade() -> None:
    """Drop them. A newsletter that is under way stops where it is."""
    op.drop_table("newsletters")
    op.drop_column("contacts", "looks_at")
