"""The condition language as a typed tree: what a rule asks of a contact.

Truth is two-valued: a comparison with something unknown is false, and `IsUnknown` is the way to ask. `Not` negates that
answer, so that `not (a > 3)` holds where `a` is unknown; the SQL made from the same tree says the same.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias, assert_never

from nurture.core.words import SignalKind

Value: TypeAlias = str | int | bool

ENGAGEMENT = "engagement"
"""The reference whose value fades."""


class Op(StrEnum):
    """Comparisons."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


class Scope(StrEnum):
    """Since when a signal counts: by its kind's default, for ever, or within a number of UTC days."""

    DEFAULT = "default"
    EVER = "ever"
    WITHIN = "within"


class Node:
    """What all conditions share: places where whoever reads them keeps the function they amount to (`facts.py`), and what is
    left of them for a contact without signals (`resting.py`)."""

    __slots__ = ("at_rest", "test")
    test: Callable[[Any], bool]
    at_rest: "Condition"


@dataclass(frozen=True, slots=True)
class Always(Node):
    """True."""


@dataclass(frozen=True, slots=True)
class Signalled(Node):
    """The contact gave the signal, on `object` when one is named, at least `at_least` times in the scope."""

    signal: SignalKind
    object: str | None = None
    at_least: int = 1
    scope: Scope = Scope.DEFAULT
    days: int = 0


@dataclass(frozen=True, slots=True)
class Tagged(Node):
    """The contact bears the tag."""

    tag: str


@dataclass(frozen=True, slots=True)
class Ref:
    """Something with a value: `engagement` (milli-points), `fit` (grade), `stage`, `status`, `language`, or a field's name."""

    name: str


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`ref op value`. For `fit`, greater means better: `fit >= "C"` is C, B or A."""

    ref: Ref
    op: Op
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """`ref in [values]`. `folded` are the values as they are compared: see `folded`."""

    ref: Ref
    values: tuple[Value, ...]
    folded: frozenset[tuple[type, Value]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded", frozenset(map(folded, self.values)))


@dataclass(frozen=True, slots=True)
class IsUnknown(Node):
    """`ref is unknown`."""

    ref: Ref


@dataclass(frozen=True, slots=True)
class CompareDate(Node):
    """`ref op day`: dates are texts such as 2027-01-31, whose order is that of the calendar; any other value is unknown."""

    ref: Ref
    op: Op
    day: date


@dataclass(frozen=True, slots=True)
class DaysAway(Node):
    """The date lies so many days from the contact's today: at `least`, at `most`, both included; None has no bound.

    Days ahead count from 1, today is 0, days past are below. Today is the date on the contact's own clock.
    """

    ref: Ref
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class InSegment(Node):
    """The contact is in the segment, whose `condition` is asked of the contact alone: no enrolment, no present signal."""

    name: str
    condition: "Condition"


@dataclass(frozen=True, slots=True)
class And(Node):
    """All of them."""

    terms: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Any of them."""

    terms: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The contrary."""

    term: "Condition"


Condition: TypeAlias = (
    Always | Signalled | Tagged | Compare | CompareDate | DaysAway | OneOf | IsUnknown | InSegment | And | Or | Not
)


def folded(value: Value) -> tuple[type, Value]:
    """What equality looks at: texts whatever their case, and anything else with its type (1 is not true)."""
    return (str, value.casefold()) if isinstance(value, str) else (type(value), value)


def refs(condition: Condition) -> Iterator[Ref]:
    """Everything with a value that the condition asks about."""
    match condition:
        case And(terms) | Or(terms):
            for term in terms:
                yield from refs(term)
        case Not(term):
            yield from refs(term)
        case InSegment(condition=condition):
            yield from refs(condition)
        case Compare(ref=ref) | CompareDate(ref=ref) | DaysAway(ref=ref) | OneOf(ref=ref) | IsUnknown(ref=ref):
            yield ref
        case _:
            return


def comes_true(condition: Condition, denied: bool = False) -> bool:
    """Whether the condition (its contrary, if `denied`) can be made true by time alone: see `timed.py`."""
    match condition:
        case Not(term):
            return comes_true(term, not denied)
        case And(terms) | Or(terms):
            return any(comes_true(term, denied) for term in terms)
        case InSegment(condition=inner):
            return comes_true(inner, denied)
        case DaysAway(least=least, most=most):
            return (least if denied else most) is not None
        case Signalled(scope=scope):
            return denied and scope is Scope.WITHIN
        case Compare(ref=ref, op=op) if ref.name == ENGAGEMENT:
            return op not in ((Op.LT, Op.LE) if denied else (Op.GT, Op.GE))
        case _:
            return False


def looks_at(condition: Condition) -> Iterator[str]:
    """What the condition is read from: parts of the contact's state, its present `signal`, and the time (`now`).

    Two sets of facts that agree in these give the same answer. Of signals it names the kinds, too, that are asked for.
    """
    match condition:
        case Always():
            return
        case Tagged():
            yield "tags"
        case Signalled(signal=signal, scope=scope):
            yield from ("signal", "signals", signal)
            if scope is Scope.WITHIN:
                yield "now"
        case DaysAway(ref=ref):
            yield from ("now", "zone", "country", _PARTS.get(ref.name, "fields"))
        case Compare(ref=ref) | CompareDate(ref=ref) | OneOf(ref=ref) | IsUnknown(ref=ref):
            yield _PARTS.get(ref.name, "fields")
        case And(terms) | Or(terms):
            for term in terms:
                yield from looks_at(term)
        case Not(term) | InSegment(condition=term):
            yield from looks_at(term)
        case _:
            assert_never(condition)


_PARTS = {
    "fit": "grade",
    "created": "created_at",
    **{name: name for name in (ENGAGEMENT, "status", "stage", "country", "language")},
}
"""The parts of a state that hold what is no field."""

ALWAYS = Always()
NEVER = Not(ALWAYS)


def any_of(conditions: Iterable[Condition]) -> Condition:
    """One question for several: whether any of them holds."""
    terms: list[Condition] = []
    for condition in conditions:
        for term in condition.terms if isinstance(condition, Or) else (condition,):
            if term != NEVER and term not in terms:
                terms.append(term)
    return Or(tuple(terms)) if len(terms) > 1 else terms[0] if terms else NEVER
