"""Statements over many rows at once, on both databases.

Five hundred rows are one statement, built once and kept, with the rows as its one parameter.

    PostgreSQL   the rows are one JSON text that the database takes apart, so that an INSERT, UPDATE or DELETE joins with
                 it as with any table (`unnest` of arrays does the same and costs four times as much: the driver writes
                 arrays in Python)
    SQLite       the same where rows have to come back, or are looked for; plain writes are run row by row inside the
                 driver (`each.py`), which costs half
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias

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
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

from nurture.storage.canonical import canonical
from nurture.storage.each import run_each, wire_text
from nurture.storage.tables.base import Utc, in_utc

Rows: TypeAlias = Sequence[Sequence[Any]]
Columns: TypeAlias = Sequence[ColumnElement[Any]]
AnyRow: TypeAlias = Row[*tuple[Any, ...]]
Also: TypeAlias = Callable[[Any], dict[str, Any]]
"""Further columns to set, from the row that could not go in. A function of a module, since statements are kept by it."""

ROWS = "given_rows"
VALUES = "given_values"


def is_sqlite(c: Connection) -> bool:
    """Which of the two databases this is."""
    return c.dialect.name == "sqlite"


def relation(lite: bool, columns: Columns, name: str = "v") -> FromClause:
    """The rows given as `given_rows` as a table called `name`, with the names and types of `columns`."""
    each = _elements(lite, bindparam(ROWS, type_=Text()))
    parts = [_column(lite, each.c.value, n, col.type).label(_name(col)) for n, col in enumerate(columns)]
    return select(*parts).subquery(name)


def given_rows(c: Connection, columns: Columns, rows: Rows) -> dict[str, str]:
    """The parameter that `relation` reads."""
    writers = [(n, write) for n, col in enumerate(columns) if (write := _writer(c, col.type)) is not None]
    listed = [list(row) for row in rows]
    for row in listed:
        for n, write in writers:
            row[n] = write(row[n])
    return {ROWS: canonical(listed)}


def among_given(lite: bool, where: ColumnElement[Any]) -> ColumnElement[bool]:
    """`where` is one of the values given as `given_values`: for a statement that is kept."""
    if lite:
        listed = func.json_each(bindparam(VALUES, type_=Text())).table_valued("value")
        return where.in_(select(listed.c.value))
    return where == any_(bindparam(VALUES, type_=ARRAY(where.type)))


def given_values(c: Connection, values: Iterable[Any]) -> dict[str, Any]:
    """The parameter that `among_given` reads."""
    return {VALUES: canonical(list(values)) if is_sqlite(c) else list(values)}


def among(c: Connection, where: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """`where` is one of `values`, of which there may be many: for a statement that is built each time."""
    if is_sqlite(c):
        listed = func.json_each(bindparam(None, canonical(list(values)), Text())).table_valued("value")
        return where.in_(select(listed.c.value))
    return where == any_(bindparam(None, list(values), ARRAY(where.type)))


def one_of_those(lite: bool, where: ColumnElement[Any], query: Select[*tuple[Any, ...]]) -> ColumnElement[bool]:
    """`where` is one of what `query` finds, which is run once, first; `lite` on SQLite.

    On PostgreSQL as an array: a join could be planned as a scan of the whole table.
    """
    if lite:
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
    """Insert, ignoring rows whose `unless` columns are already there (of none: any that must be unique); answers `returning` of the rows inserted."""
    if not rows:
        return ()
    lite, spared = is_sqlite(c), None if unless is None else tuple(unless)
    if lite and not returning:
        run_each(c, _inserted_each(table, tuple(names), spared), [table.c[name] for name in names], rows)
        return ()
    statement = _inserted(lite, table, tuple(names), spared, tuple(returning))
    result = c.execute(statement, given_rows(c, [table.c[name] for name in names], rows))
    return result.all() if returning else ()


def upsert_rows(
    c: Connection,
    table: Table,
    names: Sequence[str],
    rows: Rows,
    *,
    key: Sequence[str],
    keep: Sequence[str] = (),
    only_if: ColumnElement[bool] | None = None,
    also: Also | None = None,
) -> None:
    """Insert, or update the row of the same `key` but its `keep` columns.

    `only_if` limits which rows are updated; `also` sets further columns of them. Both are made once, by a module.
    """
    if not rows:
        return
    lite = is_sqlite(c)
    statement = _upserted(lite, table, tuple(names), tuple(key), tuple(keep), only_if, also)
    columns = [table.c[name] for name in names]
    if lite:
        run_each(c, statement, columns, rows)
    else:
        c.execute(statement, given_rows(c, columns, rows))


def update_rows(
    c: Connection,
    table: Table,
    names: Sequence[str],
    rows: Rows,
    *,
    key: Sequence[str],
    also: dict[str, Any] | None = None,
) -> None:
    """Set the columns of the rows of the same `key`, and `also`, which is the same for all of them.

    What `also` holds of SQL is made once, by a module.
    """
    if not rows:
        return
    also, lite = also or {}, is_sqlite(c)
    fixed = tuple((name, value) for name, value in also.items() if isinstance(value, ColumnElement))
    told = {f"also_{name}": value for name, value in also.items() if not isinstance(value, ColumnElement)}
    statement = _updated(lite, table, tuple(names), tuple(key), fixed, tuple(told))
    columns = [table.c[name] for name in names]
    if lite:
        run_each(c, statement, columns, rows, told)
    else:
        c.execute(statement, {**given_rows(c, columns, rows), **told})


def delete_rows(c: Connection, table: Table, key: Sequence[str], rows: Rows) -> None:
    """Delete the rows of these keys."""
    if rows:
        c.execute(_deleted(is_sqlite(c), table, tuple(key)), given_rows(c, [table.c[name] for name in key], rows))


def least(one: ColumnElement[Any], other: ColumnElement[Any], lite: bool) -> ColumnElement[Any]:
    """The lesser of two, or the one that is not NULL."""
    if lite:
        return func.min(func.coalesce(one, other), func.coalesce(other, one), type_=one.type)
    return func.least(one, other, type_=one.type)


def lock(
    c: Connection, table: Table, key: str, values: Iterable[Any], *only: ColumnElement[bool], **told: Any
) -> list[Any]:
    """Lock these rows in ascending order of `key`, and answer which there are (SQLite's writer is alone already).

    `only` are made once, by a module, and read `told` as parameters.
    """
    return list(c.execute(_locked(is_sqlite(c), table, key, only), {**given_values(c, values), **told}).scalars())


# The statements, each built once. Tables, and what modules made of SQL, are told apart by identity; what is made anew at
# each call would be kept in vain, and pushes out what is not.


@cache
def _inserted(
    lite: bool, table: Table, names: tuple[str, ...], unless: tuple[str, ...] | None, returning: tuple[str, ...]
) -> Any:
    statement = _insert(lite, table, names)
    if unless is not None:
        statement = statement.on_conflict_do_nothing(index_elements=list(unless) or None)
    return statement.returning(*(table.c[name] for name in returning)) if returning else statement


@cache
def _inserted_each(table: Table, names: tuple[str, ...], unless: tuple[str, ...] | None) -> Any:
    statement = sqlite.insert(table).values({**_defaults(table), **_places(table, names)})
    return statement if unless is None else statement.on_conflict_do_nothing(index_elements=list(unless) or None)


@cache
def _upserted(
    lite: bool,
    table: Table,
    names: tuple[str, ...],
    key: tuple[str, ...],
    keep: tuple[str, ...],
    only_if: ColumnElement[bool] | None,
    also: Also | None,
) -> Any:
    statement = (
        sqlite.insert(table).values({**_defaults(table), **_places(table, names)})
        if lite
        else _insert(lite, table, names)
    )
    new = {name: statement.excluded[name] for name in names if name not in key and name not in keep}
    new |= also(statement.excluded) if also is not None else {}
    return statement.on_conflict_do_update(index_elements=list(key), set_=new, where=only_if)


@cache
def _updated(
    lite: bool,
    table: Table,
    names: tuple[str, ...],
    key: tuple[str, ...],
    fixed: tuple[tuple[str, ColumnElement[Any]], ...],
    told: tuple[str, ...],
) -> Any:
    given: Any = _places(table, names) if lite else relation(lite, [table.c[name] for name in names]).c
    new: dict[str, Any] = {name: given[name] for name in names if name not in key}
    new |= dict(fixed)
    for place in told:
        name = place.removeprefix("also_")
        new[name] = bindparam(place, type_=table.c[name].type)
    return update(table).values(new).where(and_(*(table.c[name] == given[name] for name in key)))


@cache
def _deleted(lite: bool, table: Table, key: tuple[str, ...]) -> Any:
    v = relation(lite, [table.c[name] for name in key])
    same = and_(*(table.c[name] == v.c[name] for name in key))
    return delete(table).where(select(literal_column("1")).where(same).exists())


@cache
def _locked(lite: bool, table: Table, key: str, only: tuple[ColumnElement[bool], ...]) -> Any:
    where = table.c[key]
    return select(where).where(among_given(lite, where), *only).order_by(where).with_for_update()


def _insert(lite: bool, table: Table, names: Sequence[str]) -> Any:
    v = relation(lite, [table.c[name] for name in names])
    source = select(*(v.c[name] for name in names))
    if lite:  # without a WHERE its parser takes ON CONFLICT for a join
        return sqlite.insert(table).from_select(list(names), source.where(text("1 = 1")))
    return postgresql.insert(table).from_select(list(names), source)


def _places(table: Table, names: Sequence[str]) -> dict[str, Any]:
    """A place for each column of a row, as `each.py` fills them."""
    return {name: bindparam(f"row_{name}", type_=table.c[name].type) for name in names}


def _defaults(table: Table) -> dict[str, Any]:
    """What a new row has where nothing is said: `each.py` runs the SQL without SQLAlchemy, which would put it in."""
    return {col.name: col.default.arg for col in table.c if isinstance(col.default, ScalarElementColumnDefault)}


def _elements(lite: bool, text: ColumnElement[Any]) -> FromClause:
    if lite:
        return func.json_each(text).table_valued("value", name="j")
    return func.jsonb_array_elements(cast(text, postgresql.JSONB)).table_valued("value").render_derived(name="j")


def _column(lite: bool, value: ColumnElement[Any], n: int, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Part `n` of a row as its type; what is null in JSON is NULL."""
    if lite:
        return func.json_extract(value, literal_column(f"'$[{n}]'"), type_=kind)
    return cast(value.op("->>")(literal_column(str(n))), kind)


def _writer(c: Connection, kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """How a value of that type is made ready for JSON; None: it is."""
    if isinstance(kind, Utc):
        return wire_text if is_sqlite(c) else _in_utc
    if isinstance(kind, LargeBinary):
        return _as_hex
    return None


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else in_utc(value)


def _as_hex(value: bytes) -> str:
    """As PostgreSQL reads it; SQLite cannot make bytes of a text, and takes such rows one by one."""
    return f"\\x{value.hex()}"


def _name(col: ColumnElement[Any]) -> str:
    return str(getattr(col, "name"))  # noqa: B009 - every column of a table has one; the stubs do not say so
