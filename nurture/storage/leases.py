"""How work is taken: a token and a real time on the rows, so that no two workers have the same.

Whoever writes later must still find its token on the row. A lease that ran out is nobody's until another takes it; then
the first worker's token is gone from the row, and whatever it still wants to write is dropped.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, Update, bindparam, or_, select, text, update
from sqlalchemy.sql.dml import ReturningUpdate

from nurture.storage.bulk import is_sqlite, one_of_those
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
    """Lease the `limit` rows that are due longest; rows another transaction is at are passed over, not waited for.

    `only` are made once, by a module, and may read the parameter `business_now`.
    """
    now = real_now(c)
    if not is_sqlite(c):
        c.execute(_ALONG_THE_INDEX)
    token, until = secrets.randbits(TOKEN_BITS), now + lease
    told = {"business_now": business_now, "real_now": now, "most": limit, "ours": token, "until": until}
    taken = c.execute(_taking(is_sqlite(c), table, key, only), told)
    return Lease(token, tuple(sorted(taken.scalars())), until)


def give_back(c: Connection, table: Table, token: int) -> None:
    """Free what is still held under the token."""
    c.execute(_giving_back(table), {"ours": token})


def first_due(c: Connection, table: Table) -> datetime | None:
    """The least due date of the rows in nobody's hands."""
    found: datetime | None = c.execute(_first_due(table), {"real_now": real_now(c)}).scalar()
    return found


# A statement takes longer to make than to run: each is made once.

_ALONG_THE_INDEX = text("SELECT set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true)")
"""For this transaction: what is due longest comes first by the index, and a backlog is never read and sorted whole for a few
of it. PostgreSQL's statistics are a minute old, and a campaign may have made a hundred thousand due meanwhile."""


@lru_cache
def _taking(
    lite: bool, table: Table, key: str, only: tuple[ColumnElement[bool], ...]
) -> ReturningUpdate[*tuple[Any, ...]]:
    due = table.c.due_at
    query = select(table.c[key]).where(due <= bindparam("business_now"), is_free(table), *only)
    picked = query.order_by(due, table.c[key]).limit(bindparam("most")).with_for_update(skip_locked=True)
    change = update(table).values(token=bindparam("ours"), leased_until=bindparam("until"))
    return change.where(one_of_those(lite, table.c[key], picked)).returning(table.c[key])


@lru_cache
def _giving_back(table: Table) -> Update:
    ours = (table.c.token == bindparam("ours"), table.c.due_at.is_not(None))
    return update(table).values(token=None, leased_until=None).where(*ours)


@lru_cache
def _first_due(table: Table) -> Select[*tuple[Any, ...]]:
    due = table.c.due_at
    return select(due).where(due.is_not(None), is_free(table)).order_by(due).limit(1)


def is_free(table: Table) -> ColumnElement[bool]:
    """Whether the row is in nobody's hands at the parameter `real_now`."""
    return or_(table.c.leased_until.is_(None), table.c.leased_until <= bindparam("real_now"))
