"""What was applied, one row a time, and how far each of its stages has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field

from nurture.storage.tables.base import JSON_TYPE, Base, Utc, one_of, table_of

HOWS = ("apply", "rollback")


class ApplicationRow(Base, table=True):
    """One time that files were made what runs; `before` is what ran until then. Unfinished until all stages are done."""

    __tablename__ = "applications"
    __table_args__ = (one_of("how", HOWS),)

    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    bundle: str = Field(foreign_key="bundles.hash")
    before: str | None = Field(foreign_key="bundles.hash")
    how: str
    applied_at: datetime = Field(sa_type=Utc)
    choices: list[Any] = Field(sa_type=JSON_TYPE)
    finished_at: datetime | None = Field(sa_type=Utc)


class ApplicationStageRow(Base, table=True):
    """A stage: all contacts up to `last_contact` have been told, `contacts` of them by it."""

    __tablename__ = "application_stages"

    application: int = Field(primary_key=True, foreign_key="applications.n", sa_column_kwargs={"autoincrement": False})
    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    stage: dict[str, Any] = Field(sa_type=JSON_TYPE)
    last_contact: int = Field(sa_type=BigInteger)
    contacts: int
    done_at: datetime | None = Field(sa_type=Utc)


applications = table_of(ApplicationRow)
application_stages = table_of(ApplicationStageRow)
