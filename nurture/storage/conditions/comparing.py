"""Comparisons in SQL as the core makes them: equality looks at the type, order at numbers or at texts, unknown is false."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, and_, false, func, literal, not_, or_

from nurture.core.conditions import Op, Value
from nurture.storage.conditions.asked import can_be_kept
from nurture.storage.conditions.bounds import Bounds, exactly, settled, unsure
from nurture.storage.conditions.readings import Reading

OPERATORS: Mapping[Op, Callable[[Any, Any], Any]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}


def compared(known: Reading, op: Op, value: Value) -> Bounds:
    """`known op value`."""
    if not can_be_kept(value):
        return unsure(known.known)
    match op:
        case Op.EQ:
            return settled(_equal(known, (value,)))
        case Op.NE:
            return settled(and_(known.known, not_(_equal(known, (value,)))))
        case _:
            return exactly(_ordered(known, OPERATORS[op], value))


def one_of(known: Reading, values: Iterable[Value]) -> Bounds:
    """`known in values`."""
    wanted = tuple(values)
    return settled(_equal(known, wanted)) if all(map(can_be_kept, wanted)) else unsure(known.known)


def unknown(known: Reading) -> Bounds:
    """`known is unknown`."""
    return settled(not_(known.known))


def _equal(known: Reading, values: tuple[Value, ...]) -> ColumnElement[bool]:
    """One of the values, in its type: 1 is not true. Never NULL."""
    flags = [int(value) for value in values if isinstance(value, bool)]
    wholes = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    texts = [value.casefold() for value in values if isinstance(value, str)]
    return or_(_among(known.flag, flags), _among(known.whole, wholes), _among(known.text, texts))


def _among(part: ColumnElement[Any] | None, wanted: Sequence[str | int]) -> ColumnElement[bool]:
    if part is None or not wanted:
        return false()
    test = part == _told(wanted[0]) if len(wanted) == 1 else part.in_([_told(value) for value in wanted])
    return func.coalesce(test, false())


def _ordered(known: Reading, compare: Callable[[Any, Any], Any], value: Value) -> ColumnElement[bool]:
    part, bound = (known.text, value.casefold()) if isinstance(value, str) else (known.number, int(value))
    found: ColumnElement[bool] = false() if part is None else compare(part, _told(bound))
    return found


def _told(value: str | int) -> ColumnElement[Any]:
    return literal(value, Text() if isinstance(value, str) else BigInteger())
