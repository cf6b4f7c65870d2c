"""What a condition amounts to for whoever has given no signal, and so has no points: most contacts, on most days.

Most rules wait for a signal, so that little or nothing of them is left to be asked.
"""

from datetime import UTC, datetime

from nurture.core.conditions import ALWAYS, ENGAGEMENT, NEVER, And, Condition, InSegment, Not, Or, looks_at
from nurture.core.facts import Facts, holds
from nurture.core.scoring import Scoring
from nurture.core.state import ContactState
from nurture.core.words import SignalKind

SETTLED = frozenset({"signals", "signal", "now", ENGAGEMENT, *SignalKind})
"""What is known of a contact that has given none; of the time only signals are asked without something else beside it."""

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
            left = [reduced for term in terms if (reduced := _reduced(term)) != ALWAYS]
            return NEVER if NEVER in left else And(tuple(left)) if len(left) > 1 else left[0] if left else ALWAYS
        case Or(terms):
            left = [reduced for term in terms if (reduced := _reduced(term)) != NEVER]
            return ALWAYS if ALWAYS in left else Or(tuple(left)) if len(left) > 1 else left[0] if left else NEVER
        case Not(term):
            reduced = _reduced(term)
            return NEVER if reduced == ALWAYS else ALWAYS if reduced == NEVER else Not(reduced)
        case InSegment(name=name, condition=inner):
            reduced = _reduced(inner)
            return reduced if reduced in (ALWAYS, NEVER) else InSegment(name, reduced)
        case _ if SETTLED.issuperset(looks_at(condition)):
            return ALWAYS if holds(condition, NOBODY) else NEVER
        case _:
            return condition
