"""Countries, zones, languages and public holidays: what the world has, apart from what authors write."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

HOLIDAY_YEARS = range(2024, 2036)

LANGUAGES = ("fr", "en")
"""The languages that mails and pages are written in."""

_OFTEN_WRITTEN = {"UK": "GB", "EN": "GB", "ENGLAND": "GB", "UAE": "AE", "USA": "US", "SUISSE": "CH", "BELGIQUE": "BE"}


@cache
def countries() -> Mapping[str, str]:
    """English names of all countries by ISO 3166 code."""
    lines = _table("iso3166.tab")
    return {code: name for code, name, *_ in lines}


@cache
def _country_of_zones() -> Mapping[str, str]:
    return {zone: code for code, _, zone, *_ in _table("zone.tab")}


@cache
def zones_of(country: str) -> tuple[str, ...]:
    """The time zones of a country, the one of most people first, and one of those that run alike; of an unknown one none."""
    alike: dict[tuple[object, ...], str] = {}
    for codes, _, zone, *_ in _table("zone1970.tab"):
        if country in codes.split(","):
            alike.setdefault(_two_years(ZoneInfo(zone)), zone)
    return tuple(alike.values())


def _two_years(zone: ZoneInfo) -> tuple[timedelta | None, ...]:
    """A zone's offset on each day of two years, in which no two sets of rules look alike."""
    first = datetime(2026, 1, 1, 12, tzinfo=zone)
    return tuple((first + timedelta(days=n)).utcoffset() for n in range(730))


def _table(name: str) -> list[list[str]]:
    text = files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def country_of_zone(zone: str) -> str | None:
    """The country in which a zone lies."""
    return _country_of_zones().get(zone)


def country_meant(word: str) -> str | None:
    """The code that was probably meant by a name or a usual mistake (`UK`, `France`)."""
    wanted = word.strip().upper()
    by_name = {name.upper(): code for code, name in countries().items()}
    guess = _OFTEN_WRITTEN.get(wanted) or by_name.get(wanted)
    return guess or (wanted if wanted in countries() else None)


@cache
def is_zone(name: str) -> bool:
    """Whether the name is one of the IANA time zones."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return False
    return "/" in name or name == "UTC"


@cache
def zones() -> frozenset[str]:
    """All zone names; slow the first time, so only for suggestions."""
    return frozenset(available_timezones())


@cache
def holidays_of(country: str) -> frozenset[date]:
    """The public holidays of a country from 2024 to 2035; an unknown country has none."""
    import holidays  # heavy: only once a world is used

    try:
        return frozenset(holidays.country_holidays(country, years=HOLIDAY_YEARS))
    except NotImplementedError:
        return frozenset()
