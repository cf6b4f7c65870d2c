"""What a reference stands for, and comparing it: the part of conditions that is about values.

Each comparison becomes one function of the facts, with everything that does not depend on these worked out beforehand.
"""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from nurture.core.calendar import today_of
from nurture.core.conditions import (
    ENGAGEMENT,
    Compare,
    CompareDate,
    DaysAway,
    IsUnknown,
    OneOf,
    Op,
    Ref,
    Value,
    folded,
)
from nurture.core.words import Status

if TYPE_CHECKING:
    from nurture.core.facts import Facts

Test: TypeAlias = Callable[["Facts"], bool]
Reader: TypeAlias = Callable[["Facts"], Value | None]


def value_of(ref: Ref, facts: "Facts") -> Value | None:
    """What the reference stands for; None when unknown. Engagement is in milli-points, fit is the grade."""
    return _reader(ref.name)(facts)


def readers_of(asked: frozenset[Ref]) -> tuple[Reader, ...]:
    """What reads each of the references."""
    return tuple(_reader(name) for name in sorted({ref.name for ref in asked}))


_STATUS: Mapping[Status, str] = {status: status.value for status in Status}
_OWN: Mapping[str, Reader] = {
    "engagement": lambda facts: facts.state.engagement,
    "fit": lambda facts: facts.state.grade,
    "status": lambda facts: _STATUS[facts.state.status],
    "stage": lambda facts: facts.enrolment.stage if facts.enrolment else None,
    "created": lambda facts: _utc_date(facts.state.created_at),
    "country": lambda facts: facts.state.country or None,
    "language": lambda facts: facts.state.language or None,
}
"""References to what the state keeps apart from the fields."""


def _utc_date(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).date().isoformat()


@cache
def _reader(name: str) -> Reader:
    def field(facts: "Facts") -> Value | None:
        value = facts.state.fields.get(name)
        return None if value == "" else value

    return _OWN.get(name, field)


_ORDERED: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}


def compare(ask: Compare) -> Test:
    """Whether the value is such."""
    if ask.ref.name == "fit":
        return _compare_grades(ask.op, ask.value)
    if ask.ref.name == "status":
        return _compare_status(ask.op, ask.value)
    if ask.op in (Op.EQ, Op.NE):
        return _compare_equal(_reader(ask.ref.name), folded(ask.value), ask.op is Op.EQ)
    return _compare_ordered(ask.ref.name, _ORDERED[ask.op], ask.value)


def _compare_grades(op: Op, value: Value) -> Test:
    """Greater means better."""
    compare = _ORDERED[op]

    def test(facts: "Facts") -> bool:
        ranks, known = facts.scoring.ranks, facts.state.grade
        return known in ranks and value in ranks and compare(ranks[known], ranks[str(value)])

    return test


def _compare_status(op: Op, value: Value) -> Test:
    """There are few of them: which of them it holds for is known beforehand."""
    compare, word = _ORDERED[op], value.casefold() if isinstance(value, str) else None
    if word is None:
        return lambda _: op is Op.NE
    such = frozenset(status for status in Status if compare(status.value, word))
    return lambda facts: facts.state.status in such


def _compare_equal(read: Reader, value: tuple[type, Value], equal: bool) -> Test:
    word = value[1]

    def test(facts: "Facts") -> bool:
        known = read(facts)
        if isinstance(known, str):
            return (known.casefold() == word) is equal
        return known is not None and (folded(known) == value) is equal

    return test


def _compare_ordered(name: str, compare: Callable[[Any, Any], bool], value: Value) -> Test:
    if isinstance(value, str):
        return _compare_words(_reader(name), compare, value.casefold())
    if name == ENGAGEMENT:
        return lambda facts: compare(facts.state.engagement, value)
    if name in _OWN:
        return lambda _: False

    def test(facts: "Facts") -> bool:
        known = facts.state.fields.get(name)
        return isinstance(known, int) and compare(known, value)

    return test


def _compare_words(read: Reader, compare: Callable[[Any, Any], bool], word: str) -> Test:
    def test(facts: "Facts") -> bool:
        known = read(facts)
        return isinstance(known, str) and compare(known.casefold(), word)

    return test


DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
"""How a date is kept in a field. SQL looks for the same shape."""


def date_of(ref: Ref, facts: "Facts") -> str | None:
    """The date that the reference stands for, as text; None when there is none."""
    known = value_of(ref, facts)
    return known if isinstance(known, str) and DATE.fullmatch(known) else None


def compare_date(ask: CompareDate) -> Test:
    """Whether the date is such: as texts, whose order is that of the calendar."""
    ref, compare, day = ask.ref, _ORDERED[ask.op], ask.day.isoformat()

    def test(facts: "Facts") -> bool:
        known = date_of(ref, facts)
        return known is not None and compare(known, day)

    return test


def days_away(ask: DaysAway) -> Test:
    """Whether the date lies so many days from today."""

    def test(facts: "Facts") -> bool:
        known = date_of(ask.ref, facts)
        if known is None:
            return False
        today = today_of(facts.state, facts.home, facts.now)
        if ask.least is not None and known < (today + timedelta(days=ask.least)).isoformat():
            return False
        return ask.most is None or known <= (today + timedelta(days=ask.most)).isoformat()

    return test


def one_of(ask: OneOf) -> Test:
    """Whether the value is among those listed."""
    name, read, wanted = ask.ref.name, _reader(ask.ref.name), ask.folded
    words = frozenset(value for kind, value in wanted if kind is str)

    def test(facts: "Facts") -> bool:
        known = read(facts)
        if isinstance(known, str):
            return known.casefold() in words
        return known is not None and folded(known) in wanted

    if name in _OWN or wanted != {(str, word) for word in words} or "" in words:
        return test

    def is_listed(facts: "Facts") -> bool:  # a field, asked for words: what most criteria are
        known = facts.state.fields.get(name)
        return isinstance(known, str) and known.casefold() in words

    return is_listed


def is_unknown(ask: IsUnknown) -> Test:
    """Whether there is no value."""
    read = _reader(ask.ref.name)
    return lambda facts: read(facts) is None
