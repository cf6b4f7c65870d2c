"""Engagement in SQL, as of an instant: what `core.scoring.ledger` comes to, rule by rule, where the ledger is.

Told anew from the counts: the points that the ledger keeps are of the rules that held when they were earned.
"""

from typing import Any, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Text, case, cast, collate, func, literal, select

from nurture.core.scoring import HALF_LIVES, MILLION, Scoring, SignalRule, decay_table
from nurture.storage.conditions.asked import Asked, can_be_kept
from nurture.storage.tables import contacts, ledger

Number: TypeAlias = ColumnElement[Any]

DIGITS = 7
"""Of a number of millionths, as the decay tables are handed over: one text, so many digits a day."""


def can_be_told(scoring: Scoring) -> bool:
    """Whether SQL can say it: a cap below zero is not a sum, and not every name can be kept."""
    rules = scoring.by_signal.values()
    return all((rule.cap_per_day or 0) >= 0 and can_be_kept(rule.object or "") for rule in rules)


def engagement(asked: Asked) -> Number:
    """The milli-points that a contact's signals are worth at the instant."""
    worth = [_Earned(rule, asked).worth() for rule in asked.scoring.by_signal.values() if rule.points]
    return cast(sum(worth, _whole(0)), BigInteger())


class _Earned:
    """The entries of the ledger to which one rule applies, and what they earned."""

    def __init__(self, rule: SignalRule, asked: Asked) -> None:
        self.rule = rule
        self.asked = asked
        self.cap = rule.cap_per_day if rule.points > 0 else None  # points below zero reach no cap

    def worth(self) -> Number:
        """What is left of it today."""
        earned = self._capped_together() if self.rule.object is None and self.cap is not None else self._apart()
        left = self._left(earned.c.points, earned.c.day)
        return select(func.coalesce(func.sum(left), 0)).select_from(earned).scalar_subquery()

    def _apart(self) -> Any:
        """Each entry by itself: of one object there is one a day."""
        points = _points(self.rule)
        capped = points if self.cap is None else self._least(_whole(self.cap), points)
        return self._of_the_contact(capped)

    def _capped_together(self) -> Any:
        """What a day's objects reach together is capped: the first by name earn it."""
        name = ledger.c.object if self.asked.lite else collate(ledger.c.object, "C")
        points, cap = _points(self.rule), _whole(self.cap or 0)
        reached = cast(func.sum(points).over(partition_by=ledger.c.day, order_by=name), BigInteger())
        return self._of_the_contact(self._least(cap, reached) - self._least(cap, reached - points))

    def _of_the_contact(self, points: Number) -> Any:
        entry, rule = ledger.c, self.rule
        theirs = [entry.contact_id == contacts.c.id, entry.signal == rule.signal.value]
        others = [name for signal, name in self.asked.scoring.by_signal if signal is rule.signal and name is not None]
        if rule.object is not None:
            theirs.append(entry.object == rule.object)
        elif others:
            theirs.append(entry.object.not_in(sorted(others)))
        if rule.half_life is not None:
            theirs.append(entry.day >= _whole(self.asked.today - HALF_LIVES * rule.half_life))
        return select(entry.day, points.label("points")).where(*theirs).correlate(contacts).subquery()

    def _left(self, points: Number, day: Number) -> Number:
        """`points * millionths // MILLION` of the decay table."""
        if self.rule.half_life is None:
            return points
        millionths = _millionths(self.rule.half_life, day, self.asked.today)
        if self.cap is not None and self.cap < MILLION**2:
            return points * millionths // _whole(MILLION)
        rest = points % _whole(MILLION) * millionths  # no product overflows, and below zero it is rounded down, too
        whole = points // _whole(MILLION) * millionths
        return whole + (rest + _whole(MILLION**2)) // _whole(MILLION) - _whole(MILLION)

    def _least(self, one: Number, other: Number) -> Number:
        return func.min(one, other) if self.asked.lite else func.least(one, other)


def _points(rule: SignalRule) -> Number:
    return cast(ledger.c["count"], BigInteger()) * _whole(rule.points)


def _millionths(half_life: int, day: Number, today: int) -> Number:
    """What is left today of a million; a day to come is today. The ledger is asked for no day beyond the table."""
    age = case((day >= today, 0), else_=today - day)
    digits = literal("".join(f"{left:0{DIGITS}}" for left in decay_table(half_life)), Text())
    return cast(func.substr(digits, age * DIGITS + 1, DIGITS), BigInteger())


def _whole(value: int) -> Number:
    return literal(value, BigInteger())
