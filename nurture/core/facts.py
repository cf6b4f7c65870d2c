"""Whether a condition holds: the typed tree read against one contact's state."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeAlias

from nurture.core.calendar import today_of
from nurture.core.conditions import (
    Always,
    And,
    Compare,
    CompareDate,
    Condition,
    DaysAway,
    InSegment,
    IsUnknown,
    Not,
    OneOf,
    Op,
    Or,
    Ref,
    Scope,
    Signalled,
    Tagged,
    Value,
    folded,
)
from nurture.core.program import HOME
from nurture.core.scoring import Scoring
from nurture.core.state import ContactState, Enrolment, SignalKey, Tally
from nurture.core.words import CONTENT_FACTS, SignalKind


@dataclass
class Facts:
    """What a condition is read against: made, asked and forgotten, so not frozen, which costs as much as the answer.

    With `edge`, a plain signal of the condition is the present event (`signal`) and no other: that is how `enter` sees.
    """

    state: ContactState
    scoring: Scoring
    now: datetime
    enrolment: Enrolment | None = None
    edge: bool = False
    signal: SignalKey | None = None
    home: str = HOME


Test: TypeAlias = Callable[[Facts], bool]
Reader: TypeAlias = Callable[[Facts], Value | None]


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the condition is true of the facts."""
    try:
        test = condition.test
    except AttributeError:
        test = _compiled(condition)
    answer: bool = test(facts)
    return answer


def value_of(ref: Ref, facts: Facts) -> Value | None:
    """What the reference stands for; None when unknown. Engagement is in milli-points, fit is the grade."""
    return _reader(ref.name)(facts)


_OWN: Mapping[str, Reader] = {
    "engagement": lambda facts: facts.state.engagement,
    "fit": lambda facts: facts.state.grade,
    "status": lambda facts: facts.state.status.value,
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
    def field(facts: Facts) -> Value | None:
        value = facts.state.fields.get(name)
        return None if value == "" else value

    return _OWN.get(name, field)


def _compiled(condition: Condition) -> Test:
    """The condition as one function, kept with it: half of a decision is spent in these."""
    test = _COMPILERS[type(condition)](condition)
    object.__setattr__(condition, "test", test)
    return test


def _tests(terms: Iterable[Condition]) -> tuple[Test, ...]:
    return tuple(map(_compiled, terms))


def _all(both: And) -> Test:
    tests = _tests(both.terms)

    def test(facts: Facts) -> bool:
        for one in tests:  # noqa: SIM110 - a generator would double the cost of what runs twenty times a decision
            if not one(facts):
                return False
        return True

    return test


def _any(either: Or) -> Test:
    tests = _tests(either.terms)

    def test(facts: Facts) -> bool:
        for one in tests:  # noqa: SIM110 - as above
            if one(facts):
                return True
        return False

    return test


def _not(ask: Not) -> Test:
    test = _compiled(ask.term)
    return lambda facts: not test(facts)


def _one_of(ask: OneOf) -> Test:
    read, wanted = _reader(ask.ref.name), ask.folded

    def test(facts: Facts) -> bool:
        known = read(facts)
        return known is not None and folded(known) in wanted

    return test


def _is_unknown(ask: IsUnknown) -> Test:
    read = _reader(ask.ref.name)
    return lambda facts: read(facts) is None


def _tagged(ask: Tagged) -> Test:
    tag = ask.tag
    return lambda facts: tag in facts.state.tags


def _compare(ask: Compare) -> Test:
    if ask.ref.name == "fit":
        return _compare_grades(ask.op, ask.value)
    if ask.op in (Op.EQ, Op.NE):
        return _compare_equal(_reader(ask.ref.name), folded(ask.value), ask.op is Op.EQ)
    return _compare_ordered(_reader(ask.ref.name), _ORDERED[ask.op], ask.value)


def _compare_grades(op: Op, value: Value) -> Test:
    """Greater means better."""
    compare = _ORDERED[op]

    def test(facts: Facts) -> bool:
        ranks, known = facts.scoring.ranks, facts.state.grade
        return known in ranks and value in ranks and compare(ranks[known], ranks[str(value)])

    return test


def _compare_equal(read: Reader, value: tuple[type, Value], equal: bool) -> Test:
    def test(facts: Facts) -> bool:
        known = read(facts)
        return known is not None and (folded(known) == value) is equal

    return test


def _compare_ordered(read: Reader, compare: Callable[[Any, Any], bool], value: Value) -> Test:
    if isinstance(value, str):
        word = value.casefold()

        def earlier(facts: Facts) -> bool:
            known = read(facts)
            return isinstance(known, str) and compare(known.casefold(), word)

        return earlier

    number = int(value)

    def less(facts: Facts) -> bool:
        known = read(facts)
        return isinstance(known, int) and compare(int(known), number)

    return less


DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
"""How a date is kept in a field. SQL looks for the same shape."""


def date_of(ref: Ref, facts: Facts) -> str | None:
    """The date that the reference stands for, as text; None when there is none."""
    known = value_of(ref, facts)
    return known if isinstance(known, str) and DATE.fullmatch(known) else None


def _compare_date(ask: CompareDate) -> Test:
    ref, compare, day = ask.ref, _ORDERED[ask.op], ask.day.isoformat()

    def test(facts: Facts) -> bool:
        known = date_of(ref, facts)
        return known is not None and compare(known, day)

    return test


def _days_away(ask: DaysAway) -> Test:
    def test(facts: Facts) -> bool:
        known = date_of(ask.ref, facts)
        if known is None:
            return False
        today = today_of(facts.state, facts.home, facts.now)
        if ask.least is not None and known < (today + timedelta(days=ask.least)).isoformat():
            return False
        return ask.most is None or known <= (today + timedelta(days=ask.most)).isoformat()

    return test


def _in_segment(ask: InSegment) -> Test:
    test = _compiled(ask.condition)

    def apart(facts: Facts) -> bool:
        if facts.enrolment is None and not facts.edge:
            return test(facts)
        return test(Facts(facts.state, facts.scoring, facts.now, home=facts.home))

    return apart


_ORDERED: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}


