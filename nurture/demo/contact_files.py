"""The contacts as CSV files with the dirt of real ones: a French one in Latin-1 with semicolons, an English one in UTF-8.

Capitals, stray spaces, missing fields, unknown countries, doubles under another spelling, addresses that are none.
"""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nurture.demo.names import SPELT
from nurture.demo.people import Door, Person
from nurture.simulate.dice import Dice


@dataclass(frozen=True, slots=True)
class Kind:
    """How a file is written, and which tag its people get."""

    name: str
    language: str
    tag: str
    encoding: str
    separator: str
    columns: Mapping[str, str]  # our field → the file's header


FRENCH = Kind(
    "visiteurs-salon-2026.csv",
    "fr",
    "salon-2026",
    "cp1252",  # as Windows writes it, with Ÿ and œ
    ";",
    {
        "last_name": "Nom", "first_name": "Prénom", "email": "Adresse e-mail", "company": "Société",
        "job_title": "Fonction", "industry": "Secteur d'activité", "employees": "Effectif", "city": "Ville",
        "country": "Pays", "phone": "Téléphone", "language": "Langue", "timezone": "Fuseau horaire",
        "tags": "Étiquettes", "stand": "Vu sur le stand",
    },
)  # fmt: skip
ENGLISH = Kind(
    "fair-2026.csv",
    "en",
    "fair-2026",
    "utf-8",
    ",",
    {
        "email": "Email address", "first_name": "First name", "last_name": "Last name", "company": "Company",
        "job_title": "Job title", "industry": "Industry", "employees": "Employees", "city": "City",
        "country": "Country", "phone": "Phone", "language": "Language", "timezone": "Time zone", "tags": "Tags",
    },
)  # fmt: skip
KINDS = (FRENCH, ENGLISH)

NO_ADDRESSES = ("", "n/c", "pas d'adresse", "camille.lefevre@", "jerome at ateliers.example", "zoe@@vercors.example")
MAY_BE_MISSING = ("first_name", "job_title", "industry", "employees", "city", "phone")


def write_files(people: Sequence[Person], seed: int, folder: Path) -> list[Path]:
    """Write the files; answers where they are."""
    dice = Dice(seed, ("files",))
    return [_write(kind, people, dice, folder / kind.name) for kind in KINDS]


def _write(kind: Kind, people: Sequence[Person], dice: Dice, path: Path) -> Path:
    own = [person for person in people if person.door is Door.FILE and person.language == kind.language]
    rows = [row for person in own for row in _rows(person, kind, dice.of(str(person.number)))]
    with path.open("w", encoding=kind.encoding, errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=kind.separator)
        writer.writerow(kind.columns.values())
        writer.writerows(_cells(row, kind) for row in rows)
    return path


def _cells(row: Mapping[str, str], kind: Kind) -> Iterable[str]:
    return (row.get(name, "") for name in kind.columns)


def _rows(person: Person, kind: Kind, dice: Dice) -> list[dict[str, str]]:
    """The person's row, and now and then another that ought not to be there."""
    row = _soiled(_clean(person, kind, dice), dice)
    rows = [row]
    if dice.happens("double", 4):
        rows.append({**row, "email": _other_spelling(row["email"]), "phone": ""})
    if dice.happens("no address", 2):
        rows.append({**row, "email": dice.pick("which", NO_ADDRESSES)})
    if dice.happens("no country", 1):
        rows.append({**row, "email": f"x{row['email'].strip()}", "country": "Atlantide"})
    return rows


def _clean(person: Person, kind: Kind, dice: Dice) -> dict[str, str]:
    return {
        "last_name": person.last_name,
        "first_name": person.first_name,
        "email": person.address,
        "company": person.company,
        "job_title": person.job_title,
        "industry": person.industry,
        "employees": str(person.employees),
        "city": person.city,
        "country": dice.pick("spelt", SPELT[person.country]),
        "phone": person.phone,
        "language": "Français" if person.language == "fr" else "English",
        "timezone": person.zone or "",
        "tags": kind.tag,
        "stand": dice.pick("stand", ("mardi", "mercredi", "jeudi", "")),
    }


def _soiled(row: dict[str, str], dice: Dice) -> dict[str, str]:
    for name, percent, soil in DIRT:
        if dice.happens(f"dirt {name}", percent):
            row[name] = soil(row[name])
    for name in MAY_BE_MISSING:
        if dice.happens(f"missing {name}", 5):
            row[name] = dice.pick(f"empty {name}", ("", "", "n/a", "-"))
    return row


DIRT: tuple[tuple[str, int, Callable[[str], str]], ...] = (
    ("last_name", 30, str.upper),
    ("first_name", 10, str.lower),
    ("first_name", 5, lambda text: f"  {text} "),
    ("email", 8, str.upper),
    ("email", 6, lambda text: f" {text}\u00a0"),
    ("email", 2, lambda text: f"mailto:{text}"),
    ("city", 15, str.upper),
    ("employees", 10, lambda text: f"{text}-{int(text) * 2}"),
    ("company", 5, lambda text: f"{text} "),
)


def _other_spelling(address: str) -> str:
    return address.strip().swapcase()
