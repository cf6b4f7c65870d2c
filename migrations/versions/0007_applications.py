"""What was applied and when, and how far each application has come."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
HOWS = "'apply', 'rollback'"

KNOWN = """
INSERT INTO applications (n, bundle, before, how, applied_at, choices, finished_at)
SELECT row_number() OVER (ORDER BY applied_at, hash), hash,
       lag(hash) OVER (ORDER BY applied_at, hash), 'apply', applied_at, '[]', applied_at
FROM bundles
"""
"""Bundles were kept with the time at which they were first applied."""

AGAIN = """
INSERT INTO applications (n, bundle, before, how, applied_at, choices, finished_at)
SELECT last.n + 1, active.bundle, last.bundle, 'apply', active.activated_at, '[]', active.activated_at
FROM active_world AS active, applications AS last
WHERE last.n = (SELECT max(n) FROM applications) AND last.bundle <> active.bundle
"""
"""What runs may be files that were applied before others."""


def upgrade() -> None:
    """Make the tables, and fill them from what is known."""
    op.create_table(
        "applications",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bundle", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("applied_at", INSTANT, nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.CheckConstraint(f"how IN ({HOWS})", name=op.f("ck_applications_how")),
        sa.ForeignKeyConstraint(["bundle"], ["bundles.hash"], name="fk_applications_bundle"),
        sa.ForeignKeyConstraint(["before"], ["bundles.hash"], name="fk_applications_before"),
        sa.PrimaryKeyConstraint("n", name="pk_applications"),
    )
    op.create_table(
        "application_stages",
        sa.Column("application", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stage", JSON, nullable=False),
        sa.Column("last_contact", sa.BigInteger(), nullable=False),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["application"], ["applications.n"], name="fk_application_stages_application"),
        sa.PrimaryKeyConstraint("application", "n", name="pk_application_stages"),
    )
    op.execute(KNOWN)
    op.execute(AGAIN)


def downgrade() -> None:
    """Drop them: the bundles stay, the order in which they ran is forgotten."""
    op.drop_table("application_stages")
    op.drop_table("applications")
