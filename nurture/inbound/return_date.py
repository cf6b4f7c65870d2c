"""Finds the day an absent person says they are back, in French and English.

Dates are read relative to the day the mail came in: without a year, the next such day. A day too far
ahead is not believed, because old absence messages stay switched on, and nobody should be held for a
year by one. French dates are day first; English ones too, unless only month first gives a day to come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from nurture.inbound.words import folded

READ_AT_MOST: Final = 4_000
FARTHEST: Final = timedelta(days=400)  # with a year: the longest leaves
FARTHEST_GUESSED: Final = timedelta(days=300)  # without one: beyond, it is last year's message

_MONTH_NAMES = (
    "janvier janv jan january",
    "fevrier fevr fev february feb",
    "mars mar march",
    "avril avr april apr",
    "mai may",
    "juin june jun",
    "juillet juil july jul",
    "aout august aug",
    "septembre sept sep september",
    "octobre oct october",
    "novembre nov november",
    "decembre dec december",
)
_MONTHS: Final = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
_DAY_NAMES = (
    "lundi monday mon",
    "mardi tuesday tue tues",
    "mercredi wednesday wed",
    "jeudi thursday thu thurs",
    "vendredi friday fri",
    "samedi saturday sat",
    "dimanche sunday sun",
)
_DAYS: Final = {name: number for number, names in enumerate(_DAY_NAMES) for name in names.split()}


def _any_of(names: dict[str, int]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_MONTH = rf"(?:{_any_of(_MONTHS)})\b\.?"
_WEEKDAY = rf"(?:{_any_of(_DAYS)}|lun|mer|jeu|ven|sam|dim)\b\.?,?"
_DATE = (
    rf"(?:{_WEEKDAY} )?(?:(?:le|the) )?(?:"
    r"(?P<iso>\d{4}-\d\d-\d\d)\b"
    r"|(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})(?:[/.-](?P<year>\d{4}|\d\d))?(?![\d/])"
    rf"|(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)?(?: of)?[ -]?(?P<month>{_MONTH})(?:,? ?-?(?P<year1>20\d\d)\b)?"
    rf"|(?P<month2>{_MONTH}) (?:the )?(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:h]\d?)(?:,? (?P<year2>20\d\d)\b)?"
    r")"
    rf"|(?P<weekday>{_any_of(_DAYS)})\b(?!,? \d{{1,2}}(?! ?(?:h|am|pm|:)|\d))"  # "mardi 5" is no Tuesday of ours
    r"|(?P<tomorrow>demain|tomorrow)\b"
)
_GAP = r"[^.!?;\d]{0,30}?\b"

# (what introduces the date, is it French, days between the date named and the day of return)
_FRENCH_BACK = r"(?:de retour|mon retour|retour|reviens|reviendrai|reprendrai|reprise|de nouveau|a partir)"
_ENGLISH_BACK = r"(?:back|return|returning|available again|resume|starting|as of)"
_RULES: Final = tuple(
    (re.compile(pattern), french, timedelta(days=later))
    for pattern, french, later in (
        (rf"\b{_FRENCH_BACK}\b{_GAP}(?:{_DATE})", True, 0),
        (rf"\b{_ENGLISH_BACK}\b{_GAP}(?:{_DATE})", False, 0),
        (rf"\b(?:du|entre) .{{1,40}}? (?:au|et) {_GAP}(?:{_DATE})", True, 1),
        (rf"\b(?:from|between) .{{1,40}}? (?:to|and|until|till|through|-) {_GAP}(?:{_DATE})", False, 1),
        (rf"\bthrough\b{_GAP}(?:{_DATE})", False, 1),
        (rf"\bjusqu(?:'au|'a|e|'en| au)\b{_GAP}(?:{_DATE})", True, 0),
        (rf"\b(?:until|till|til)\b{_GAP}(?:{_DATE})", False, 0),
    )
)
_INCLUDED = re.compile(r",? ?\(?(?:inclus|compris|inclusive|included)")


def return_date(text: str, received: date) -> date | None:
    """The first day the person may be written to again, never before `received`; None when none is named.

    "until 12 Jan" and "jusqu'au 12 janvier" mean that day, said to be included (or the end of a range) the day after.
    """
    said = folded(text, READ_AT_MOST)
    return next(_believed(said, received), None)


def _believed(said: str, received: date) -> Iterator[date]:
    for pattern, french, later in _RULES:
        for found in pattern.finditer(said):
            days = _dates(found, received, french)
            extra = later or timedelta(days=1 if _INCLUDED.match(said, found.end()) else 0)
            yield from (day + extra for day in days[:1])


def _dates(found: re.Match[str], received: date, french: bool) -> list[date]:
    """The readings of a matched date that lie ahead and are believed, the likeliest first."""
    part = found.groupdict()
    if part["tomorrow"]:
        return [received + timedelta(days=1)]
    if part["weekday"]:
        return [received + timedelta(days=(_DAYS[part["weekday"]] - received.weekday() - 1) % 7 + 1)]
    if part["iso"]:
        year, month, day = part["iso"].split("-")
        return _ahead(day, int(month), year, received)
    if part["a"]:
        first, second, said_year = part["a"], part["b"], part["year"]
        day_first = _ahead(first, int(second), said_year, received)
        return day_first if french else day_first + _ahead(second, int(first), said_year, received)
    name = (part["month"] or part["month2"]).rstrip(".")
    return _ahead(part["day"] or part["day2"], _MONTHS[name], part["year1"] or part["year2"], received)


def _ahead(day: str, month: int, year: str | None, received: date) -> list[date]:
    if year is not None:
        known = _valid(int(year) + (2000 if len(year) == 2 else 0), month, int(day))
        return [one for one in known if received <= one <= received + FARTHEST]
    either = _valid(received.year, month, int(day)) + _valid(received.year + 1, month, int(day))
    return [one for one in either if received <= one <= received + FARTHEST_GUESSED][:1]


def _valid(year: int, month: int, day: int) -> list[date]:
    try:
        return [date(year, month, day)]
    except ValueError:
        return []
