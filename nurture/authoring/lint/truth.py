"""Whether a condition can be true at all, by reasoning that never cries wolf: what is not certain may be true.

The condition becomes alternatives (a disjunction of conjunctions). It can never be true when each alternative
contradicts itself: a thing and its contrary, a value that is two, a number both above and below.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from nurture.core.conditions import (
    Always,
    And,
    Compare,
    CompareDate,
    Condition,
    DaysAway,
    IsUnknown,
    Not,
    OneOf,
    Op,
    Or,
    Ref,
    Signalled,
    Value,
    folded,
)

MOST_ALTERNATIVES = 256
"""Beyond which nothing is said of a condition."""

FIT = "fit"

Literal: TypeAlias = tuple[Condition, bool]
"""A condition without parts, and whether it is asserted or denied."""
Alternative: TypeAlias = tuple[Literal, ...]

_CONTRARY = {Op.EQ: Op.NE, Op.NE: Op.EQ, Op.LT: Op.GE, Op.GE: Op.LT, Op.GT: Op.LE, Op.LE: Op.GT}


class _TooMany(Exception):
    """The condition has more alternatives than are worth looking at."""


def never_true(condition: Condition, grades: Sequence[str] = ()) -> bool:
    """Whether no contact whatsoever can meet the condition. `grades` go from the best to the worst."""
    try:
        return all(_contradicts(each, grades) for each in _alternatives(condition, True))
    except _TooMany:
        return False


def always_true(condition: Condition, grades: Sequence[str] = ()) -> bool:
    """Whether every contact meets the condition, whatever is known of it."""
    return never_true(Not(condition), grades)


def _alternatives(condition: Condition, wanted: bool) -> list[Alternative]:
    match condition:
        case Not(term):
            return _alternatives(term, not wanted)
        case And(terms) if wanted:
            return _crossed(terms, wanted)
        case Or(terms) if not wanted:
            return _crossed(terms, wanted)
        case And(terms) | Or(terms):
            return [each for term in terms for each in _alternatives(term, wanted)]
        case CompareDate(ref=ref, op=op, day=day):
            return [((Compare(ref, op, day.toordinal()), wanted),)]
        case DaysAway():
            return _alternatives(_days(condition), wanted)
        case _:
            return [((condition, wanted),)]


def _days(ask: DaysAway) -> Condition:
    """The same of the number of days from today, which is another thing than the date: only time tells what it is."""
    away = Ref(f"days to {ask.ref.name}")
    bounds = ((Op.GE, ask.least), (Op.LE, ask.most))
    return And(tuple(Compare(away, op, days) for op, days in bounds if days is not None))


def _crossed(terms: Sequence[Condition], wanted: bool) -> list[Alternative]:
    found: list[Alternative] = [()]
    for term in terms:
        ways = _alternatives(term, wanted)
        if len(found) * len(ways) > MOST_ALTERNATIVES:
            raise _TooMany
        found = [(*before, *way) for before in found for way in ways]
    return found


def _contradicts(alternative: Alternative, grades: Sequence[str]) -> bool:
    literals = set(alternative)
    if any((condition, not wanted) in literals for condition, wanted in literals):
        return True
    if any(isinstance(condition, Always) and not wanted for condition, wanted in literals):
        return True
    return _counts_clash(alternative) or any(
        not _Possible.of(ref, alternative, grades).possible for ref in _asked(alternative)
    )


def _counts_clash(alternative: Alternative) -> bool:
    """At least three clicks, and not even two. (Not even one is another question: at entry that is the present click.)"""
    given = [each for each, wanted in alternative if wanted and isinstance(each, Signalled)]
    denied = [each for each, wanted in alternative if not wanted and isinstance(each, Signalled)]
    return any(_same_signal(one, other) and one.at_least >= other.at_least > 1 for one in given for other in denied)


def _same_signal(one: Signalled, other: Signalled) -> bool:
    return (one.signal, one.object, one.scope, one.days) == (other.signal, other.object, other.scope, other.days)


def _asked(alternative: Alternative) -> Iterator[Ref]:
    """What is asserted to have a value: of anything else, a denied comparison may simply be unknown."""
    for condition, wanted in alternative:
        match condition:
            case Compare(ref=ref) | OneOf(ref=ref) if wanted:
                yield ref
            case _:
                pass


@dataclass(slots=True)
class _Possible:
    """The values that one thing may still have."""

    grades: Sequence[str]
    among: set[tuple[type, Value]] | None = None
    without: set[tuple[type, Value]] = field(default_factory=set)
    low: tuple[int, bool] | None = None
    high: tuple[int, bool] | None = None
    contradicted: bool = False

    @classmethod
    def of(cls, ref: Ref, alternative: Alternative, grades: Sequence[str]) -> "_Possible":
        """What the literals about `ref` leave."""
        found = cls(grades)
        for condition, wanted in alternative:
            match condition:
                case IsUnknown(ref=other) if other == ref and wanted:
                    found.contradicted = True
                case Compare(ref=other, op=op, value=value) if other == ref:
                    found.compare(ref, op if wanted else _CONTRARY[op], value)
                case OneOf(ref=other) if other == ref:
                    found.keep(set(condition.folded)) if wanted else found.without.update(condition.folded)
                case _:
                    pass
        return found

    def compare(self, ref: Ref, op: Op, value: Value) -> None:
        """One more comparison that holds."""
        if op is Op.EQ:
            self.keep({folded(value)})
        elif op is Op.NE:
            self.without.add(folded(value))
        elif isinstance(value, int) and not isinstance(value, bool):
            self._bound(op, value)
        elif ref.name == FIT and value in self.grades:
            self.keep({folded(grade) for grade in _graded(self.grades, op, str(value))})

    def keep(self, values: set[tuple[type, Value]]) -> None:
        """The value is one of these."""
        self.among = values if self.among is None else self.among & values

    def _bound(self, op: Op, value: int) -> None:
        strict = op in (Op.LT, Op.GT)
        if op in (Op.GT, Op.GE):
            self.low = max(self.low or (value, strict), (value, strict))
        else:
            held = self.high or (value, strict)
            self.high = min(held, (value, strict), key=lambda bound: (bound[0], not bound[1]))

    @property
    def possible(self) -> bool:
        """Whether any value is left."""
        if self.contradicted or self._crossed():
            return False
        if self.among is None:
            return True
        return any(self._within(value) for value in self.among - self.without)

    def _crossed(self) -> bool:
        if self.low is None or self.high is None:
            return False
        (low, open_low), (high, open_high) = self.low, self.high
        return low > high or (low == high and (open_low or open_high))

    def _within(self, value: tuple[type, Value]) -> bool:
        number = value[1]
        if isinstance(number, str) or value[0] is not int:
            return True
        above = self.low is None or number > self.low[0] or (number == self.low[0] and not self.low[1])
        below = self.high is None or number < self.high[0] or (number == self.high[0] and not self.high[1])
        return above and below


def _graded(grades: Sequence[str], op: Op, value: str) -> Sequence[str]:
    """The grades that stand so to `value`: greater means better, and the best come first."""
    at = list(grades).index(value)
    match op:
        case Op.GE:
            return grades[: at + 1]
        case Op.GT:
            return grades[:at]
        case Op.LE:
            return grades[at:]
        case _:
            return grades[at + 1 :]
