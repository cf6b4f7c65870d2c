"""What keeps mail back for now: brakes with who, when and why, budgets, and by what this database knows itself."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field

from nurture.storage.tables.base import BIG_KEY, Base, Utc, one_of, table_of
from nurture.storage.words import BrakeKind

ON = text("released_at IS NULL")


class BrakeRow(Base, table=True):
    """A brake, and once it is released its record: rows are never deleted. `campaign` is empty where it stops everything.

    An approval keeps back only who entered after `starts`, but for `share` of ten thousand of them.
    """

    __tablename__ = "brakes"
    __table_args__ = (
        one_of("kind", BrakeKind),
        Index("ix_brakes_on", "campaign", "kind", unique=True, sqlite_where=ON, postgresql_where=ON),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_KEY)
    campaign: str
    kind: str
    since: datetime = Field(sa_type=Utc)
    by: str
    why: str
    starts: datetime | None = Field(sa_type=Utc)
    share: int
    released_at: datetime | None = Field(sa_type=Utc)
    released_by: str | None


class BudgetRow(Base, table=True):
    """How much of a bucket's window is used, how many messages wait for later windows, and since when it is counted."""

    __tablename__ = "budgets"

    bucket: str = Field(primary_key=True)
    window_at: datetime = Field(sa_type=Utc)
    used: int
    behind: int
    began_at: datetime = Field(sa_type=Utc)


class WatchRow(Base, table=True):
    """One row: where this database lay when it was last sent from, and a count that only grows while it is."""

    __tablename__ = "watch"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True)
    place: str
    mark: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=Utc)


brakes = table_of(BrakeRow)
budgets = table_of(BudgetRow)
watch = table_of(WatchRow)
