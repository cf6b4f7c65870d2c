"""The names that a condition may use, and what each may be compared with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from nurture.core.conditions import Condition
from nurture.core.scoring import GRADES
from nurture.core.words import Status


class FieldKind(StrEnum):
    """What a field of a contact holds; the value is what authors write in scoring.yaml."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "yes/no"
    CHOICE = "choice"
    COUNTRY = "country"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of contacts. `labels` name it for people, by language; `choices` close the set of its values."""

    name: str
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)


STANDARD_FIELDS: Mapping[str, Field] = {
    name: Field(name, kind, labels={"fr": french, "en": english})
    for name, kind, french, english in (
        ("first_name", FieldKind.TEXT, "Prénom", "First name"),
        ("last_name", FieldKind.TEXT, "Nom", "Last name"),
        ("company", FieldKind.TEXT, "Entreprise", "Company"),
        ("job_title", FieldKind.TEXT, "Fonction", "Job title"),
        ("industry", FieldKind.TEXT, "Secteur", "Industry"),
        ("country", FieldKind.COUNTRY, "Pays", "Country"),
        ("language", FieldKind.TEXT, "Langue", "Language"),
        ("city", FieldKind.TEXT, "Ville", "City"),
        ("phone", FieldKind.TEXT, "Téléphone", "Phone"),
        ("employees", FieldKind.NUMBER, "Effectif", "Employees"),
        ("website", FieldKind.TEXT, "Site web", "Website"),
    )
}


class Special(StrEnum):
    """Things with a value that are not fields of the contact."""

    ENGAGEMENT = "engagement"
    FIT = "fit"
    STAGE = "stage"
    STATUS = "status"
    CREATED = "created"


RESERVED = frozenset(
    {"and", "or", "not", "in", "is", "unknown", "known", "within", "ever", "tagged", "true", "false", "always", "never"}
    | {"today", "next", "last", "more", "than", "ago", "ahead", "segment"}
    | {special.value for special in Special}
)
"""Words of the language, which no field may bear."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What can be named where a condition stands. `contents` are kinds by id; None checks no ids at all."""

    contents: Mapping[str, str] | None = None
    forms: frozenset[str] = frozenset()
    fields: Mapping[str, Field] = field(default_factory=lambda: STANDARD_FIELDS)
    grades: tuple[str, ...] = tuple(grade.letter for grade in GRADES)
    stages: tuple[str, ...] = ()
    statuses: tuple[str, ...] = tuple(status.value for status in Status)
    specials: frozenset[Special] = frozenset(Special)
    segments: Mapping[str, Condition] = field(default_factory=dict)
    signals: bool = True
    """Whether behaviour may be asked for: a persona is a profile, and knows none."""
