"""How many decisions a contact has seen stands where its decisions are scheduled, and no more in its own, wide row.

Every decision counts one up; most change nothing else of a person.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the count, and give everybody who has one a place on the agenda."""
    op.add_column("agenda", sa.Column("seq", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "INSERT INTO agenda (contact_id, strikes, problem) SELECT id, 0, '' FROM contacts "
        "WHERE seq > 0 AND NOT EXISTS (SELECT 1 FROM agenda WHERE agenda.contact_id = contacts.id)"
    )
    op.execute("UPDATE agenda SET seq = (SELECT seq FROM contacts WHERE contacts.id = agenda.contact_id)")
    op.drop_column("contacts", "seq")


def downgrade() -> None:
    """Move it back."""
    op.add_column("contacts", sa.Column("seq", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE contacts SET seq = (SELECT seq FROM agenda WHERE agenda.contact_id = contacts.id) "
        "WHERE EXISTS (SELECT 1 FROM agenda WHERE agenda.contact_id = contacts.id)"
    )
    op.drop_column("agenda", "seq")
