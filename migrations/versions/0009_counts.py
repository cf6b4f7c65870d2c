"""How many decisions a contact has seen stands where its decisions are scheduled, and no more in its own, wide row.

Every decision counts one up; most change nothing else of a person. And what is claimed and settled again and again has
room to change where it stands: PostgreSQL writes every index of a row anew when a column of any of them changed, or when the
page is full.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

IN_FLIGHT = sa.text("state = 'intent'")
ROOM = {"agenda": 60, "outbox": 60, "enrolments": 80, "touches": 80}
"""How full PostgreSQL packs a page, in percent: what is left is for rows that change."""


def upgrade() -> None:
    """Move the count, and give everybody who has one a place on the agenda."""
    op.add_column("agenda", sa.Column("seq", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "INSERT INTO agenda (contact_id, strikes, problem) SELECT id, 0, '' FROM contacts "
        "WHERE seq > 0 AND NOT EXISTS (SELECT 1 FROM agenda WHERE agenda.contact_id = contacts.id)"
    )
    op.execute("UPDATE agenda SET seq = (SELECT seq FROM contacts WHERE contacts.id = agenda.contact_id)")
    op.drop_column("contacts", "seq")
    op.drop_index("ix_outbox_in_flight", "outbox")
    op.create_index("ix_outbox_in_flight", "outbox", ["key"], sqlite_where=IN_FLIGHT, postgresql_where=IN_FLIGHT)
    for table, percent in ROOM.items():
        _fill(table, f"SET (fillfactor = {percent})")


def downgrade() -> None:
    """Move it back."""
    op.add_column("contacts", sa.Column("seq", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE contacts SET seq = (SELECT seq FROM agenda WHERE agenda.contact_id = contacts.id) "
        "WHERE EXISTS (SELECT 1 FROM agenda WHERE agenda.contact_id = contacts.id)"
    )
    op.drop_column("agenda", "seq")
    op.drop_index("ix_outbox_in_flight", "outbox")
    op.create_index(
        "ix_outbox_in_flight", "outbox", ["leased_until"], sqlite_where=IN_FLIGHT, postgresql_where=IN_FLIGHT
    )
    for table in ROOM:
        _fill(table, "RESET (fillfactor)")


def _fill(table: str, change: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} {change}")
