"""What a condition amounts to for whoever has given no signal, and so has no points: most contacts, on most days.

Most rules wait for a signal, so that little or nothing of them is left to be asked.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from nurture.core.conditions import ALWAYS, ENGAGEMENT, NEVER, And, Condition, InSegment, Not, Or, looks_at
from nurture.core.facts import Facts, holds
from nurture.core.scoring import Scoring
from nurture.core.state import ContactState
from nurture.core.words import SignalKind

SETTLED = frozenset({"signals", "signal", "now", ENGAGEMENT, *SignalKind})
"""What is known of a contact that has given none; of the time only signals are asked without something else beside it."""

_CONTRARY: Mapping[Condition, Condition] = {ALWAYS: NEVER, NEVER: ALWAYS}

NOBODY = Facts(ContactState(""), Scoring(), datetime.min.replace(tzinfo=UTC))


def at_rest(condition: Condition) -> Condition:
    """The condition for whoever has no signals and no engagement, where none is happening; kept with it."""
    try:
        return condition.at_rest
    except AttributeError:
        reduced = _reduced(condition)
        object.__setattr__(condition, "at_rest", reduced)
        return reduced


def _reduced(condition: Condition) -> Condition:
    match condition:
        case And(terms):
            return _joined(And, terms, ALWAYS, NEVER)
        case Or(terms):
            return _joined(Or, terms, NEVER, ALWAYS)
        case Not(term):
            reduced = _reduced(term)
            return _CONTRARY.get(reduced, Not(reduced))
        case InSegment(name=name, condition=inner):
            reduced = _reduced(inner)
            return reduced if reduced in (ALWAYS, NEVER) else InSegment(name, reduced)
        case _ if SETTLED.issuperset(looks_at(condition)):
            return ALWAYS if holds(condition, NOBODY) else NEVER
        case _:
            return condition


def _joined(kind: type[And | Or], terms: tuple[Condition, ...], idle: Condition, settles: Condition) -> Condition:
    """The terms without those that are `idle`; one that `settles` the matter is all there is to say."""
    left = [reduced for term in terms if (reduced := _reduced(term)) != idle]
    if settles in left:
        return settles
    if len(left) < 2:
        return left[0] if left else idle
    return kind(tuple(left))
