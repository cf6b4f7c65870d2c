"""Which variant of a mail does best: what an author asks for, and the verdict on what a sample did.

The counts of many contacts stay out of `decide`: the clock counts them, and the winner is part of the next World.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nurture.core.spans import Span
from nurture.core.words import SignalKind

FEWEST = 10
"""Mails of each variant without which no winner is named."""


@dataclass(frozen=True, slots=True)
class WinnerRule:
    """The variant with most people who did `by`, `after` the first was sent to a `sample` (hundredths of a percent)."""

    by: SignalKind
    after: Span
    sample: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many got a variant, and how many of them did what counts (each once, machines not at all)."""

    sent: int = 0
    did: int = 0


def winner_of(variants: Sequence[str], counts: Mapping[str, Count]) -> str | None:
    """The best share; None when too few were sent, or nobody did anything.

    Of equal shares the one with more people wins, then the one that the author wrote first.
    """
    known = [counts.get(variant, Count()) for variant in variants]
    if not known or any(count.sent < FEWEST for count in known) or not any(count.did for count in known):
        return None
    best = 0
    for n, count in enumerate(known):
        here, there = count.did * known[best].sent, known[best].did * count.sent  # shares without fractions
        if (here, count.did) > (there, known[best].did):
            best = n
    return variants[best]
