"""Tasks for colleagues, mails that tell a team, reminders and dates of webinars, best variants."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
VARIED = sa.text("variant IS NOT NULL")
OPEN = sa.text("done_at IS NULL")
TASKS = "'call', 'social', 'letter', 'meeting', 'other'"
BEFORE = "'touch', 'confirmation', 'hand_off'"
AFTER = f"{BEFORE}, 'notify'"


def upgrade() -> None:
    """Make the table; let the outbox hold notices to a team."""
    op.create_table(
        "tasks",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.CheckConstraint(f"what IN ({TASKS})", name=op.f("ck_tasks_what")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_tasks_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name="pk_tasks"),
    )
    op.create_index("ix_tasks_contact_id", "tasks", ["contact_id"])
    op.create_index("ix_tasks_open", "tasks", ["due_at", "key"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.add_column("enrolments", sa.Column("reminders", JSON, nullable=False, server_default=sa.text("'[]'")))
    op.create_table(
        "webinar_dates",
        sa.Column("webinar", sa.String(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=True),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("dated_at", INSTANT, nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("webinar", name="pk_webinar_dates"),
    )
    op.add_column("active_world", sa.Column("winners", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_table(
        "winners",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("campaign", "step", name="pk_winners"),
    )
    op.create_index(
        "ix_touches_variants", "touches", ["campaign", "step"], sqlite_where=VARIED, postgresql_where=VARIED
    )
    _purposes(AFTER)


def downgrade() -> None:
    """Drop it; notices to a team that were not sent are forgotten."""
    op.execute("DELETE FROM outbox WHERE purpose = 'notify'")
    _purposes(BEFORE)
    op.drop_index("ix_touches_variants", "touches")
    op.drop_table("winners")
    op.drop_column("active_world", "winners")
    op.drop_table("webinar_dates")
    op.drop_column("enrolments", "reminders")
    op.drop_table("tasks")


def _purposes(words: str) -> None:
    """Change the closed set (on SQLite, where a CHECK cannot be changed, Alembic copies the table)."""
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_constraint(op.f("ck_outbox_purpose"), type_="check")
        outbox.create_check_constraint(op.f("ck_outbox_purpose"), f"purpose IN ({words})")
