"""Engagement in SQL, as of an instant: what `core.scoring.ledger` comes to, summed where the ledger is.

Told anew from the counts: the points that the ledger keeps are of the rules that held when they were earned.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, FromClause, Text, and_, case, cast, collate, func, literal, select

from nurture.core.scoring import HALF_LIVES, MILLION, Scoring, SignalRule, decay_table
from nurture.storage.bulk import least
from nurture.storage.conditions.asked import Asked, can_be_kept
from nurture.storage.tables import contacts, ledger

Number: TypeAlias = ColumnElement[Any]
Rules: TypeAlias = Sequence[SignalRule]

DIGITS = 7
"""Of a number of millionths, as the decay tables are handed over: one text, so many digits a day."""


def can_be_told(scoring: Scoring) -> bool:
    """Whether SQL can say it: a cap below zero is not a sum, and not every name can be kept."""
    rules = scoring.by_signal.values()
    return all((rule.cap_per_day or 0) >= 0 and can_be_kept(rule.object or "") for rule in rules)


def engagement(asked: Asked) -> Number:
    """The milli-points that a contact's signals are worth at the instant."""
    rules = tuple(asked.scoring.by_signal.values())
    if not rules:
        return _whole(0)
    earned = _earned(rules, asked)
    worth = _share(earned.c.points, _millionths(rules, earned.c, asked.today))
    return select(cast(func.coalesce(func.sum(worth), 0), BigInteger())).select_from(earned).scalar_subquery()


def _earned(rules: Rules, asked: Asked) -> FromClause:
    """What each entry earned, with the number of its rule and its day; the cap of a day goes to the first by name."""
    entry = _entries(rules, asked).c
    points = cast(entry.times, BigInteger()) * _of(rules, entry.rule, lambda rule: rule.points)
    capped = [n for n, rule in enumerate(rules) if rule.cap_per_day is not None and rule.points > 0]
    if capped:
        name = entry.object if asked.lite else collate(entry.object, "C")
        reached = func.sum(points).over(partition_by=(entry.rule, entry.day), order_by=name)
        cap = _of(rules, entry.rule, lambda rule: rule.cap_per_day or 0)
        share = least(cap, cast(reached, BigInteger()), asked.lite) - least(
            cap, cast(reached - points, BigInteger()), asked.lite
        )
        points = case((entry.rule.in_(capped), share), else_=points)
    return select(entry.rule, entry.day, points.label("points")).where(entry.rule.is_not(None)).subquery()


def _entries(rules: Rules, asked: Asked) -> FromClause:
    """The contact's entries that may be worth something."""
    entry = ledger.c
    theirs = [entry.contact_id == contacts.c.id, entry.signal.in_(sorted({rule.signal.value for rule in rules}))]
    if all(rule.half_life is not None for rule in rules):
        theirs.append(entry.day >= _whole(asked.today - HALF_LIVES * max(rule.half_life or 0 for rule in rules)))
    of_object_first = sorted(enumerate(rules), key=lambda numbered: numbered[1].object is None)
    number = case(*((_is_of(rule), n) for n, rule in of_object_first))
    found = select(number.label("rule"), entry.day, entry.object, entry["count"].label("times"))
    return found.where(and_(*theirs)).correlate(contacts).subquery()


def _is_of(rule: SignalRule) -> ColumnElement[bool]:
    same = ledger.c.signal == rule.signal.value
    return same if rule.object is None else and_(same, ledger.c.object == rule.object)


def _of(rules: Rules, number: Number, part: Callable[[SignalRule], int]) -> Number:
    return case(*((number == n, _whole(part(rule))) for n, rule in enumerate(rules)))


def _millionths(rules: Rules, entry: Any, today: int) -> Number:
    """What is left of a million of the rule's points today; a day to come is today."""
    age = case((entry.day >= today, 0), else_=today - entry.day)
    halves = {rule.half_life for rule in rules if rule.half_life is not None}
    ways = [
        ([n for n, rule in enumerate(rules) if rule.half_life == each], _faded(each, age)) for each in sorted(halves)
    ]
    return case(
        *((entry.rule.in_(numbers), left) for numbers, left in ways), (entry.rule.is_not(None), _whole(MILLION))
    )


def _faded(half_life: int, age: Number) -> Number:
    table = decay_table(half_life)
    digits = literal("".join(f"{left:0{DIGITS}}" for left in table), Text())
    left = cast(func.substr(digits, age * DIGITS + 1, DIGITS), BigInteger())
    return case((age >= len(table), _whole(0)), else_=left)


def _share(points: Number, millionths: Number) -> Number:
    """`points * millionths // MILLION`, rounded down as Python does below zero, too, and without a product that overflows."""
    rest = points % _whole(MILLION) * millionths
    return points // _whole(MILLION) * millionths + (rest + _whole(MILLION**2)) // _whole(MILLION) - _whole(MILLION)


def _whole(value: int) -> Number:
    return literal(value, BigInteger())
