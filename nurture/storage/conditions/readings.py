"""What a reference of a condition stands for, in SQL: a field's value by its type, and what contacts have apart."""

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Numeric, Text, and_, case, cast, collate, false, func, literal, or_, true

from nurture.storage.conditions.asked import Asked
from nurture.storage.folding import casefolded
from nurture.storage.tables import contacts

_PLAIN = re.compile(r'[^"\\\x00-\x1f\ud800-\udfff]+')
"""Names that are written in a JSON path, and in the JSON of contacts, as they are."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A value that a contact may have. Each part is NULL unless the value is of that type; `known` is never NULL.

    `text` is folded, as texts are compared; `flag` is 0 or 1. A type that the value never has is None.
    """

    known: ColumnElement[bool]
    text: ColumnElement[Any] | None = None
    whole: ColumnElement[Any] | None = None
    flag: ColumnElement[Any] | None = None

    @property
    def number(self) -> ColumnElement[Any] | None:
        """What has an order among numbers: yes and no do, too."""
        if self.whole is None or self.flag is None:
            return self.whole
        return func.coalesce(self.whole, self.flag)


def status() -> Reading:
    """A word of a closed set, in small letters."""
    return Reading(true(), text=contacts.c.status)


def apart(column: ColumnElement[Any], asked: Asked) -> Reading:
    """A text that contacts have in a column of its own, where empty is unknown."""
    return Reading(column != "", text=casefolded(func.nullif(column, ""), asked.lite))


def day_of(instant: ColumnElement[Any], asked: Asked) -> Reading:
    """The UTC date of an instant; none is unknown."""
    day = (
        func.strftime("%Y-%m-%d", instant) if asked.lite else func.to_char(func.timezone("UTC", instant), "YYYY-MM-DD")
    )
    return Reading(instant.is_not(None), text=cast(day, Text()) if asked.lite else collate(day, "C"))


def nullable(text: ColumnElement[Any], asked: Asked) -> Reading:
    """A text of which NULL alone is unknown."""
    return Reading(text.is_not(None), text=casefolded(text, asked.lite))


def points(milli: ColumnElement[Any]) -> Reading:
    """Milli-points, which everybody has."""
    return Reading(true(), whole=milli)


def field(name: str, asked: Asked) -> Reading | None:
    """A field of that name; None where SQL cannot name it."""
    if not _PLAIN.fullmatch(name):
        return None
    kind, text, whole, flag = _on_sqlite(name) if asked.lite else _on_postgresql(name)
    known = func.coalesce(and_(kind != "null", or_(text.is_(None), text != "")), false())
    return Reading(known, casefolded(func.nullif(text, ""), asked.lite), whole, flag)


class _Typed(NamedTuple):
    """A value of a JSON object by its type; `kind` is NULL where there is none."""

    kind: ColumnElement[Any]
    text: ColumnElement[Any]
    whole: ColumnElement[Any]
    flag: ColumnElement[Any]


def _on_sqlite(name: str) -> _Typed:
    path = literal(f'$."{name}"', Text())
    kind, value = func.json_type(contacts.c.fields, path), func.json_extract(contacts.c.fields, path)
    return _Typed(
        kind,
        case((kind == "text", value)),
        case((kind == "integer", value)),
        case((kind == "true", 1), (kind == "false", 0)),
    )


def _on_postgresql(name: str) -> _Typed:
    """The cast stands within a CASE, so that it meets whole numbers only."""
    key = literal(name, Text())
    kind = func.jsonb_typeof(contacts.c.fields.op("->")(key))
    value: ColumnElement[Any] = contacts.c.fields.op("->>", return_type=Text())(key)
    is_whole = and_(kind == "number", value.regexp_match("^-?[0-9]+$"))
    return _Typed(
        kind,
        case((kind == "string", value)),
        case((is_whole, cast(value, Numeric()))),
        case((and_(kind == "boolean", value == "true"), 1), (kind == "boolean", 0)),
    )
