"""Dates in SQL: texts of their shape, whose order is that of the calendar; and today, which is another date elsewhere."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, Text, and_, literal, true

from nurture.core.conditions import CompareDate, DaysAway, Op
from nurture.storage.conditions.asked import Asked
from nurture.storage.conditions.bounds import Bounds, exactly, never
from nurture.storage.conditions.comparing import compared
from nurture.storage.conditions.readings import Reading

_AHEAD, _BEHIND = timedelta(hours=14), timedelta(hours=-12)
"""The clocks that show the latest and the earliest time of the world."""


def dated(known: Reading, ask: CompareDate, asked: Asked) -> Bounds:
    """`known op day`: false where the value is no date, whatever the sign."""
    shape = _is_date(known, asked)
    return exactly(and_(shape, compared(known, ask.op, ask.day.isoformat()).possibly))


def days_away(known: Reading, ask: DaysAway, asked: Asked) -> Bounds:
    """Said of every clock of the world at once: those at the edges, for whom it depends on theirs, are left to the core."""
    shape = _is_date(known, asked)
    early, late = ((asked.now + shift).date() for shift in (_BEHIND, _AHEAD))
    possibly = exactly(and_(shape, _between(known, ask, early, late)))
    if early == late:
        return possibly
    return Bounds(exactly(and_(shape, _between(known, ask, late, early))).surely, possibly.possibly)


def _between(known: Reading, ask: DaysAway, first: date, last: date) -> ColumnElement[bool]:
    """From `least` days after the first to `most` days after the last."""
    least = true() if ask.least is None else _beside(known, Op.GE, first, ask.least)
    most = true() if ask.most is None else _beside(known, Op.LE, last, ask.most)
    return and_(least, most)


def _beside(known: Reading, op: Op, day: date, days: int) -> ColumnElement[bool]:
    return compared(known, op, (day + timedelta(days=days)).isoformat()).possibly


def _is_date(known: Reading, asked: Asked) -> ColumnElement[bool]:
    """As `core.facts` looks for the shape."""
    if known.text is None:
        return never().possibly
    if asked.lite:
        digits = "[0-9]"
        return known.text.bool_op("GLOB")(literal(f"{digits * 4}-{digits * 2}-{digits * 2}", Text()))
    return known.text.regexp_match("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
