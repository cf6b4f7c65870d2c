"""When time alone next makes a rule of a contact true, so that it is looked at then."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it. Nobody has any: it is noted with the next decision."""
    op.add_column("contacts", sa.Column("looks_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("contacts", "looks_at")
