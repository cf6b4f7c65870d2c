"""How well a contact's profile fits the personas: what is known of it, weighed by their criteria."""

from collections.abc import Callable
from typing import TypeAlias

from nurture.core.facts import Facts, test_of
from nurture.core.scoring import Persona
from nurture.core.values import readers_of

Measure: TypeAlias = Callable[[Facts], int | None]


def best_persona(facts: Facts) -> tuple[Persona | None, int | None]:
    """The persona that fits best and its fit in percent; (None, None) while nothing it asks is known."""
    best, most = None, None
    for persona in facts.scoring.personas:
        try:
            measure = persona.measure
        except AttributeError:
            measure = _measure_of(persona)
        fit = measure(facts)
        if fit is not None and (most is None or fit > most):
            best, most = persona, fit
    return best, most


def _measure_of(persona: Persona) -> Measure:
    """The persona as one function, kept with it."""
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

    object.__setattr__(persona, "measure", measure)
    return measure
