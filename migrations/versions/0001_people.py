"""The installation, what authors applied, and people."""

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
    """Make the tables."""
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
        "bundles",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("applied_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_bundles"),
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
        "active_world",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bundle", sa.String(), nullable=False),
        sa.Column("activated_at", INSTANT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_active_world_single")),
        sa.ForeignKeyConstraint(["bundle"], ["bundles.hash"], name="fk_active_world_bundle"),
        sa.PrimaryKeyConstraint("id", name="pk_active_world"),
    )
    op.create_table(
        "compositions",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("skeleton", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_compositions"),
    )
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
        "contacts",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("told", JSON, nullable=False),
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
        "holds",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('out_of_office', 'paused')", name=op.f("ck_holds_kind")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_holds_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contact_id", "n", name="pk_holds"),
    )


def downgrade() -> None:
    """Drop them, and what they hold."""
    for table in (
        "holds",
        "suppressions",
        "consents",
        "contacts",
        "companies",
        "api_keys",
        "compositions",
        "active_world",
        "campaign_versions",
        "bundles",
        "instance",
    ):
        op.drop_table(table)
