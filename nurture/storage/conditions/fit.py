"""Fit in SQL, as of now: what the personas make of a contact's fields, by the same fold as `core.qualify`."""

from collections.abc import Callable, Collection
from itertools import groupby
from typing import Any, TypeAlias, assert_never

from sqlalchemy import BigInteger, ColumnElement, case, false, func, literal, or_

from nurture.core.conditions import Compare, Condition, IsUnknown, OneOf, Ref, folded
from nurture.core.scoring import Persona, Scoring, grade_of
from nurture.storage.conditions.bounds import Bounds, exactly, settled
from nurture.storage.conditions.comparing import OPERATORS, one_of, unknown
from nurture.storage.conditions.readings import Reading
from nurture.storage.tables import contacts

Where: TypeAlias = Callable[[Condition], Bounds]
Read: TypeAlias = Callable[[Ref], Reading | None]
Percent: TypeAlias = ColumnElement[Any]
Ask: TypeAlias = Compare | OneOf | IsUnknown

UNKNOWN = -1
"""The fit of whom no persona knows anything about."""


def best_fit(scoring: Scoring, where: Where, read: Read, lite: bool) -> Percent | None:
    """The greatest fit in percent, or `UNKNOWN`; None where SQL cannot say it."""
    fits: list[Percent] = []
    for persona in scoring.personas:
        fit = _fit(persona, where, read)
        if fit is None:
            return None
        fits.append(fit)
    greatest = func.max if lite else func.greatest
    return greatest(*fits) if len(fits) > 1 else fits[0] if fits else _whole(UNKNOWN)


def fit_of_now(ask: Ask, scoring: Scoring, fit: Percent) -> Bounds:
    """What is asked of `fit`, told by the percents that earn its letters."""
    match ask:
        case Compare():
            return settled(_earns(fit, _letters(ask, scoring), scoring))
        case OneOf(folded=wanted):
            letters = [letter for grade in scoring.grades if folded(letter := grade.letter) in wanted]
            return settled(_earns(fit, letters, scoring))
        case IsUnknown():
            return settled(fit == UNKNOWN)
        case _:
            assert_never(ask)


def kept_grade(ask: Ask, scoring: Scoring, grade: Reading) -> Bounds:
    """The same of the grade of the last decision."""
    match ask:
        case Compare():
            return exactly(contacts.c.grade.in_(_letters(ask, scoring)))
        case OneOf(values=values):
            return one_of(grade, values)
        case IsUnknown():
            return unknown(grade)
        case _:
            assert_never(ask)


def _letters(ask: Compare, scoring: Scoring) -> list[str]:
    """The letters of which the comparison is true: greater is better."""
    ranks, value = scoring.ranks, ask.value
    if not isinstance(value, str) or value not in ranks:
        return []
    return [letter for letter, rank in ranks.items() if letter is not None and OPERATORS[ask.op](rank, ranks[value])]


def _earns(fit: Percent, letters: Collection[str], scoring: Scoring) -> ColumnElement[bool]:
    """Whether a fit earns one of the letters: it lies in one of their spans, of which there is mostly one."""
    spans = groupby(range(101), lambda percent: grade_of(scoring, percent) in letters)
    inside = [list(percents) for earned, percents in spans if earned]
    return or_(false(), *(fit.between(_whole(span[0]), _whole(span[-1])) for span in inside))


def _fit(persona: Persona, where: Where, read: Read) -> Percent | None:
    """None where a criterion cannot be told, or weighs less than nothing."""
    criteria = [(where(criterion.when), criterion.weight) for criterion in persona.criteria]
    asked = [read(ref) for ref in sorted(persona.asked, key=lambda ref: ref.name)]
    known = [reading.known for reading in asked if reading is not None]
    if len(known) < len(asked) or any(not met.exact or weight < 0 for met, weight in criteria):
        return None
    met = [case((met.surely, _whole(weight)), else_=_whole(0)) for met, weight in criteria]
    total = _whole(persona.total or 1)
    return case((or_(false(), *known), sum(met, _whole(0)) * _whole(100) // total), else_=_whole(UNKNOWN))


def _whole(value: int) -> ColumnElement[Any]:
    return literal(value, BigInteger())
