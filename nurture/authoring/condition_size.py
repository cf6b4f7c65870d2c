"""How much a condition comes to with the segments it names: a few lines could else stand for millions of questions."""

from nurture.authoring.grammar import DEEPEST
from nurture.core.conditions import And, Condition, InSegment, Not, Or

MOST = 1_000
"""Questions and what joins them."""


def is_too_long(condition: Condition) -> bool:
    """Whether it is more than is asked of a contact, or deeper than functions may call each other."""
    size, depth = _extent(condition)
    return size > MOST or depth > DEEPEST


def _extent(condition: Condition) -> tuple[int, int]:
    match condition:
        case And(terms) | Or(terms):
            sizes, depths = zip(*map(_extent, terms), strict=True)
            return 1 + sum(sizes), 1 + max(depths)
        case Not(term) | InSegment(condition=term):
            size, depth = _extent(term)
            return 1 + size, 1 + depth
        case _:
            return 1, 1
