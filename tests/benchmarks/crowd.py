"""A crowd of contacts in a few seconds: copies of one contact whom the engine has enrolled, made by the database itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, Text, cast, insert, literal, select, text, update

from nurture.storage.bulk import is_sqlite
from nurture.storage.database import Database
from nurture.storage.tables import agenda, contacts, enrolments

DIGITS = 10**15
"""Numbers are written with as many digits, so that a key always has 32 characters, all of them hexadecimal."""


def crowd(db: Database, count: int, due_at: datetime) -> None:
    """`count` copies of a contact who waits to be written to, each to be looked at no earlier than `due_at`."""
    with db.begin() as c:
        waits = select(enrolments.c.contact_id).where(enrolments.c.position == "slotted")
        model = c.execute(waits.order_by(enrolments.c.contact_id).limit(1)).scalar_one()
        last = c.execute(select(contacts.c.id).order_by(contacts.c.id.desc()).limit(1)).scalar_one()
        for table, key in ((contacts, "id"), (enrolments, "contact_id"), (agenda, "contact_id")):
            _copy(c, table, key, model, last, count)
        c.execute(update(agenda).where(agenda.c.contact_id > last).values(due_at=due_at))
        if not is_sqlite(c):  # as autovacuum does, a minute later
            c.execute(text("ANALYZE"))


def _copy(c: Connection, table: Table, key: str, model: int, last: int, count: int) -> None:
    numbers = select(literal(last + 1, BigInteger).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < last + count))
    new: dict[str, ColumnElement[Any]] = {key: numbers.c.n}
    if table is contacts:
        digits = cast(numbers.c.n + DIGITS, Text)
        new |= {
            "key": literal("c0ffee0000000000") + digits,
            "address_hash": literal("cafe000000000000") + digits,
            "address": literal("crowd.") + digits + literal("@exemple.example"),
        }
    names = [column.name for column in table.columns]
    copied = select(*(new.get(name, table.c[name]) for name in names)).select_from(table).join(numbers, literal(True))
    c.execute(insert(table).from_select(names, copied.where(table.c[key] == model)))
