"""By what a database is known to be the one that was sent from: where it lies, and a count that only grows.

A dump that is loaded elsewhere and a copied file lie elsewhere. An older state put back in the same place does not, so a
folder beside the process remembers the highest count it saw; see `delivery/held_boot.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import DBAPIError

from nurture.storage.bulk import insert_rows, is_sqlite
from nurture.storage.tables import watch

LEAP = 1_000_000
"""A person's word that this is the one to send from takes the count beyond any that an earlier state had: two years of minutes."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was written down when the database was last sent from."""

    place: str
    mark: int
    at: datetime


def place_of(c: Connection) -> str:
    """Where the database lies: cluster and number on PostgreSQL, the file's own number on SQLite."""
    if is_sqlite(c):
        file = c.engine.url.database or ""
        return f"inode {Path(file).stat().st_ino}"
    oid = c.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
    try:
        with c.begin_nested():
            cluster = c.execute(text("SELECT system_identifier FROM pg_control_system()")).scalar_one()
    except DBAPIError:  # a host that does not tell its customers
        cluster = "?"
    return f"cluster {cluster} database {oid}"


def known(c: Connection) -> Known | None:
    """What was written down; None: it was never sent from."""
    row = c.execute(select(watch.c.place, watch.c.mark, watch.c.at)).first()
    return None if row is None else Known(*row)


def write_mark(c: Connection, now: datetime) -> int:
    """One more; answers the count. The first time, the place is written down."""
    more = update(watch).values(mark=watch.c.mark + 1, at=now).returning(watch.c.mark)
    found = c.execute(more).scalar()
    if found is not None:
        return int(found)
    insert_rows(c, watch, ("id", "place", "mark", "at"), [(1, place_of(c), 1, now)], unless=["id"])
    return 1


def adopt(c: Connection, now: datetime) -> None:
    """From here it is sent from now on."""
    c.execute(update(watch).values(place=place_of(c), mark=watch.c.mark + LEAP, at=now))
