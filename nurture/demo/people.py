"""Sample people, drawn by seed: who they are, where they work, how they are, and by which door they come in."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from nurture.demo import names
from nurture.demo.temperaments import TEMPERAMENTS, Mailbox, Temperament
from nurture.simulate.dice import Dice

ENGLISH = 18  # of a hundred people of the files
BY_FORM = 9  # people who fill in a form, for a hundred of the files


class Door(StrEnum):
    """How somebody comes in."""

    FILE = "file"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Person:
    """One of them. `zone` where the country alone does not tell it; `address` as the person writes it."""

    number: int
    first_name: str
    last_name: str
    address: str
    language: str
    country: str
    zone: str | None
    city: str
    company: str
    job_title: str
    industry: str
    employees: int
    phone: str
    temperament: Temperament
    door: Door

    @property
    def mailbox(self) -> Mailbox:
        """What becomes of mail to the address."""
        return self.temperament.mailbox


def draw_people(seed: int, contacts: int) -> list[Person]:
    """So many people for the files, and some more who come by a form."""
    dice = Dice(seed, ("people",))
    by_form = max(1, contacts * BY_FORM // 100)
    doors = [Door.FILE] * contacts + [Door.FORM] * by_form
    temperaments = _dealt(dice, len(doors))
    return [_person(dice.of(str(n)), n, door, temperaments[n]) for n, door in enumerate(doors)]


def _dealt(dice: Dice, count: int) -> list[Temperament]:
    """Every kind in its share, so that a small demo shows them all as well."""
    total = sum(t.share for t in TEMPERAMENTS)
    deck = [t for t in TEMPERAMENTS for _ in range(max(1, round(count * t.share / total)))]
    deck += [TEMPERAMENTS[2]] * (count - len(deck))
    return dice.shuffled("deck", deck)[:count]


def _person(dice: Dice, number: int, door: Door, temperament: Temperament) -> Person:
    language = "en" if dice.happens("language", ENGLISH) else "fr"
    first, last = dice.pick("first", names.FIRST[language]), dice.pick("last", names.LAST[language])
    country = dice.weigh("country", names.COUNTRIES[language])
    company = dice.pick("company", names.COMPANIES[language])
    return Person(
        number=number,
        first_name=first,
        last_name=last,
        address=f"{plain(first)}.{plain(last)}{number}@{plain(company)}.example",
        language=language,
        country=country,
        zone=dice.pick("zone", names.ZONES[country]) if country in names.ZONES else None,
        city=dice.pick("city", names.CITIES[country]),
        company=company,
        job_title=dice.weigh("job", names.JOBS[language]),
        industry=dice.weigh("industry", names.INDUSTRIES[language]),
        employees=int(dice.between("employees", 3, 30) ** 2),
        phone=f"+33 1 99 00 {number // 100 % 100:02d} {number % 100:02d}",
        temperament=temperament,
        door=door,
    )


def plain(text: str) -> str:
    """A name as it stands in an address: small ASCII letters, parts joined by hyphens."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in letters).split()
    return "-".join(words)


def by_address(people: Sequence[Person]) -> dict[str, Person]:
    """Everybody by address, in small letters."""
    return {person.address.lower(): person for person in people}
