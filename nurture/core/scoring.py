"""Engagement that fades and fit that grades: both a fold over facts, so that order and repetition change nothing.

Points are integer milli-points. A rule's points of one UTC day are its count times its points, at most its daily cap;
they lose value by whole UTC days from an integer table and are worth nothing after four half-lives. SQL that uses the
same table gives the same figure.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from nurture.core.conditions import NEVER, Condition, Ref, refs
from nurture.core.words import SignalKind

MILLION = 1_000_000
HALF_LIVES = 4
MILLI = 1_000


@dataclass(frozen=True, slots=True)
class SignalRule:
    """What one signal is worth. `object` None is any object without a rule of its own; `half_life` None never fades."""

    signal: SignalKind
    points: int
    object: str | None = None
    cap_per_day: int | None = None
    half_life: int | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One expectation of a persona and its weight."""

    when: Condition
    weight: int
    label: str


@dataclass(frozen=True, slots=True)
class Persona:
    """A profile worth a salesperson's time. `asked` is everything its criteria ask about, `total` their weight."""

    name: str
    criteria: tuple[Criterion, ...]
    asked: frozenset[Ref] = field(init=False, repr=False, compare=False)
    total: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "asked", frozenset(ref for c in self.criteria for ref in refs(c.when)))
        object.__setattr__(self, "total", sum(criterion.weight for criterion in self.criteria))


@dataclass(frozen=True, slots=True)
class Grade:
    """A letter and the least fit, in percent, that earns it."""

    letter: str
    at_least: int


GRADES = (Grade("A", 80), Grade("B", 60), Grade("C", 40), Grade("D", 0))


class Measured:
    """A place where whoever measures profiles (`fit.py`) keeps the function that a scoring's personas amount to."""

    __slots__ = ("fitting",)
    fitting: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Scoring(Measured):
    """The author's rules of score. `grades` run from best to worst; `mql` makes a lead an MQL."""

    rules: tuple[SignalRule, ...] = ()
    personas: tuple[Persona, ...] = ()
    grades: tuple[Grade, ...] = GRADES
    mql: Condition = NEVER
    by_signal: Mapping[tuple[SignalKind, str | None], SignalRule] = field(init=False, repr=False, compare=False)
    by_kind: Mapping[SignalKind, SignalRule] = field(init=False, repr=False, compare=False)  # of any object
    ranks: Mapping[str | None, int] = field(init=False, repr=False, compare=False)  # of each letter; the best is 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "ranks", {grade.letter: -n for n, grade in enumerate(self.grades)})
        object.__setattr__(self, "by_signal", {(rule.signal, rule.object): rule for rule in self.rules})
        object.__setattr__(self, "by_kind", {rule.signal: rule for rule in self.rules if rule.object is None})

    def rule_for(self, signal: SignalKind, about: str) -> SignalRule | None:
        """The rule of that object, else of the signal."""
        return self.by_signal.get((signal, about)) or self.by_kind.get(signal)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What one signal on one object earned on one UTC day: its points then, and what is left of them (milli-points)."""

    signal: SignalKind
    object: str
    day: int
    count: int
    points: int
    remaining: int


@cache
def decay_table(half_life: int) -> tuple[int, ...]:
    """Millionths left after 0, 1, 2 … UTC days; beyond the table nothing is left."""
    return tuple(round(MILLION * 2 ** (-age / half_life)) for age in range(HALF_LIVES * half_life + 1))


def remaining(points: int, half_life: int | None, age: int) -> int:
    """What is left of `points` after `age` UTC days (a day in the future is today)."""
    if half_life is None:
        return points
    table = decay_table(half_life)
    return points * table[max(age, 0)] // MILLION if age < len(table) else 0


def ledger(scoring: Scoring, counts: Iterable[tuple[SignalKind, str, int, int]], today: int) -> Iterator[LedgerEntry]:
    """The entries whose `remaining` sum up to the engagement.

    `counts` are (signal, object, day, count), days as ordinals of UTC dates. A daily cap is shared by the objects of a
    rule in the order of their names, so that the entries are a function of the set of events alone.
    """
    spent: dict[tuple[SignalKind, str | None, int], int] = {}
    for signal, about, day, count in sorted(counts):
        rule = scoring.rule_for(signal, about)
        if rule is None:
            continue
        points = rule.points * count
        if rule.cap_per_day is not None:
            bucket = (rule.signal, rule.object, day)
            points = min(points, rule.cap_per_day - spent.get(bucket, 0))
            spent[bucket] = spent.get(bucket, 0) + points
        yield LedgerEntry(signal, about, day, count, points, remaining(points, rule.half_life, today - day))


def grade_of(scoring: Scoring, fit: int) -> str:
    """The letter of a fit in percent."""
    for grade in scoring.grades:
        if fit >= grade.at_least:
            return grade.letter
    return scoring.grades[-1].letter
