"""Values and rows find their way into a statement as they are, whatever they hold."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Column, MetaData, Table, Text, func, select

from nurture.storage.bulk import among, among_given, given_rows, given_values, insert_rows, is_sqlite
from nurture.storage.database import Database
from nurture.storage.tables.base import Utc

ODD = [
    "",
    " ",
    "a",
    "a,b",
    "{}",
    "[]",
    "NULL",
    "null",
    '"',
    '"a"',
    "\\",
    "\\n",
    '\\"',
    "\n",
    "\t",
    "\x1f",
    "é",
    "日本",
    "'",
    "$1",
    "%s",
]

odd = Table("odd", MetaData(), Column("name", Text()), Column("at", Utc()), prefixes=["TEMPORARY"])

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
INSTANTS = {
    "in UTC": [NOON, NOON + timedelta(microseconds=1)],
    "none": [None, NOON],
    "another zone": [NOON.astimezone(ZoneInfo("Europe/Paris")), NOON],
    "UTC by another name": [NOON.astimezone(ZoneInfo("UTC")), NOON.astimezone(timezone(timedelta(0)))],
}


def _odd(db: Database, *, without: str | None = None) -> list[str]:
    """Which of the odd texts the database finds among those given, in both ways."""
    with db.begin() as c:
        odd.create(c)
        insert_rows(c, odd, ("name",), [(name,) for name in ODD])
        given = [name for name in ODD if name != without]
        kept = c.execute(select(odd.c.name).where(among_given(is_sqlite(c), odd.c.name)), given_values(c, given))
        found = sorted(kept.scalars())
        assert sorted(c.execute(select(odd.c.name).where(among(c, odd.c.name, given))).scalars()) == found
    return found


def test_a_text_is_found_among_others_whatever_it_holds(db: Database) -> None:
    assert _odd(db) == sorted(ODD)


@pytest.mark.parametrize("gone", ODD)
def test_no_text_is_taken_for_another(db: Database, gone: str) -> None:
    assert gone not in _odd(db, without=gone)


def test_among_none_there_is_nothing(db: Database) -> None:
    with db.begin() as c:
        odd.create(c)
        insert_rows(c, odd, ("name",), [("a",)])
        assert c.execute(select(func.count()).where(among(c, odd.c.name, []))).scalar() == 0


@pytest.mark.parametrize("instants", INSTANTS.values(), ids=INSTANTS)
def test_an_instant_is_stored_whatever_its_zone(db: Database, instants: list[datetime | None]) -> None:
    rows = [(str(n), at) for n, at in enumerate(instants)]
    with db.begin() as c:
        odd.create(c)
        insert_rows(c, odd, ("name", "at"), rows)
        assert c.execute(select(odd.c.name, odd.c.at).order_by(odd.c.name)).all() == rows


def test_an_instant_without_a_zone_is_refused(db: Database) -> None:
    with db.begin() as c, pytest.raises(ValueError, match="no time zone"):
        given_rows(c, [odd.c.at], [(NOON,), (NOON.replace(tzinfo=None),)])
