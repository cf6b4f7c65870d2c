"""Statements over many rows at once, on both databases.

A list of rows becomes a relation inside the statement: one JSON text, taken apart by the database. So five hundred rows
are one statement with one parameter, planned and cached once, and an INSERT, UPDATE or DELETE joins with it as with any
table. (On PostgreSQL `unnest` of arrays does the same, and costs four times as much: the driver writes arrays in Python.)
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    FromClause,
    LargeBinary,
    Row,
    Select,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from nurture.storage.tables.base import Utc, in_utc

Rows: TypeAlias = Sequence[Sequence[Any]]
Columns: TypeAlias = Sequence[ColumnElement[Any]]
AnyRow: TypeAlias = Row[*tuple[Any, ...]]


def is_sqlite(c: Connection) -> bool:
    """Which of the two databases this is."""
    return c.dialect.name == "sqlite"


def canonical(value: Any) -> str:
    """`value` as JSON text; equal values give equal texts."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def relation(c: Connection, columns: Columns, rows: Rows, name: str = "v") -> FromClause:
    """The rows as a table called `name`, with the names and types of `columns`."""
    writers = [(n, write) for n, col in enumerate(columns) if (write := _writer(c, col.type)) is not None]
    listed = [list(row) for row in rows]
    for row in listed:
        for n, write in writers:
            row[n] = write(row[n])
    each = _elements(c, bindparam(None, canonical(listed), Text()))
    parts = [_column(c, each.c.value, n, col.type).label(_name(col)) for n, col in enumerate(columns)]
    return select(*parts).subquery(name)


def among(c: Connection, where: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """`where` is one of `values`, of which there may be many."""
    if is_sqlite(c):
        listed = func.json_each(bindparam(None, canonical(list(values)), Text())).table_valued("value")
        return where.in_(select(listed.c.value))
    return where == any_(bindparam(None, list(values), ARRAY(where.type)))


def one_of_those(c: Connection, where: ColumnElement[Any], query: Select[*tuple[Any, ...]]) -> ColumnElement[bool]:
    """`where` is one of what `query` finds, which is run once, first.

    On PostgreSQL as an array: a join could be planned as a scan of the whole table.
    """
    if is_sqlite(c):
        return where.in_(query)
    return where == any_(func.array(query.scalar_subquery()))


def insert_rows(
    c: Connection,
    table: Table,
    names: Sequence[str],
    rows: Rows,
    *,
    unless: Sequence[str] | None = None,
    returning: Sequence[str] = (),
) -> Sequence[AnyRow]:
    """Insert, ignoring rows whose `unless` columns are already there; answers `returning` of the rows inserted."""
    if not rows:
        return ()
    statement = _insert(c, table, names, rows)
    if unless is not None:
        statement = statement.on_conflict_do_nothing(index_elements=list(unless))
    return _run(c, table, statement, returning)


def upsert_rows(
    c: Connection,
    table: Table,
    names: Sequence[str],
    rows: Rows,
    *,
    key: Sequence[str],
    keep: Sequence[str] = (),
    only_if: ColumnElement[bool] | None = None,
    also: Callable[[Any], dict[str, Any]] = lambda _excluded: {},
) -> None:
    """Insert, or update the row of the same `key` but its `keep` columns.

    `only_if` limits which rows are updated; `also` sets further columns of them, from the row that could not go in.
    """
    if not rows:
        return
    statement = _insert(c, table, names, rows)
    new = {name: statement.excluded[name] for name in names if name not in key and name not in keep}
    new |= also(statement.excluded)
    c.execute(statement.on_conflict_do_update(index_elements=list(key), set_=new, where=only_if))


def update_rows(
    c: Connection,
    table: Table,
    names: Sequence[str],
    rows: Rows,
    *,
    key: Sequence[str],
    also: dict[str, Any] | None = None,
) -> None:
    """Set the columns of the rows of the same `key`, and `also`."""
    if not rows:
        return
    v = relation(c, [table.c[name] for name in names], rows)
    new = {name: v.c[name] for name in names if name not in key}
    c.execute(update(table).values({**new, **(also or {})}).where(*_same(table, v, key)))


def delete_rows(c: Connection, table: Table, key: Sequence[str], rows: Rows) -> None:
    """Delete the rows of these keys."""
    if not rows:
        return
    v = relation(c, [table.c[name] for name in key], rows)
    c.execute(delete(table).where(select(literal_column("1")).where(*_same(table, v, key)).exists()))


def least(c: Connection, one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    """The lesser of two, or the one that is not NULL."""
    if is_sqlite(c):
        return func.min(func.coalesce(one, other), func.coalesce(other, one), type_=one.type)
    return func.least(one, other, type_=one.type)


def lock(c: Connection, table: Table, key: str, values: Iterable[Any], *only: ColumnElement[bool]) -> list[Any]:
    """Lock these rows in ascending order of `key`, and answer which there are (SQLite's writer is alone already)."""
    where = table.c[key]
    query = select(where).where(among(c, where, values), *only).order_by(where).with_for_update()
    return list(c.execute(query).scalars())


def _insert(c: Connection, table: Table, names: Sequence[str], rows: Rows) -> Any:
    v = relation(c, [table.c[name] for name in names], rows)
    source = select(*(v.c[name] for name in names))
    if is_sqlite(c):  # without a WHERE its parser takes ON CONFLICT for a join
        return sqlite.insert(table).from_select(list(names), source.where(text("1 = 1")))
    return postgresql.insert(table).from_select(list(names), source)


def _run(c: Connection, table: Table, statement: Any, returning: Sequence[str]) -> Sequence[AnyRow]:
    if not returning:
        c.execute(statement)
        return ()
    return c.execute(statement.returning(*(table.c[name] for name in returning))).all()


def _same(table: Table, v: FromClause, key: Sequence[str]) -> list[ColumnElement[bool]]:
    return [and_(*(table.c[name] == v.c[name] for name in key))]


def _elements(c: Connection, text: ColumnElement[Any]) -> FromClause:
    if is_sqlite(c):
        return func.json_each(text).table_valued("value", name="j")
    return func.jsonb_array_elements(cast(text, postgresql.JSONB)).table_valued("value").render_derived(name="j")


def _column(c: Connection, value: ColumnElement[Any], n: int, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Part `n` of a row as its type; what is null in JSON is NULL."""
    if is_sqlite(c):
        return func.json_extract(value, literal_column(f"'$[{n}]'"), type_=kind)
    return cast(value.op("->>")(literal_column(str(n))), kind)


def _writer(c: Connection, kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """How a value of that type is made ready for JSON; None: it is."""
    if isinstance(kind, Utc):
        return _as_text if is_sqlite(c) else _in_utc
    if isinstance(kind, LargeBinary):
        return _as_hex
    return None


@lru_cache(maxsize=4096)
def _as_text(value: datetime | None) -> str | None:
    """As SQLAlchemy's DateTime writes it on SQLite; remembered, because a batch has few instants and writes them often."""
    return None if value is None else in_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else in_utc(value)


def _as_hex(value: bytes) -> str:
    """As PostgreSQL reads it; SQLite cannot make bytes of a text, and takes such rows one by one."""
    return f"\\x{value.hex()}"


def _name(col: ColumnElement[Any]) -> str:
    return str(getattr(col, "name"))  # noqa: B009 - every column of a table has one; the stubs do not say so
