"""Choices that look random and never differ: hashes of the seed and of what is chosen for."""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dice:
    """Throws of one seed; `about` names whose."""

    seed: int
    about: tuple[str, ...] = ()

    def of(self, *about: str) -> "Dice":
        """The throws of something within."""
        return Dice(self.seed, (*self.about, *about))

    def throw(self, what: str) -> float:
        """From 0 up to 1, evenly spread; the same for the same question."""
        said = "\x1f".join((str(self.seed), *self.about, what)).encode()
        return int.from_bytes(hashlib.sha256(said).digest()[:7]) / 2**56

    def happens(self, what: str, percent: float) -> bool:
        """Yes in so many cases of a hundred."""
        return self.throw(what) * 100 < percent

    def between(self, what: str, low: float, high: float) -> float:
        """Anywhere between the two."""
        return low + self.throw(what) * (high - low)

    def pick(self, what: str, among: Sequence[T]) -> T:
        """One of them, all alike."""
        return among[int(self.throw(what) * len(among))]

    def weigh(self, what: str, among: Sequence[tuple[int, T]]) -> T:
        """One of them, by weight."""
        sums = list(accumulate(weight for weight, _ in among))
        return among[bisect_right(sums, self.throw(what) * sums[-1])][1]

    def shuffled(self, what: str, items: Sequence[T]) -> list[T]:
        """All of them, in another order."""
        return [item for _, item in sorted(enumerate(items), key=lambda pair: self.throw(f"{what}{pair[0]}"))]
