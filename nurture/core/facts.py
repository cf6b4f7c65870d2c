"""Whether a condition holds: the typed tree read against one contact's state."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never

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
    match condition:
        case Always():
            return True
        case Signalled():
            return _signalled(condition, facts)
        case Tagged(tag):
            return tag in facts.state.tags
        case Compare(ref, op, value):
            return _compare(value_of(ref, facts), op, value, ref, facts.scoring)
        case OneOf(ref):
            known = value_of(ref, facts)
            return known is not None and folded(known) in condition.folded
        case IsUnknown(ref):
            return value_of(ref, facts) is None
        case And(terms):
            return all(holds(term, facts) for term in terms)
        case Or(terms):
            return any(holds(term, facts) for term in terms)
        case Not(term):
            return not holds(term, facts)
        case _:
            assert_never(condition)


def value_of(ref: Ref, facts: Facts) -> Value | None:
    """What the reference stands for; None when unknown. Engagement is in milli-points, fit is the grade."""
    state = facts.state
    match ref.name:
        case "engagement":
            return state.engagement
        case "fit":
            return state.grade
        case "status":
            return state.status.value
        case "stage":
            return facts.enrolment.stage if facts.enrolment else None
        case "country":
            return state.country or None
        case "language":
            return state.language or None
        case name:
            value = state.fields.get(name)
            return None if value == "" else value


def _same(known: Value, value: Value) -> bool:
    if isinstance(known, str) and isinstance(value, str):
        return known.casefold() == value.casefold()
    return type(known) is type(value) and known == value


def _compare(known: Value | None, op: Op, value: Value, ref: Ref, scoring: Scoring) -> bool:
    if known is None:
        return False
    if ref.name == "fit":
        letters = [grade.letter for grade in scoring.grades]
        if known not in letters or value not in letters:
            return False
        return _ordered(-letters.index(str(known)), op, -letters.index(str(value)))
    if op is Op.EQ:
        return _same(known, value)
    if op is Op.NE:
        return not _same(known, value)
    if isinstance(known, int) and isinstance(value, int):
        return _ordered(int(known), op, int(value))
    if isinstance(known, str) and isinstance(value, str):
        return _ordered_text(known.casefold(), op, value.casefold())
    return False


def _ordered(left: int, op: Op, right: int) -> bool:
    match op:
        case Op.EQ:
            return left == right
        case Op.NE:
            return left != right
        case Op.LT:
            return left < right
        case Op.LE:
            return left <= right
        case Op.GT:
            return left > right
        case Op.GE:
            return left >= right


def _ordered_text(left: str, op: Op, right: str) -> bool:
    return _ordered((left > right) - (left < right), op, 0)


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
