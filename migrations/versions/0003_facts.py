"""What happened to contacts, who is due, the score, and the journal."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "events",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("consumed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_events_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contact_id", "key", name="pk_events"),
    )
    op.create_index(
        "ix_events_unconsumed",
        "events",
        ["contact_id", "received_at"],
        unique=False,
        sqlite_where=sa.text("consumed_at IS NULL"),
        postgresql_where=sa.text("consumed_at IS NULL"),
    )
    op.create_table(
        "receipts",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("meta", JSON, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", INSTANT, nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('new', 'sorted', 'parked', 'not_understood')", name=op.f("ck_receipts_state")),
        sa.PrimaryKeyConstraint("id", name="pk_receipts"),
        sa.UniqueConstraint("source", "key", name="uq_receipts_source_key"),
    )
    op.create_index(
        "ix_receipts_due",
        "receipts",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "agenda",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", INSTANT, nullable=True),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_agenda_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contact_id", name="pk_agenda"),
    )
    op.create_index(
        "ix_agenda_due",
        "agenda",
        ["due_at", "contact_id"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "ledger",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("signal", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "signal IN ('submitted', 'opened', 'clicked', 'downloaded', 'registered', 'attended', 'visited', 'replied')",
            name=op.f("ck_ledger_signal"),
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_ledger_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contact_id", "signal", "object", "day", name="pk_ledger"),
    )
    op.create_table(
        "journal",
        sa.Column("contact_key", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("event_key", sa.String(), nullable=False),
        sa.Column("world", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("contact_key", "seq", name="pk_journal"),
    )


def downgrade() -> None:
    """Drop them, and what they hold."""
    for table in ("journal", "ledger", "agenda", "receipts", "events"):
        op.drop_table(table)
