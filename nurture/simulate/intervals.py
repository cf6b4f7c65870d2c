"""How far a figure would lie from itself in other weeks: contacts of the run are drawn again, with replacement.

Each contact counts Poisson(1) times in a replicate, which is drawing with replacement where there are many. Contacts with
the same figures are drawn together: so many of them count Poisson(so many) times, and the cost does not grow with their number.
"""

import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

REPLICATES = 1000
LOW, HIGH = 0.05, 0.95
EXACT = 30.0


@dataclass(frozen=True, slots=True)
class Range:
    """A figure, and where nine in ten replicates lie."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the range leaves out zero: of a difference, whether there is one."""
        return self.low > 0 or self.high < 0


def total(counts: Mapping[int, int], seed: int) -> Range:
    """Of a figure's sum over contacts, given how many contacts have which value."""
    return totals({((0, value),): number for value, number in counts.items()}, 1, seed)[0]


def totals(patterns: Mapping[tuple[tuple[int, int], ...], int], length: int, seed: int) -> list[Range]:
    """Of the sums at places 0 … length - 1, given how many contacts add what at which places: ((place, value), …)."""
    ordered = sorted(patterns.items())
    real = [0] * length
    for pattern, contacts in ordered:
        _add(real, pattern, contacts)
    dice = random.Random(seed)
    drawn = [_replicate(ordered, length, dice) for _ in range(REPLICATES if ordered else 1)]
    return [_range(value, sorted(each[n] for each in drawn)) for n, value in enumerate(real)]


def weekly(contacts: Mapping[tuple[int, ...], int]) -> dict[tuple[tuple[int, int], ...], int]:
    """Weeks of contacts, each once a time, as `totals` takes them."""
    found: dict[tuple[tuple[int, int], ...], int] = {}
    for weeks, number in contacts.items():
        pattern = tuple(sorted((week, weeks.count(week)) for week in set(weeks)))
        found[pattern] = found.get(pattern, 0) + number
    return found


def _replicate(
    patterns: Iterable[tuple[tuple[tuple[int, int], ...], int]], length: int, dice: random.Random
) -> list[int]:
    sums = [0] * length
    for pattern, contacts in patterns:
        _add(sums, pattern, poisson(contacts, dice))
    return sums


def _add(sums: list[int], pattern: tuple[tuple[int, int], ...], times: int) -> None:
    for place, value in pattern:
        sums[place] += value * times


def poisson(mean: float, dice: random.Random) -> int:
    """A draw from the Poisson distribution; of a great mean, from the normal one that it then is."""
    if mean > EXACT:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    least, product, count = math.exp(-mean), dice.random(), 0
    while product > least:
        product *= dice.random()
        count += 1
    return count


def _range(value: int, drawn: list[int]) -> Range:
    last = len(drawn) - 1
    return Range(value, drawn[round(LOW * last)], drawn[round(HIGH * last)])
