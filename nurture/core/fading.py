"""What points that fade come to on days to come, if nothing happens."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property

from nurture.core.scoring import HALF_LIVES, Scoring, ledger, remaining
from nurture.core.state import ContactState


class Fading:
    """The engagement of a contact from a day (an ordinal of UTC) on."""

    def __init__(self, scoring: Scoring, state: ContactState, today: int) -> None:
        self._scoring = scoring
        self._state = state
        self._today = today

    @cached_property
    def _points(self) -> list[tuple[int, int | None, int]]:
        """Points, their half-life, and the day that earned them."""
        found = []
        signals = self._state.signals.items()
        counts = ((*key, day, one.count) for key, tally in signals for day, one in tally.items())
        for entry in ledger(self._scoring, counts, self._today):
            rule = self._scoring.rule_for(entry.signal, entry.object)
            found.append((entry.points, rule.half_life if rule else None, entry.day))
        return found

    def on(self, day: int) -> int:
        """The engagement on a day, in milli-points."""
        return sum(remaining(points, half_life, day - earned) for points, half_life, earned in self._points)

    def changes(self, value: int) -> Iterator[int]:
        """The days on which it comes to be, or ceases to be, below, at or above a value."""
        days = range(self._today, self._last + 1)
        if any(points < 0 for points, _, _ in self._points):
            signs = [_sign(self.on(day) - value) for day in days]
            yield from (day for day, one, other in zip(days[1:], signs, signs[1:], strict=False) if one != other)
            return
        for limit in (0, 1):  # at most the value; less than it
            at = bisect_left(days, True, key=lambda day: self.on(day) <= value - limit)
            if 0 < at < len(days):
                yield days[at]

    @property
    def _last(self) -> int:
        """The day on which nothing is left that fades."""
        ends = (earned + half_life * HALF_LIVES + 1 for _, half_life, earned in self._points if half_life is not None)
        return max(ends, default=self._today)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
