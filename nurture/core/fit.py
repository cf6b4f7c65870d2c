"""How well a contact's profile fits the personas: what is known of it, weighed by their criteria.

Most events change nothing that a persona asks about, and many contacts tell the same: what a profile fits is remembered under
what was read of it. Criteria that read more than a profile are asked again each time.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from nurture.core.conditions import looks_at
from nurture.core.facts import Facts, test_of
from nurture.core.remembering import remember
from nurture.core.scoring import Persona, Scoring, grade_of
from nurture.core.values import readers_of

Measure: TypeAlias = Callable[[Facts], int | None]


class Fit(NamedTuple):
    """The name of the persona that fits best, its fit in percent and the grade that earns; None while nothing asked is known."""

    persona: str | None
    percent: int | None
    grade: str | None


Fitting: TypeAlias = Callable[[Facts], Fit]

UNKNOWN = Fit(None, None, None)

PROFILE = frozenset({"fields", "tags", "country", "language"})
"""The parts of a state under which a fit is remembered."""


def fitting_of(scoring: Scoring) -> Fitting:
    """All its personas as one function, kept with it."""
    asked = {part for persona in scoring.personas for c in persona.criteria for part in looks_at(c.when)}
    fitting = _measured_once(scoring, asked) if asked <= PROFILE else _measured_anew(scoring)
    object.__setattr__(scoring, "fitting", fitting)
    return fitting


def _measured_anew(scoring: Scoring) -> Fitting:
    measures = [(persona.name, _measure_of(persona)) for persona in scoring.personas]

    def fitting(facts: Facts) -> Fit:
        best = UNKNOWN
        for name, measure in measures:
            percent = measure(facts)
            if percent is not None and (best.percent is None or percent > best.percent):
                best = Fit(name, percent, grade_of(scoring, percent))
        return best

    return fitting


def _measured_once(scoring: Scoring, asked: set[str]) -> Fitting:
    """The same, remembered under the values read and their types: 1, 1.0 and true are one key, and not one value."""
    anew = _measured_anew(scoring)
    names = tuple(sorted({ref.name for persona in scoring.personas for ref in persona.asked}))
    parts = [part for part in PROFILE - {"fields"} if part in asked]
    memory: dict[tuple[object, ...], tuple[tuple[type, ...], Fit]] = {}

    def fitting(facts: Facts) -> Fit:
        state = facts.state
        read = tuple(map(state.fields.get, names))
        for part in parts:
            read += (getattr(state, part),)
        kinds = tuple(map(type, read))
        known = memory.get(read)
        if known is None or known[0] != kinds:
            known = remember(memory, read, (kinds, anew(facts)))
        return known[1]

    return fitting if parts else _unless_asked_just_now(fitting)


def _unless_asked_just_now(fitting: Fitting) -> Fitting:
    """The same where nothing but fields is read: a contact is often decided several times in a row."""
    latest: tuple[object, Fit] = (None, UNKNOWN)

    def again(facts: Facts) -> Fit:
        nonlocal latest
        fields, known = facts.state.fields, latest
        if known[0] is not fields:
            latest = known = (fields, fitting(facts))
        return known[1]

    return again


def _measure_of(persona: Persona) -> Measure:
    asked, total = readers_of(persona.asked), persona.total
    weights = [(test_of(criterion.when), criterion.weight) for criterion in persona.criteria]

    def measure(facts: Facts) -> int | None:
        for read in asked:
            if read(facts) is not None:
                break
        else:
            return None
        met = 0
        for test, weight in weights:
            if test(facts):
                met += weight
        return met * 100 // total if total else 0

    return measure