def _signalled(ask: Signalled) -> Test:
    edgy = ask.scope is Scope.DEFAULT and ask.at_least == 1

    def test(facts: Facts) -> bool:
        if facts.edge and edgy:
            return facts.signal is not None and _is_about(facts.signal, ask)
        count = 0
        for tally in tallies(facts.state, ask):
            count += _count(tally, ask, facts)
            if count >= ask.at_least:
                return True
        return count >= ask.at_least

    return test


def _is_about(signal: SignalKey, ask: Signalled) -> bool:
    return signal[0] is ask.signal and ask.object in (None, signal[1])


def tallies(state: ContactState, ask: Signalled) -> Iterable[Tally]:
    """The days of every signal that the condition counts."""
    if ask.object is not None:
        tally = state.signals.get((ask.signal, ask.object))
        return () if tally is None else (tally,)
    return [tally for (signal, _), tally in state.signals.items() if signal is ask.signal]


def _count(tally: Tally, ask: Signalled, facts: Facts) -> int:
    match ask.scope:
        case Scope.EVER:
            since = None
        case Scope.WITHIN:
            first = utc_day(facts.now) - ask.days
            return sum(day.count for ordinal, day in tally.items() if ordinal > first)
        case Scope.DEFAULT:
            lasting = ask.signal in CONTENT_FACTS or facts.enrolment is None
            since = None if lasting or facts.enrolment is None else facts.enrolment.began_at
    if since is None:
        return sum(day.count for day in tally.values())
    return sum(day.count for day in tally.values() if day.last_at >= since)


_COMPILERS: Mapping[type[Condition], Callable[[Any], Test]] = {
    Always: lambda _: lambda _facts: True,
    Signalled: _signalled,
    Tagged: _tagged,
    Compare: _compare,
    CompareDate: _compare_date,
    DaysAway: _days_away,
    InSegment: _in_segment,
    OneOf: _one_of,
    IsUnknown: _is_unknown,
    And: _all,
    Or: _any,
    Not: _not,
}


def utc_day(at: datetime) -> int:
    """The ordinal of the instant's UTC date."""
    return at.astimezone(UTC).toordinal()


def signals_since(state: ContactState, at: datetime) -> bool:
    """Whether the contact gave any signal after an instant."""
    return any(day.last_at > at for tally in state.signals.values() for day in tally.values())


def acted_since(state: ContactState, signals: tuple[SignalKind, ...], about: str, at: datetime) -> bool:
    """Whether the contact gave one of the signals on an object at or after an instant."""
    tallies = (state.signals.get((signal, about), {}) for signal in signals)
    return any(day.last_at >= at for tally in tallies for day in tally.values())
