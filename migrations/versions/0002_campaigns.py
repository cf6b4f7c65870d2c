"""Where contacts stand in campaigns, what they are sent, and who among them went to sales."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "enrolments",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("anchor", INSTANT, nullable=False),
        sa.Column("rotation", sa.Integer(), nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.Column("skipped", JSON, nullable=False),
        sa.CheckConstraint(
            "position IN ('ready', 'waiting', 'listening', 'slotted', 'blocked', 'sending', 'exhausted', 'stopped', 'ended')",
            name=op.f("ck_enrolments_position"),
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_enrolments_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contact_id", "campaign", name="pk_enrolments"),
    )
    op.create_index(
        "ix_enrolments_live",
        "enrolments",
        ["campaign", "version", "stage"],
        unique=False,
        sqlite_where=sa.text("position <> 'ended'"),
        postgresql_where=sa.text("position <> 'ended'"),
    )
    op.create_table(
        "touches",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("rotation", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=True),
        sa.Column("thread", sa.String(), nullable=True),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'withheld', 'refused', 'bounced', 'unknown')", name=op.f("ck_touches_state")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_touches_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contact_id", "key", name="pk_touches"),
        sa.UniqueConstraint("key", name="uq_touches_key"),
    )
    op.create_table(
        "outbox",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("rotation", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=True),
        sa.Column("thread", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=True),
        sa.Column("recipient_hash", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", INSTANT, nullable=True),
        sa.Column("composition", sa.String(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("date", INSTANT, nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("slots", JSON, nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("gate", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.CheckConstraint("purpose IN ('touch', 'confirmation', 'hand_off')", name=op.f("ck_outbox_purpose")),
        sa.CheckConstraint(
            "state IN ('queued', 'intent', 'sent', 'refused', 'retry', 'unknown', 'withheld')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_outbox_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name="pk_outbox"),
    )
    op.create_index("ix_outbox_contact_id", "outbox", ["contact_id"], unique=False)
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due_at", "key"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_in_flight",
        "outbox",
        ["leased_until"],
        unique=False,
        sqlite_where=sa.text("state = 'intent'"),
        postgresql_where=sa.text("state = 'intent'"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('queued', 'intent', 'sent', 'refused', 'retry', 'unknown', 'withheld')",
            name=op.f("ck_deliveries_outcome"),
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_deliveries_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_contact_id", "deliveries", ["contact_id"], unique=False)
    op.create_index("ix_deliveries_provider_id", "deliveries", ["provider_id"], unique=False)
    op.create_table(
        "hand_offs",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("offered_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("rejection", sa.String(), nullable=True),
        sa.Column("reasons", JSON, nullable=False),
        sa.CheckConstraint(
            "rejection IS NULL OR rejection IN ('not_ready', 'unreachable', 'not_a_fit', 'already_customer', 'expired')",
            name=op.f("ck_hand_offs_rejection"),
        ),
        sa.CheckConstraint("state IN ('offered', 'accepted', 'rejected', 'expired')", name=op.f("ck_hand_offs_state")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_hand_offs_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name="pk_hand_offs"),
    )
    op.create_index("ix_hand_offs_contact_id", "hand_offs", ["contact_id"], unique=False)


def downgrade() -> None:
    """Drop them, and what they hold."""
    for table in ("hand_offs", "deliveries", "outbox", "touches", "enrolments"):
        op.drop_table(table)
