"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:

    op.create_table(
        "api_keys",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("hash", name="pk_api_keys"),
        sa.UniqueConstraint("name", name="uq_api_keys_name"),
    )
    op.create_table(
        "bundles",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("applied_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_bundles"),
    )
    op.create_table(
        "companies",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_companies"),
        sa.UniqueConstraint("domain", name="uq_companies_domain"),
    )
    op.create_table(
        "compositions",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("skeleton", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_compositions"),
    )
    op.create_table(
        "instance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_instance_single")),
        sa.PrimaryKeyConstraint("id", name="pk_instance"),
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
        "suppressions",
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "reason IN ('unsubscribed', 'bounced', 'complained', 'erased', 'manual')",
            name=op.f("ck_suppressions_reason"),
        ),
        sa.PrimaryKeyConstraint("address_hash", "reason", name="pk_suppressions"),
    )
    op.create_table(
        "active_world",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bundle", sa.String(), nullable=False),
        sa.Column("activated_at", INSTANT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_active_world_single")),
        sa.ForeignKeyConstraint(["bundle"], ["bundles.hash"], name="fk_active_world_bundle"),
        sa.PrimaryKeyConstraint("id", name="pk_active_world"),
    )
    op.create_table(
        "campaign_versions",
        sa.Column("bundle", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("applied_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["bundle"], ["bundles.hash"], name="fk_campaign_versions_bundle"),
        sa.PrimaryKeyConstraint("bundle", "campaign", name="pk_campaign_versions"),
    )
    op.create_index("ix_campaign_versions_version", "campaign_versions", ["campaign", "version"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=True),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("pending_forms", JSON, nullable=False),
        sa.Column("soft_bounces", JSON, nullable=False),
        sa.Column("engagement", sa.BigInteger(), nullable=False),
        sa.Column("fit", sa.Integer(), nullable=True),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("persona", sa.String(), nullable=True),
        sa.Column("hand_off", sa.String(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "basis IN ('none', 'pending', 'opt_in', 'legitimate_interest', 'existing_customer')",
            name=op.f("ck_contacts_basis"),
        ),
        sa.CheckConstraint(
            "status IN ('lead', 'mql', 'prospect', 'customer', 'recycled', 'disqualified')",
            name=op.f("ck_contacts_status"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name="fk_contacts_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.UniqueConstraint("address_hash", name="uq_contacts_address_hash"),
        sa.UniqueConstraint("key", name="uq_contacts_key"),
    )
    op.create_index("ix_contacts_company_id", "contacts", ["company_id"], unique=False)
    op.create_index("ix_contacts_status", "contacts", ["status"], unique=False)
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
        "consents",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("proof", JSON, nullable=False),
        sa.CheckConstraint(
            "basis IN ('none', 'pending', 'opt_in', 'legitimate_interest', 'existing_customer')",
            name=op.f("ck_consents_basis"),
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_consents_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_contact_id", "consents", ["contact_id"], unique=False)
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
    op.create_table(
        "holds",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('out_of_office', 'paused')", name=op.f("ck_holds_kind")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_holds_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contact_id", "n", name="pk_holds"),
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


def downgrade() -> None:

    op.drop_table("touches")
    op.drop_index(
        "ix_outbox_in_flight",
        table_name="outbox",
        sqlite_where=sa.text("state = 'intent'"),
        postgresql_where=sa.text("state = 'intent'"),
    )
    op.drop_index(
        "ix_outbox_due",
        table_name="outbox",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_index("ix_outbox_contact_id", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("ledger")
    op.drop_table("holds")
    op.drop_index("ix_hand_offs_contact_id", table_name="hand_offs")
    op.drop_table("hand_offs")
    op.drop_index(
        "ix_events_unconsumed",
        table_name="events",
        sqlite_where=sa.text("consumed_at IS NULL"),
        postgresql_where=sa.text("consumed_at IS NULL"),
    )
    op.drop_table("events")
    op.drop_index(
        "ix_enrolments_live",
        table_name="enrolments",
        sqlite_where=sa.text("position <> 'ended'"),
        postgresql_where=sa.text("position <> 'ended'"),
    )
    op.drop_table("enrolments")
    op.drop_index("ix_deliveries_provider_id", table_name="deliveries")
    op.drop_index("ix_deliveries_contact_id", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index("ix_consents_contact_id", table_name="consents")
    op.drop_table("consents")
    op.drop_index(
        "ix_agenda_due",
        table_name="agenda",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_table("agenda")
    op.drop_index("ix_contacts_status", table_name="contacts")
    op.drop_index("ix_contacts_company_id", table_name="contacts")
    op.drop_table("contacts")
    op.drop_index("ix_campaign_versions_version", table_name="campaign_versions")
    op.drop_table("campaign_versions")
    op.drop_table("active_world")
    op.drop_table("suppressions")
    op.drop_index(
        "ix_receipts_due",
        table_name="receipts",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_table("receipts")
    op.drop_table("journal")
    op.drop_table("instance")
    op.drop_table("compositions")
    op.drop_table("companies")
    op.drop_table("bundles")
    op.drop_table("api_keys")
