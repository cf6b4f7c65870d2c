"""Whether an enrolment has ended is a column of its own, which the database works out from its position.

A step changes the position, and an index whose condition names it is then written anew with every other index of the row,
though the contact is as much in the campaign as before. This column changes once, at the end.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ENDED = sa.Computed("position = 'ended'")
NAME, COLUMNS = "ix_enrolments_live", ["campaign", "version", "stage"]


def upgrade() -> None:
    """Add the column, and have the index of those who are in a campaign go by it."""
    ENDED.persisted = True if op.get_bind().dialect.name == "postgresql" else None  # SQLite adds none that is stored
    op.drop_index(NAME, "enrolments")
    op.add_column("enrolments", sa.Column("ended", sa.Boolean(), ENDED, nullable=True))
    live = {"sqlite_where": sa.text("ended = 0"), "postgresql_where": sa.text("NOT ended")}
    op.create_index(NAME, "enrolments", COLUMNS, **live)


def downgrade() -> None:
    """Go by the position again."""
    op.drop_index(NAME, "enrolments")
    op.drop_column("enrolments", "ended")
    live = sa.text("position <> 'ended'")
    op.create_index(NAME, "enrolments", COLUMNS, sqlite_where=live, postgresql_where=live)
