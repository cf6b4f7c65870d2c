"""Whether a condition holds: the typed tree read against one contact's state."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nurture.core import values
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
    Or,
    Scope,
    Signalled,
    Tagged,
)
from nurture.core.program import HOME
from nurture.core.scoring import Scoring
from nurture.core.state import ContactState, Enrolment, SignalKey, Tally
from nurture.core.values import Test
from nurture.core.words import CONTENT_FACTS, SignalKind


@dataclass(slots=True)
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


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the condition is true of the facts."""
    try:
        test = condition.test
    except AttributeError:
        test = test_of(condition)
    return test(facts)


def test_of(condition: Condition) -> Test:
    """The condition as one function, kept with it: a third of a decision is spent in these."""
    test = _COMPILERS[type(condition)](condition)
    object.__setattr__(condition, "test", test)
    return test


def _all(both: And) -> Test:
    tests = tuple(map(test_of, both.terms))
    if len(tests) == 2:
        one, other = tests
        return lambda facts: one(facts) and other(facts)

    def test(facts: Facts) -> bool:
        for each in tests:  # noqa: SIM110 - a generator would double the cost, here and below
            if not each(facts):
                return False
        return True

    return test


def _any(either: Or) -> Test:
    tests = tuple(map(test_of, either.terms))
    if len(tests) == 2:
        one, other = tests
        return lambda facts: one(facts) or other(facts)

    def test(facts: Facts) -> bool:
        for each in tests:  # noqa: SIM110
            if each(facts):
                return True
        return False

    return test


def _not(ask: Not) -> Test:
    test = test_of(ask.term)
    return lambda facts: not test(facts)


def _tagged(ask: Tagged) -> Test:
    tag = ask.tag
    return lambda facts: tag in facts.state.tags


def _in_segment(ask: InSegment) -> Test:
    test = test_of(ask.condition)

    def apart(facts: Facts) -> bool:
        if facts.enrolment is None and not facts.edge:
            return test(facts)
        return test(Facts(facts.state, facts.scoring, facts.now, home=facts.home))

    return apart


def _signalled(ask: Signalled) -> Test:
    edgy = ask.scope is Scope.DEFAULT and ask.at_least == 1
    key = None if ask.object is None else (ask.signal, ask.object)

    def test(facts: Facts) -> bool:
        if facts.edge and edgy:
            return facts.signal is not None and _is_about(facts.signal, ask)
        if key is not None and key not in facts.state.signals:
            return ask.at_least <= 0
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
    Compare: values.compare,
    CompareDate: values.compare_date,
    DaysAway: values.days_away,
    InSegment: _in_segment,
    OneOf: values.one_of,
    IsUnknown: values.is_unknown,
    And: _all,
    Or: _any,
    Not: _not,
}


def utc_day(at: datetime) -> int:
    """The ordinal of the instant's UTC date."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).toordinal()


def signals_since(state: ContactState, at: datetime) -> bool:
    """Whether the contact gave any signal after an instant."""
    return any(day.last_at > at for tally in state.signals.values() for day in tally.values())


def acted_since(state: ContactState, signals: tuple[SignalKind, ...], about: str, at: datetime) -> bool:
    """Whether the contact gave one of the signals on an object at or after an instant."""
    tallies = (state.signals.get((signal, about), {}) for signal in signals)
    return any(day.last_at >= at for tally in tallies for day in tally.values())
