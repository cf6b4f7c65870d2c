"""A crowd of contacts in a few seconds: copies of one contact whom the engine has enrolled, made by the database itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Table,
    Text,
    cast,
    func,
    insert,
    literal,
    select,
    text,
)

from nurture.storage.bulk import is_sqlite
from nurture.storage.database import Database
from nurture.storage.tables import agenda, contacts, enrolments

DIGITS = 10**15
"""Numbers are written with as many digits, so that a key always has 32 characters, all of them hexadecimal."""


def crowd(db: Database, count: int, due_at: datetime) -> None:
    """`copies`, after which the database has done what it does by itself within minutes (SQLite does it when closed)."""
    copies(db, count, due_at)
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.execute(text("VACUUM ANALYZE"))
            c.execute(text("CHECKPOINT"))


def copies(db: Database, count: int, due_at: datetime) -> None:
    """`count` contacts with names of their own who wait to be written to, to be looked at no earlier than `due_at`."""
    with db.begin() as c:
        waits = select(enrolments.c.contact_id).where(enrolments.c.position == "slotted")
        model = c.execute(waits.order_by(enrolments.c.contact_id).limit(1)).scalar_one()
        last = c.execute(select(contacts.c.id).order_by(contacts.c.id.desc()).limit(1)).scalar_one()
        numbers = select(literal(last + 1, BigInteger).label("n")).cte("numbers", recursive=True)
        numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < last + count))
        _copy(c, contacts, contacts.c.id == model, numbers, {"id": numbers.c.n, **_own(c, model, numbers.c.n)})
        _copy(c, enrolments, enrolments.c.contact_id == model, numbers, {"contact_id": numbers.c.n})
        due = literal(due_at, agenda.c.due_at.type)
        _copy(c, agenda, agenda.c.contact_id == model, numbers, {"contact_id": numbers.c.n, "due_at": due})


def _own(c: Connection, model: int, n: ColumnElement[int]) -> dict[str, ColumnElement[Any]]:
    """What no two contacts share: keys and addresses, which must differ, and first names, so that mails do."""
    digits = cast(n + DIGITS, Text)
    name = c.execute(select(contacts.c.fields).where(contacts.c.id == model)).scalar_one()["first_name"]
    renamed = func.replace(
        cast(contacts.c.fields, Text), f'"{name}"', literal('"Claire-') + cast(n, Text) + literal('"')
    )
    return {
        "key": literal("c0ffee0000000000") + digits,
        "address_hash": literal("cafe000000000000") + digits,
        "address": literal("crowd.") + digits + literal("@exemple.example"),
        "fields": renamed if is_sqlite(c) else cast(renamed, contacts.c.fields.type),
    }


def _copy(
    c: Connection, table: Table, of: ColumnElement[bool], numbers: CTE, new: Mapping[str, ColumnElement[Any]]
) -> None:
    names = [column.name for column in table.columns if column.computed is None]
    copied = select(*(new.get(name, table.c[name]) for name in names)).select_from(table).join(numbers, literal(True))
    c.execute(insert(table).from_select(names, copied.where(of)))
