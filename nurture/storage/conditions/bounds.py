"""Two-valued answers in SQL, with what may and what must be true kept apart where SQL cannot say exactly which."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, true


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a condition lies between: wherever `surely` holds it is true, and wherever it is true `possibly` holds.

    Both are true or false of every row, never NULL, so that each can be negated. One and the same: exact.
    """

    surely: ColumnElement[bool]
    possibly: ColumnElement[bool]

    @property
    def exact(self) -> bool:
        """Whether SQL says all there is to say."""
        return self.surely is self.possibly


def exactly(clause: ColumnElement[bool]) -> Bounds:
    """What SQL can say; where it answers NULL, something is unknown, and that is false."""
    return settled(func.coalesce(clause, false()))


def settled(clause: ColumnElement[bool]) -> Bounds:
    """As `exactly`, of a clause that is never NULL."""
    return Bounds(clause, clause)


def unsure(possibly: ColumnElement[bool] | None = None) -> Bounds:
    """What SQL cannot say: true at most where `possibly` (never NULL) holds."""
    return Bounds(false(), true() if possibly is None else possibly)


def always() -> Bounds:
    """True of everybody."""
    return settled(true())


def never() -> Bounds:
    """True of nobody."""
    return settled(false())


def all_of(terms: Iterable[Bounds]) -> Bounds:
    """Where each of them is true."""
    parts = tuple(terms)
    possibly = and_(true(), *(part.possibly for part in parts))
    if all(part.exact for part in parts):
        return settled(possibly)
    return Bounds(and_(true(), *(part.surely for part in parts)), possibly)


def any_of(terms: Iterable[Bounds]) -> Bounds:
    """Where one of them is true."""
    parts = tuple(terms)
    possibly = or_(false(), *(part.possibly for part in parts))
    if all(part.exact for part in parts):
        return settled(possibly)
    return Bounds(or_(false(), *(part.surely for part in parts)), possibly)


def contrary(term: Bounds) -> Bounds:
    """Where it is not true: what may be becomes what must not be."""
    return settled(not_(term.possibly)) if term.exact else Bounds(not_(term.possibly), not_(term.surely))
