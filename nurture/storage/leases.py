"""How work is taken: a token and a real time on the rows, so that no two workers have the same.

Whoever writes later must still find its token on the row. A lease that ran out is nobody's until another takes it; then
the first worker's token is gone from the row, and whatever it still wants to write is dropped.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, or_, select, update

from nurture.storage.bulk import one_of_those
from nurture.storage.database import real_now

TOKEN_BITS = 62


@dataclass(frozen=True, slots=True)
class Lease:
    """What was taken: `keys` ascending, held until `until` by the database's clock."""

    token: int
    keys: tuple[Any, ...]
    until: datetime


def take(
    c: Connection,
    table: Table,
    key: str,
    business_now: datetime,
    limit: int,
    lease: timedelta,
    *only: ColumnElement[bool],
) -> Lease:
    """Lease the `limit` rows that are due longest; rows another transaction is at are passed over, not waited for."""
    now = real_now(c)
    token, until = secrets.randbits(TOKEN_BITS), now + lease
    due = table.c.due_at
    query = select(table.c[key]).where(due <= business_now, free(table, now), *only).order_by(due, table.c[key])
    picked = query.limit(limit).with_for_update(skip_locked=True)
    change = update(table).values(token=token, leased_until=until).where(one_of_those(c, table.c[key], picked))
    return Lease(token, tuple(sorted(c.execute(change.returning(table.c[key])).scalars())), until)


def give_back(c: Connection, table: Table, token: int) -> None:
    """Free what is still held under the token."""
    c.execute(
        update(table).values(token=None, leased_until=None).where(table.c.token == token, table.c.due_at.is_not(None))
    )


def free(table: Table, now: datetime) -> ColumnElement[bool]:
    """The row is in nobody's hands."""
    return or_(table.c.leased_until.is_(None), table.c.leased_until <= now)


def first_due(c: Connection, table: Table) -> datetime | None:
    """The least due date of the rows in nobody's hands."""
    due = table.c.due_at
    query = select(due).where(due.is_not(None), free(table, real_now(c))).order_by(due).limit(1)
    found: datetime | None = c.execute(query).scalar()
    return found
