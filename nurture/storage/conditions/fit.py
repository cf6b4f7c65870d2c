"""The grade in SQL, as of now: what the personas make of a contact's fields, by the same fold as `core.qualify`."""

from collections.abc import Callable
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Text, case, false, func, literal, null, or_

from nurture.core.conditions import Condition, Ref
from nurture.core.scoring import Grade, Persona, Scoring
from nurture.storage.conditions.bounds import Bounds
from nurture.storage.conditions.readings import Reading

Where: TypeAlias = Callable[[Condition], Bounds]
Read: TypeAlias = Callable[[Ref], Reading | None]

UNKNOWN = -1
"""The fit of whom a persona knows nothing about."""


def grade(scoring: Scoring, where: Where, read: Read, lite: bool) -> ColumnElement[Any] | None:
    """The letter of the best fit, NULL while no persona knows anything; None where SQL cannot say it."""
    fits = []
    for persona in scoring.personas:
        fit = _fit(persona, where, read)
        if fit is None:
            return None
        fits.append(fit)
    if not fits:
        return null()
    greatest = func.max if lite else func.greatest
    best = greatest(*fits) if len(fits) > 1 else fits[0]
    return case((best == UNKNOWN, null()), *(_earns(best, grade) for grade in scoring.grades), else_=_worst(scoring))


def _earns(fit: ColumnElement[Any], grade: Grade) -> tuple[ColumnElement[bool], ColumnElement[Any]]:
    return fit >= _whole(grade.at_least), literal(grade.letter, Text())


def _worst(scoring: Scoring) -> ColumnElement[Any]:
    return literal(scoring.grades[-1].letter, Text())


def _fit(persona: Persona, where: Where, read: Read) -> ColumnElement[Any] | None:
    """In percent; None where a criterion cannot be told, or weighs less than nothing."""
    criteria = [(where(criterion.when), criterion.weight) for criterion in persona.criteria]
    asked = [read(ref) for ref in persona.asked]
    known = [reading.known for reading in asked if reading is not None]
    if len(known) < len(asked) or any(not met.exact or weight < 0 for met, weight in criteria):
        return None
    met = [case((met.surely, _whole(weight)), else_=_whole(0)) for met, weight in criteria]
    total = _whole(persona.total or 1)
    return case((or_(false(), *known), sum(met, _whole(0)) * _whole(100) // total), else_=_whole(UNKNOWN))


def _whole(value: int) -> ColumnElement[Any]:
    return literal(value, BigInteger())
