"""The parts that schemas are made of: one for each way in which a reader reads a value."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeAlias

from nurture.authoring.keys import Keys
from nurture.authoring.places import LANGUAGES, countries, is_zone, zones
from nurture.authoring.times import CAP, LONGEST_CAP, SPAN, UNITS
from nurture.authoring.values import LONGEST_NAME, NAME
from nurture.core.spans import Unit

Schema: TypeAlias = dict[str, Any]

TEXT: Schema = {"type": ["string", "number"]}
"""Numbers are texts as well: nobody puts a title of 2027 in quotes."""


class Unexplained(Exception):
    """The keys that a schema explains are not those that its reader knows."""


def record(keys: Keys, about: str, values: Mapping[str, Schema], **more: Any) -> Schema:
    """A mapping of exactly the reader's keys (Unexplained: `values` has others, or lacks some)."""
    if differing := set(keys.known) ^ set(values):
        raise Unexplained(f"{keys.what}: {', '.join(sorted(differing))}")
    found: Schema = {"type": "object", "description": about, "additionalProperties": False}
    found["properties"] = {key: values[key] for key in keys.known}
    return {**found, **({"required": list(keys.required)} if keys.required else {}), **more}


def named(about: str, value: Schema, **more: Any) -> Schema:
    """A mapping whose keys are names that the author chooses."""
    names = {"pattern": f"^(?:{NAME.pattern})$", "maxLength": LONGEST_NAME}
    return {"type": "object", "description": about, "propertyNames": names, "additionalProperties": value, **more}


def items(about: str, value: Schema) -> Schema:
    """A list."""
    return {"type": "array", "description": about, "items": value}


def one_or_more(about: str, value: Schema) -> Schema:
    """A value, or a list of such."""
    return either(about, value, {"type": "array", "items": value})


def either(about: str, *ways: Schema) -> Schema:
    """What can be written in several ways."""
    return {"description": about, "anyOf": list(ways)}


def text(about: str, *examples: str) -> Schema:
    """Any text."""
    return {**TEXT, "description": about, **_shown(examples)}


def name(about: str, *examples: str) -> Schema:
    """An id."""
    return {**_formed(about, f"(?:{NAME.pattern})", examples), "maxLength": LONGEST_NAME}


def one_of(about: str, known: Iterable[str]) -> Schema:
    """A word of a closed set."""
    return {"enum": [str(each) for each in known], "description": about}


def suggested(about: str, known: Collection[str]) -> Schema:
    """A name of something that is described elsewhere; others are allowed, for the files change and the schema stays."""
    return either(about, {"enum": sorted(known)}, TEXT) if known else text(about)


def flag(about: str) -> Schema:
    """`true` or `false`."""
    return {"type": "boolean", "description": about}


def whole(about: str, low: int, high: int) -> Schema:
    """A whole number within limits."""
    return {"type": "integer", "minimum": low, "maximum": high, "description": about}


def points(about: str) -> Schema:
    """Points of a score."""
    return {"type": "number", "description": about}


def percent(about: str) -> Schema:
    """A share."""
    return _formed(about, r"\d{1,3}(?:[.,]\d{1,2})?\s*%", ("50%",))


def span(about: str, *examples: str, prefix: str = "", units: Collection[Unit] = tuple(Unit)) -> Schema:
    """A length of time, after a prefix such as `up to`."""
    words = "|".join(word for word, unit in UNITS.items() if unit in units)
    length = SPAN.pattern.replace(r"([a-z]+(?: [a-z]+)?)", f"(?:{words})")
    return _formed(about, rf"\s*{prefix}\s*{length}\s*", examples)


def window(about: str) -> Schema:
    """Opening hours."""
    return _formed(about, r"(?:.* )?\d{1,2}:\d{2}-\d{1,2}:\d{2}", ("Mon-Fri 09:00-17:30", "09:00-17:30"))


def cap(about: str) -> Schema:
    """So many mails in so many days, or several of these."""
    return one_or_more(f"{about} Up to {LONGEST_CAP} days.", _formed("", CAP.pattern, ("1 per 3 days", "6 per month")))


def moment(about: str) -> Schema:
    """A date with a time."""
    return _formed(about, r"\d{4}-\d{1,2}-\d{1,2}\s+\d{1,2}:\d{1,2}", ("2027-01-21 14:00",))


def condition(about: str, *examples: str) -> Schema:
    """A condition; `nurture check` reads it."""
    shown = examples or ('downloaded("white-paper")', 'engagement >= 20 and fit >= "B"')
    return text(f"{about} A condition, such as {shown[0]}.", *shown)


def language(about: str) -> Schema:
    """A language that nurture writes in."""
    return one_of(about, LANGUAGES)


def country(about: str, *also: str) -> Schema:
    """A country's code, or one of some words."""
    return one_of(about, (*also, *countries()))


def zone(about: str) -> Schema:
    """An IANA time zone."""
    return one_of(about, sorted(each for each in zones() if is_zone(each)))


def address(about: str) -> Schema:
    """An email address."""
    return _formed(about, r"[^@\s]+@[^@\s]+", ())


def web_address(about: str) -> Schema:
    """An http(s) address."""
    return _formed(about, r"[hH][tT][tT][pP][sS]?://\S+", ("https://exemple.example/page",))


def _formed(about: str, pattern: str, examples: Collection[str]) -> Schema:
    described = {"description": about} if about else {}
    return {**TEXT, "pattern": f"^{pattern}$", **described, **_shown(examples)}


def _shown(examples: Collection[str]) -> Schema:
    return {"examples": list(examples)} if examples else {}
