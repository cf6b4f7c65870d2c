"""Texts whatever their case, as Python's `casefold` has them, so that both sides compare the same letters.

Folding looks at each character apart, and makes of it one to three others (`ß` is `ss`). SQLite is lent the very function;
PostgreSQL, whose `lower` knows other letters, is told what this Python makes of every character that has a case.
"""

import sqlite3
import sys
from collections.abc import Iterator
from functools import cache

import orjson
from sqlalchemy import ColumnElement, Text, case, collate, func, literal, null, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

CASEFOLD = "nurture_casefold"
BLOCK = 256


def lend_casefold(connection: sqlite3.Connection) -> None:
    """Let the SQL of this SQLite connection fold texts."""
    connection.create_function(CASEFOLD, 1, _casefold, deterministic=True)


def _casefold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def casefolded(text: ColumnElement[str], lite: bool) -> ColumnElement[str]:
    """The text as `casefold` has it, in the order of its characters' numbers; NULL stays NULL."""
    if lite:
        return getattr(func, CASEFOLD)(text, type_=Text())  # type: ignore[no-any-return]
    plain = func.octet_length(text) == func.char_length(text)
    folded = case((plain, func.lower(collate(text, "C"))), else_=_each_folded(text))
    return collate(folded, "C")


def _each_folded(text: ColumnElement[str]) -> ColumnElement[str]:
    """Character by character: most texts have only those of ASCII, and never come here.

    What is known of them is a query of its own, so that a statement reads it once, and not for every text.
    """
    letters = func.unnest(func.string_to_array(text, null())).table_valued("char", with_ordinality="n")
    each = letters.render_derived(name="letters").c
    known = select(literal(_folds(), Text()).cast(JSONB)).scalar_subquery()
    folded = func.coalesce(known.op("->>", return_type=Text())(each.char), each.char, type_=Text())
    return select(func.string_agg(folded, aggregate_order_by(literal("", Text()), each.n))).scalar_subquery()


@cache
def _folds() -> str:
    """What becomes of every character that folding changes, as JSON."""
    return orjson.dumps(dict(_changed())).decode()


def _changed() -> Iterator[tuple[str, str]]:
    for start in range(0, sys.maxunicode + 1, BLOCK):
        block = [chr(n) for n in range(start, start + BLOCK)]
        if "".join(block).casefold() != "".join(block):
            yield from ((char, char.casefold()) for char in block if char.casefold() != char)
