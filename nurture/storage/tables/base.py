"""The types and conventions all tables share."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, CheckConstraint, DateTime, Dialect, Integer, MetaData, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(SQLModel):
    """The root of all tables; its `metadata` is what migrations are compared with."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMES)


class Utc(TypeDecorator[datetime]):
    """An aware instant, always in UTC. SQLite keeps it as text of one width, which sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant: it would be read as another time on another machine."""
        if value is None:
            return None
        instant = in_utc(value)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        if value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """On SQLite past SQLAlchemy's three layers of processors, which cost more than the query does."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


@lru_cache(maxsize=4096)
def _from_text(text: str | None) -> datetime | None:
    """Remembered, because a batch has few instants and reads them often."""
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def in_utc(value: datetime) -> datetime:
    """The same instant in UTC (ValueError: naive)."""
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone: storage keeps aware instants only")
    return value.astimezone(UTC)


BIG_KEY: Any = BigInteger().with_variant(Integer(), "sqlite")
"""A number given by the database (only INTEGER counts up by itself on SQLite)."""

JSON_TYPE: Any = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""JSON that SQL may look into."""


def one_of(column: str, values: Iterable[str], *, nullable: bool = False) -> CheckConstraint:
    """A closed set of words as a CHECK (native enums cannot be changed within a transaction)."""
    words = ", ".join(f"'{value}'" for value in values)
    test = f"{column} IN ({words})"
    return CheckConstraint(f"{column} IS NULL OR {test}" if nullable else test, name=column)


def table_of(model: type[SQLModel]) -> Table:
    """The Core table of a model."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table
