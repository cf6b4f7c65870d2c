"""Messages that go to a provider in one request know its key and their place in it, before a byte of it is written.

What is in doubt about one of them is in doubt about all, and only the identical request under the same key tells.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

IN_PARCELS = sa.text("parcel IS NOT NULL AND state IN ('intent', 'unknown')")


def upgrade() -> None:
    """Add the key and the place; what is under way goes by itself, as it went."""
    op.add_column("outbox", sa.Column("parcel", sa.String(), nullable=True))
    op.add_column("outbox", sa.Column("place", sa.Integer(), nullable=True))
    op.create_index("ix_outbox_parcel", "outbox", ["parcel"], sqlite_where=IN_PARCELS, postgresql_where=IN_PARCELS)


def downgrade() -> None:
    """Take them away. What is in doubt stays unknown, for a person: by itself, under another key, it could come twice."""
    op.execute(
        "UPDATE outbox SET due_at = NULL, gate = NULL, token = NULL, leased_until = NULL, settled_at = coalesce(settled_at, date), "
        "doubts = CASE state WHEN 'intent' THEN doubts + 1 ELSE doubts END, state = 'unknown' "
        "WHERE parcel IS NOT NULL AND state IN ('intent', 'unknown')"
    )
    op.drop_index("ix_outbox_parcel", "outbox")
    op.drop_column("outbox", "place")
    op.drop_column("outbox", "parcel")
