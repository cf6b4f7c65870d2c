"""Dates in conditions: compared with a date, with today, and with so many days before or after today.

renewal_on <= 2027-01-31              renewal_on within next 30 days       renewal_on more than 90 days ago
renewal_on = today                    renewal_on within last 2 weeks       renewal_on more than 6 weeks ahead
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from lark import Token

from nurture.authoring.naming import Names, name_of
from nurture.authoring.problems import Code, did_you_mean
from nurture.authoring.times import DAYS_IN, LATEST, day_of
from nurture.authoring.vocabulary import Field, FieldKind, Special
from nurture.core.conditions import ALWAYS, And, CompareDate, Condition, DaysAway, IsUnknown, Not, Op, Or, Ref
from nurture.core.words import SignalKind

FARTHEST = 3_660
"""Days from today that a condition can look at: ten years."""

TODAY = "TODAY"
LIKE = "write it like 2027-01-31"

Bounds: TypeAlias = tuple[int | None, int | None]

FROM_TODAY: Mapping[Op, Bounds] = {
    Op.EQ: (0, 0),
    Op.LT: (None, -1),
    Op.LE: (None, 0),
    Op.GT: (1, None),
    Op.GE: (0, None),
}
"""How many days away a date is that compares so with today."""


def is_date(target: object) -> bool:
    """Whether a name stands for a date."""
    return target is Special.CREATED or (isinstance(target, Field) and target.kind is FieldKind.DATE)


def compare_date(names: Names, ref: Ref, op: Op, written: Token) -> Condition:
    """`ref op 2027-01-31`, `ref op today`. What is wrong is logged, and answered by `ALWAYS`."""
    if written.type == TODAY:
        bounds = FROM_TODAY.get(op)
        return And((Not(IsUnknown(ref)), Not(DaysAway(ref, 0, 0)))) if bounds is None else DaysAway(ref, *bounds)
    if written.type != "DATE":
        hint = f"{LIKE}, without quotes" if written.type == "STRING" else ""
        message = f'"{ref.name}" is compared with a date, such as 2027-01-31, or with today'
        names.wrong(Code.WRONG_TYPE, written, message, hint)
        return ALWAYS
    day = day_of(str(written))
    if day is None:
        names.wrong(Code.BAD_SPAN, written, f'"{written}" is not a date', f"{LIKE}, up to {LATEST}")
        return ALWAYS
    return CompareDate(ref, op, day)


def among_dates(names: Names, ref: Ref, written: Sequence[Token]) -> Condition:
    """`ref in [2027-01-31, …]`."""
    each = tuple(compare_date(names, ref, Op.EQ, token) for token in written)
    return each[0] if len(each) == 1 else Or(each)


def days_within(names: Names, parts: Sequence[Token]) -> Condition:
    """`ref within next 30 days`: from today on; `within last 30 days`: up to today."""
    name, way, number, unit = parts
    days = _days(names, name, number, unit)
    if days is None:
        return ALWAYS
    return DaysAway(Ref(str(name)), 0, days) if way == "next" else DaysAway(Ref(str(name)), -days, 0)


def days_beyond(names: Names, parts: Sequence[Token]) -> Condition:
    """`ref more than 90 days ago`, `ref more than 90 days ahead`."""
    name, number, unit, side = parts
    days = _days(names, name, number, unit)
    if days is None:
        return ALWAYS
    return DaysAway(Ref(str(name)), None, -days - 1) if side == "ago" else DaysAway(Ref(str(name)), days + 1, None)


def no_way_said(names: Names, parts: Sequence[Token]) -> Condition:
    """`ref within 30 days`, where one of two ways was meant; or a signal was."""
    name, number, unit = parts
    if str(name) in set(SignalKind):
        names.wrong(Code.BAD_CONDITION, name, f'"{name}" is a signal', f"write {name}() within {number} {unit}")
    elif is_date(names.target(name)):
        hint = f'write "within next {number} {unit}" or "within last {number} {unit}"'
        names.wrong(Code.BAD_CONDITION, number, "before or after today?", hint)
    return ALWAYS


def _days(names: Names, name: Token, number: Token, unit: Token) -> int | None:
    """A number of days from today, where the name is a date's."""
    target = names.target(name)
    if target is None:
        return None
    if not is_date(target):
        message, hint = (
            f'"{name_of(target)}" is not a date',
            'fields that hold dates are declared "date" in scoring.yaml',
        )
        names.wrong(Code.WRONG_TYPE, name, message, hint)
        return None
    days_in = DAYS_IN.get(str(unit))
    if days_in is None:
        hint = did_you_mean(str(unit), ("days", "weeks"), otherwise="count in days or weeks")
        names.wrong(Code.BAD_SPAN, unit, f'dates are not counted in "{unit}"', hint)
        return None
    days = int(number) * days_in if number.isdigit() else 0
    if not 1 <= days <= FARTHEST:
        names.wrong(Code.BAD_SPAN, number, f"1 to {FARTHEST} days from today can be looked at")
        return None
    return days


def to_words(ask: DaysAway) -> str:
    """The condition as an author would write it. Of bounds that no author can write, the words tell what they can."""
    near = next((op for op, bounds in FROM_TODAY.items() if bounds == (ask.least, ask.most)), None)
    if near is not None:
        return f"{ask.ref.name} {near} today"
    match ask.least, ask.most:
        case None, int(most):
            return f"{ask.ref.name} more than {-most - 1} days ago"
        case int(least), None:
            return f"{ask.ref.name} more than {least - 1} days ahead"
        case 0, most:
            return f"{ask.ref.name} within next {most} days"
        case least, _:
            return f"{ask.ref.name} within last {-(least or 0)} days"
