"""Those who come by a form: when they fill it in, and what they write."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from nurture.demo.errands import FillIn, Planned
from nurture.demo.people import Door, Person
from nurture.demo.words import AGENTS
from nurture.demo.zones import zone_of
from nurture.simulate.dice import Dice
from nurture.simulate.hours import waking

FORMS = {"fr": "audit-cloud", "en": "cloud-guide"}
EARLY = 0.5
"""They come in the first part of the demo's time, so that one sees what becomes of them."""


def by_form(people: Sequence[Person], seed: int, start: datetime, until: datetime) -> Iterator[Planned]:
    """Each fills in the form of the own language, once."""
    for person in people:
        if person.door is Door.FORM:
            dice = Dice(seed, ("form", person.address))
            after = dice.between("when", 0.01, EARLY) * (until - start)
            at = waking(start + timedelta(minutes=round(after / timedelta(minutes=1))), zone_of(person))
            yield Planned(at, person.address, "form", _filled(person, dice))


def _filled(person: Person, dice: Dice) -> FillIn:
    fields = {
        "email": person.address,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "company": person.company,
        "job_title": person.job_title,
        "industry": person.industry,
        "employees": str(person.employees),
        "country": person.country,
        "language": person.language,
        "consent": "yes",
    }
    return FillIn(FORMS[person.language], dice.pick("agent", AGENTS), fields)
