"""Brakes, budgets, and by what a database knows itself; the indexes with which the automatic ones look."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
ON = sa.text("released_at IS NULL")
PARKED = sa.text("gate = 'brake'")
CAME_BACK = sa.text("kind IN ('bounced', 'refused', 'suppressed')")
KINDS = "'paused', 'approval', 'complaints', 'bounces', 'restored', 'clock'"


def upgrade() -> None:
    """Make the tables and indexes."""
    op.create_table(
        "brakes",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("starts", INSTANT, nullable=True),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("released_at", INSTANT, nullable=True),
        sa.Column("released_by", sa.String(), nullable=True),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_brakes_kind")),
        sa.PrimaryKeyConstraint("id", name="pk_brakes"),
    )
    op.create_index("ix_brakes_on", "brakes", ["campaign", "kind"], unique=True, sqlite_where=ON, postgresql_where=ON)
    op.create_table(
        "budgets",
        sa.Column("bucket", sa.String(), nullable=False),
        sa.Column("window_at", INSTANT, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("behind", sa.Integer(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("bucket", name="pk_budgets"),
    )
    op.create_table(
        "watch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_watch_single")),
        sa.PrimaryKeyConstraint("id", name="pk_watch"),
    )
    op.create_index("ix_outbox_parked", "outbox", ["campaign"], sqlite_where=PARKED, postgresql_where=PARKED)
    op.create_index("ix_deliveries_at", "deliveries", ["at"])
    op.create_index(
        "ix_events_came_back", "events", ["received_at"], sqlite_where=CAME_BACK, postgresql_where=CAME_BACK
    )
    op.create_index("ix_enrolments_newest", "enrolments", ["campaign", "began_at"])


def downgrade() -> None:
    """Drop them; what a brake kept back is due again."""
    op.execute("UPDATE outbox SET due_at = queued_at, gate = NULL WHERE gate = 'brake'")
    op.drop_index("ix_enrolments_newest", "enrolments")
    op.drop_index("ix_events_came_back", "events")
    op.drop_index("ix_deliveries_at", "deliveries")
    op.drop_index("ix_outbox_parked", "outbox")
    for table in ("watch", "budgets", "brakes"):
        op.drop_table(table)
