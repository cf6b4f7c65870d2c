"""What somebody wrote into a form: read field by field, all mistakes at once, nothing stored yet."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from email_validator import EmailNotValidError, validate_email

from nurture.authoring.forms import Form, FormField
from nurture.authoring.places import countries
from nurture.authoring.times import day_of
from nurture.authoring.vocabulary import FieldKind
from nurture.core.events import FieldValue
from nurture.plain_text import storable

ADDRESS: Final = "email"
CONSENT: Final = "consent"
HONEYPOT: Final = "fax_number"  # hidden from people; programs that fill everything fill it too
LONGEST_ADDRESS: Final = 254
LONGEST_ANSWER: Final = 200
GREATEST_NUMBER: Final = 10**9

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Mistake(StrEnum):
    """What is wrong with an answer; its sentences are in `texts/`."""

    MISSING = "missing"
    NO_ADDRESS = "no_address"
    NO_NUMBER = "no_number"
    NO_DATE = "no_date"
    NO_CHOICE = "no_choice"
    TOO_LONG = "too_long"
    NO_CONSENT = "no_consent"


@dataclass(frozen=True, slots=True)
class Answers:
    """What can be stored."""

    address: str
    fields: Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What must be mended first, by the name of the field."""

    mistakes: Mapping[str, Mistake]


class _Refused(Exception):
    def __init__(self, mistake: Mistake) -> None:
        self.mistake = mistake


def read_answers(form: Form, said: Mapping[str, str], *, asks_consent: bool) -> Answers | Wrong:
    """The answers to a form. Fields that it does not ask are left out."""
    mistakes: dict[str, Mistake] = {}
    fields: dict[str, FieldValue] = {}
    address = ""
    try:
        address = _address(said.get(ADDRESS, ""))
    except _Refused as refused:
        mistakes[ADDRESS] = refused.mistake
    for asked in form.fields:
        try:
            value = _value(asked, _clean(said.get(asked.field.name, "")))
            if value is not None:
                fields[asked.field.name] = value
        except _Refused as refused:
            mistakes[asked.field.name] = refused.mistake
    if asks_consent and not said.get(CONSENT):
        mistakes[CONSENT] = Mistake.NO_CONSENT
    return Wrong(mistakes) if mistakes else Answers(address, fields)


def address_in(text: str) -> str | None:
    """The address as it is written for ever after, or None where it is none. Nobody is asked whether it exists."""
    try:
        return _address(text)
    except _Refused:
        return None


def _address(text: str) -> str:
    said = _clean(text)
    if not said:
        raise _Refused(Mistake.MISSING)
    if len(said) > LONGEST_ADDRESS:
        raise _Refused(Mistake.TOO_LONG)
    try:
        return validate_email(said, check_deliverability=False, test_environment=False).normalized
    except EmailNotValidError:
        raise _Refused(Mistake.NO_ADDRESS) from None


def _clean(text: str) -> str:
    return _CONTROLS.sub(" ", storable(text)).strip()


def _value(asked: FormField, said: str) -> FieldValue | None:
    """The answer in the field's type; None when there is none and none is needed."""
    if asked.field.kind is FieldKind.FLAG:
        if asked.required and not said:
            raise _Refused(Mistake.MISSING)
        return bool(said)
    if not said:
        if asked.required:
            raise _Refused(Mistake.MISSING)
        return None
    if len(said) > LONGEST_ANSWER:
        raise _Refused(Mistake.TOO_LONG)
    return _typed(asked, said)


def _typed(asked: FormField, said: str) -> FieldValue:
    match asked.field.kind:
        case FieldKind.NUMBER:
            digits = re.sub(r"[\s\u202f\xa0.,']", "", said)
            if not re.fullmatch(r"-?[0-9]{1,12}", digits) or abs(int(digits)) > GREATEST_NUMBER:
                raise _Refused(Mistake.NO_NUMBER)
            return int(digits)
        case FieldKind.DATE:
            if day_of(said) is None:
                raise _Refused(Mistake.NO_DATE)
            return said
        case FieldKind.CHOICE:
            return _one_of(said, asked.field.choices)
        case FieldKind.COUNTRY:
            return _one_of(said.upper(), tuple(countries()))
        case _:
            return said


def _one_of(said: str, choices: tuple[str, ...]) -> str:
    if said not in choices:
        raise _Refused(Mistake.NO_CHOICE)
    return said
