"""A statement run row by row inside SQLite's driver: no JSON is written, and none is taken apart.

SQLAlchemy makes the SQL, once; then whole columns are made ready at a time, and the rows go to the driver as they are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from itertools import repeat
from typing import Any

import orjson
from sqlalchemy import JSON, ColumnElement, Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine

from nurture.storage.tables.base import Utc, in_utc

_SQLITE: Any = sqlite.dialect(paramstyle="qmark")


@dataclass(frozen=True, slots=True)
class _Plan:
    """The SQL, and for each of its places the column of the row, or else the name of what all rows share."""

    sql: str
    places: tuple[int | str, ...]
    shared: Mapping[str, Any]


def run_each(
    c: Connection,
    statement: Any,
    columns: Sequence[ColumnElement[Any]],
    rows: Sequence[Sequence[Any]],
    told: Mapping[str, Any] | None = None,
) -> None:
    """Run the statement for each row, `row_NAME` being the value of its column NAME; `told` is the same for all rows."""
    plan = _plan(statement, tuple(columns))
    ready = [_ready(column.type, values) for column, values in zip(columns, zip(*rows, strict=True), strict=True)]
    shared = {**plan.shared, **{name: _shared(value) for name, value in (told or {}).items()}}
    parts = [ready[place] if isinstance(place, int) else repeat(shared[place], len(rows)) for place in plan.places]
    c.exec_driver_sql(plan.sql, list(zip(*parts, strict=True)))


@cache
def _plan(statement: Any, columns: tuple[ColumnElement[Any], ...]) -> _Plan:
    compiled = statement.compile(dialect=_SQLITE)
    numbers = {f"row_{column.name}": n for n, column in enumerate(columns)}
    names: Sequence[str] = compiled.positiontup
    processors: Mapping[str, Callable[[Any], Any]] = compiled._bind_processors
    shared = {
        name: processors[name](value) if name in processors and value is not None else value
        for name, value in compiled.params.items()
        if name not in numbers
    }
    return _Plan(str(compiled), tuple(numbers.get(name, name) for name in names), shared)


def _ready(kind: TypeEngine[Any], values: Iterable[Any]) -> Iterable[Any]:
    """A whole column as SQLite keeps it."""
    if isinstance(kind, Utc):
        return map(wire_text, values)
    if isinstance(kind, JSON):
        return [None if v is None else orjson.dumps(v, option=orjson.OPT_SORT_KEYS).decode() for v in values]
    return values


def _shared(value: Any) -> Any:
    return wire_text(value) if isinstance(value, datetime) else value


@lru_cache(maxsize=4096)
def wire_text(value: datetime | None) -> str | None:
    """As SQLAlchemy's DateTime writes it on SQLite; remembered, because a batch has few instants and writes them often."""
    return None if value is None else in_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")
