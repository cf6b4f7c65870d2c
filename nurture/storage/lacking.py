"""How many contacts lack a value that mails print, counted where the contacts are."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, or_, select

from nurture.storage.tables import contacts

KEPT_APART = ("address", "language", "country")
"""What is a column of its own rather than one of the fields."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """Of `contacts` contacts, `lacking` have no value."""

    lacking: int
    contacts: int


def lacking(c: Connection, field: str, language: str) -> Lacking:
    """The contacts of this language, or of none, that have nothing to print for the field. One statement."""
    value = _value(field)
    nothing = or_(value.is_(None), func.trim(value) == "")
    spoken = contacts.c.language.in_((language, ""))
    count = func.coalesce(func.sum(case((nothing, 1), else_=0)), 0)
    row = c.execute(select(count, func.count()).select_from(contacts).where(spoken)).one()
    return Lacking(int(row[0]), int(row[1]))


def _value(field: str) -> ColumnElement[Any]:
    if field in KEPT_APART:
        return contacts.c[field]
    value: ColumnElement[Any] = contacts.c.fields[field].as_string()
    return value
