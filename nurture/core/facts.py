"""Whether a condition holds: the typed tree read against one contact's state."""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nurture.core.conditions import (
    Always,
    And,
    Compare,
    Condition,
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
from nurture.core.scoring import Scoring
from nurture.core.state import ContactState, Enrolment, SignalKey, Tally
from nurture.core.words import CONTENT_FACTS, SignalKind


@dataclass(frozen=True, slots=True)
class Facts:
    """What a condition is read against.

    With `edge`, a plain signal of the condition is the present event (`signal`) and no other: that is how `enter` sees.
    """

    state: ContactState
    scoring: Scoring
    now: datetime
    enrolment: Enrolment | None = None
    edge: bool = False
    signal: SignalKey | None = None


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the condition is true of the facts."""
    return _TESTS[type(condition)](condition, facts)


def value_of(ref: Ref, facts: Facts) -> Value | None:
    """What the reference stands for; None when unknown. Engagement is in milli-points, fit is the grade."""
    read = _OWN.get(ref.name)
    if read is not None:
        return read(facts)
    value = facts.state.fields.get(ref.name)
    return None if value == "" else value


_OWN: Mapping[str, Callable[[Facts], Value | None]] = {
    "engagement": lambda facts: facts.state.engagement,
    "fit": lambda facts: facts.state.grade,
    "status": lambda facts: facts.state.status.value,
    "stage": lambda facts: facts.enrolment.stage if facts.enrolment else None,
    "country": lambda facts: facts.state.country or None,
    "language": lambda facts: facts.state.language or None,
}
"""References to what the state keeps apart from the fields."""


def _all(both: And, facts: Facts) -> bool:
    for term in both.terms:  # noqa: SIM110 - a generator would double the cost of what runs twenty times a decision
        if not holds(term, facts):
            return False
    return True


def _any(either: Or, facts: Facts) -> bool:
    for term in either.terms:  # noqa: SIM110 - as above
        if holds(term, facts):
            return True
    return False


def _one_of(ask: OneOf, facts: Facts) -> bool:
    known = value_of(ask.ref, facts)
    return known is not None and folded(known) in ask.folded


def _same(known: Value, value: Value) -> bool:
    if isinstance(known, str) and isinstance(value, str):
        return known.casefold() == value.casefold()
    return type(known) is type(value) and known == value


def _compare(ask: Compare, facts: Facts) -> bool:
    known, op, value = value_of(ask.ref, facts), ask.op, ask.value
    if known is None:
        return False
    if ask.ref.name == "fit":
        letters = [grade.letter for grade in facts.scoring.grades]
        if known not in letters or value not in letters:
            return False
        return _ORDERED[op](-letters.index(str(known)), -letters.index(str(value)))
    if op is Op.EQ:
        return _same(known, value)
    if op is Op.NE:
        return not _same(known, value)
    if isinstance(known, int) and isinstance(value, int):
        return _ORDERED[op](int(known), int(value))
    if isinstance(known, str) and isinstance(value, str):
        return _ORDERED[op](known.casefold(), value.casefold())
    return False


_ORDERED: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}


def _signalled(ask: Signalled, facts: Facts) -> bool:
    if facts.edge and ask.scope is Scope.DEFAULT and ask.at_least == 1:
        return facts.signal is not None and _is_about(facts.signal, ask)
    count = 0
    for tally in _tallies(facts.state, ask):
        count += _count(tally, ask, facts)
        if count >= ask.at_least:
            return True
    return count >= ask.at_least


def _is_about(signal: SignalKey, ask: Signalled) -> bool:
    return signal[0] is ask.signal and ask.object in (None, signal[1])


def _tallies(state: ContactState, ask: Signalled) -> Iterator[Tally]:
    if ask.object is not None:
        tally = state.signals.get((ask.signal, ask.object))
        if tally is not None:
            yield tally
        return
    for (signal, _), tally in state.signals.items():
        if signal is ask.signal:
            yield tally


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


_TESTS: Mapping[type[Condition], Callable[[Any, Facts], bool]] = {
    Always: lambda _, facts: True,
    Signalled: _signalled,
    Tagged: lambda ask, facts: ask.tag in facts.state.tags,
    Compare: _compare,
    OneOf: _one_of,
    IsUnknown: lambda ask, facts: value_of(ask.ref, facts) is None,
    And: _all,
    Or: _any,
    Not: lambda ask, facts: not holds(ask.term, facts),
}
"""How each kind of condition is read: a table, because half of a decision is spent here."""


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
