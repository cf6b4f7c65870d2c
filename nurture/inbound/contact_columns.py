"""What the columns of a contact file mean, and their values made regular: real files come in capitals and in two languages."""

import re
import unicodedata
import zoneinfo
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import assert_never

from babel import Locale

from nurture.authoring.times import day_of
from nurture.authoring.vocabulary import STANDARD_FIELDS, Field, FieldKind
from nurture.core.events import FieldValue

HEADERS: Mapping[str, tuple[str, ...]] = {
    "email": (
        "email",
        "e mail",
        "mail",
        "adresse email",
        "adresse e mail",
        "adresse mail",
        "courriel",
        "email address",
    ),
    "first_name": ("first name", "firstname", "prenom", "given name"),
    "last_name": ("last name", "lastname", "nom", "nom de famille", "surname", "family name"),
    "company": ("company", "company name", "societe", "entreprise", "raison sociale", "organisation", "organization"),
    "job_title": ("job title", "title", "fonction", "poste", "intitule de poste", "role", "titre"),
    "industry": ("industry", "secteur", "secteur d activite", "activite", "sector"),
    "country": ("country", "pays", "country code", "code pays"),
    "city": ("city", "ville", "localite"),
    "phone": ("phone", "telephone", "tel", "telephone portable", "mobile", "phone number"),
    "employees": ("employees", "effectif", "effectifs", "nombre de salaries", "company size", "headcount", "salaries"),
    "website": ("website", "site", "site web", "site internet", "url", "domaine", "domain"),
    "language": ("language", "langue", "lang"),
    "timezone": ("timezone", "time zone", "fuseau", "fuseau horaire"),
    "tags": ("tags", "tag", "etiquettes", "etiquette", "liste", "listes"),
}
"""Each column's names, without accents or punctuation."""

NAMES = frozenset({"first_name", "last_name", "city"})
LANGUAGES = {"fr": "fr", "francais": "fr", "french": "fr", "en": "en", "anglais": "en", "english": "en"}
LONGEST = 500

_FLAGS = dict.fromkeys(("yes", "oui", "true", "vrai", "1", "x", "y", "o"), True) | dict.fromkeys(
    ("no", "non", "false", "faux", "0", "n"), False
)

_HEADCOUNT = re.compile(
    r"[~≈><+]?\s*(\d{1,3}(?:[\s.,'’\u202f\xa0]\d{3})+|\d+)\s*(?:(?:[-–—àa]|to)\s*\d.*|\+|[^\W\d_]{3,}.*)?",
    re.IGNORECASE,
)


def column_of(header: str, fields: Mapping[str, Field] = STANDARD_FIELDS) -> str | None:
    """The field that a column's header means, by name or label; None when it means nothing known."""
    plain = _plain(header)
    for name, spellings in HEADERS.items():
        if plain in spellings or plain == name.replace("_", " "):
            return name
    for field in fields.values():
        if plain in {_plain(word) for word in (field.name, *field.labels.values())}:
            return field.name
    return None


def regular(name: str, text: str, fields: Mapping[str, Field] = STANDARD_FIELDS) -> FieldValue | None:
    """The value as the engine keeps it; None when there is nothing. ValueError says what is wrong with it."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if not text or text.casefold() in {"n/a", "na", "null", "none", "-", "—", "nc", "n.c."}:
        return None
    if len(text) > LONGEST:
        raise ValueError(f"{name} has {len(text)} characters; at most {LONGEST} are kept")
    if name in NAMES:
        return _name(text)
    if name == "language":
        return LANGUAGES.get(_plain(text)) or LANGUAGES.get(_plain(text)[:2])
    if name == "timezone":
        return _zone(text)
    return _of_kind(fields.get(name, Field(name)), text)


def _of_kind(field: Field, text: str) -> FieldValue:
    match field.kind:
        case FieldKind.NUMBER:
            return _number(field.name, text)
        case FieldKind.COUNTRY:
            return _country(text)
        case FieldKind.FLAG:
            return _flag(field.name, text)
        case FieldKind.CHOICE:
            return _choice(field, text)
        case FieldKind.DATE:
            return _date(field.name, text)
        case FieldKind.TEXT:
            return text
        case _:
            assert_never(field.kind)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters).split())


def _name(text: str) -> str:
    """JEAN-PIERRE and jean-pierre become Jean-Pierre; what is in mixed case is left alone."""
    if text.isupper() or text.islower():
        return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), text)
    return text


def _country(text: str) -> str:
    code = _countries().get(_plain(text))
    if code is None and len(text) == 2 and text.isascii() and text.isalpha():
        return text.upper()
    if code is None:
        raise ValueError(f"unknown country {text!r}; write a name in French or English, or a code such as FR")
    return code


@cache
def _countries() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for language in ("en", "fr"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                names[_plain(name)] = code
    return names | {"uk": "GB", "usa": "US", "etats unis d amerique": "US", "angleterre": "GB", "england": "GB"}


def _flag(name: str, text: str) -> bool:
    said = _FLAGS.get(_plain(text))
    if said is None:
        raise ValueError(f"{name} is {text[:40]!r}; write yes or no")
    return said


_DATES = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[T ]\d.*)?", re.ASCII),
    re.compile(r"(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4})(?: \d.*)?", re.ASCII),
)
"""2027-01-31 and 31/01/2027, with or without a time behind. Nobody can tell what month-first files mean by 03/04/2027."""


def _date(name: str, text: str) -> str:
    found = next((match for form in _DATES if (match := form.fullmatch(text))), None)
    day = day_of(f"{found['y']}-{found['m']:0>2}-{found['d']:0>2}") if found else None
    if day is None:
        raise ValueError(f"{name} is {text[:40]!r}; write a date such as 2027-01-31 or 31/01/2027")
    return day.isoformat()


def _choice(field: Field, text: str) -> str:
    found = next((choice for choice in field.choices if _plain(choice) == _plain(text)), None)
    if found is None:
        raise ValueError(f"{field.name} is {text[:40]!r}; write one of {', '.join(field.choices)}")
    return found


def _number(name: str, text: str) -> int:
    """A headcount or another number: 1 200, 1,200, ~250, > 50, 120 salariés or 250-499 (the lower end counts)."""
    found = _HEADCOUNT.fullmatch(text)
    digits = re.sub(r"\D", "", found[1]) if found else ""
    if not digits.isascii() or not digits or len(digits) > 8:
        raise ValueError(f"{name} is {text[:40]!r}; write a number such as 250")
    return int(digits)


def _zone(text: str) -> str:
    if text not in _zones():
        near = get_close_matches(text, _zones(), n=1)
        raise ValueError(f"unknown time zone {text[:40]!r}; write {near[0] if near else 'it like Europe/Paris'}")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
