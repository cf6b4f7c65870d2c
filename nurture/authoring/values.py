"""Reading one value of a file: each reader answers the value, or reports what is wrong and answers None."""

import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Listing, Node, Scalar, Table
from nurture.authoring.places import LANGUAGES, countries, country_meant, is_zone, zones
from nurture.authoring.problems import Code, Log, Spot, did_you_mean, one_of
from nurture.core.ids import WHOLE

LONGEST_NAME = 64
NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def table(
    node: Node | None,
    log: Log,
    what: str,
    *,
    required: Collection[str] = (),
    optional: Collection[str] = (),
) -> Mapping[str, Node] | None:
    """The values of a mapping by key; unknown and missing keys are reported."""
    if not isinstance(node, Table):
        _wrong_shape(node, log, f'{what} is written as lines of "key: value"')
        return None
    known = (*required, *optional)
    for key, _ in node.items:
        if key.text not in known:
            log.add(
                Code.UNKNOWN_KEY,
                key.spot,
                f'{what} has no "{key.text}"',
                did_you_mean(key.text, known, otherwise=one_of(known)),
            )
    found = {key.text: value for key, value in node.items if key.text in known}
    for name in required:
        if name not in found:
            log.add(Code.MISSING_KEY, node.spot, f'{what} needs "{name}"')
    return {
        name: value
        for name, value in found.items()
        if not (isinstance(value, Scalar) and value.is_null and _said_empty(value, name, log))
    }


def keyed(node: Node | None, log: Log, keys: Keys) -> Mapping[str, Node] | None:
    """The values of a mapping whose keys are always the same."""
    return table(node, log, keys.what, required=keys.required, optional=keys.optional)


def _said_empty(value: Scalar, name: str, log: Log) -> bool:
    log.add(Code.BAD_VALUE, value.spot, f'"{name}" has no value', "write one, or delete the line")
    return True


def named(node: Node | None, log: Log, what: str) -> list[tuple[Scalar, Node]]:
    """The entries of a mapping whose keys are names that the author chooses."""
    if not isinstance(node, Table):
        _wrong_shape(node, log, f'{what} are written as lines of "name: …"')
        return []
    return [(key, value) for key, value in node.items if name(key, log) is not None]


def listing(node: Node | None, log: Log, what: str) -> tuple[Node, ...]:
    """The items of a list."""
    if not isinstance(node, Listing):
        _wrong_shape(node, log, f'{what} is a list: lines that begin with "- ", or [a, b]')
        return ()
    return node.items


def _wrong_shape(node: Node | None, log: Log, message: str) -> None:
    if node is not None:
        log.add(Code.WRONG_SHAPE, node.spot, message)


def scalar(node: Node | None, log: Log, what: str = "a text") -> Scalar | None:
    """A single value, not a list or a mapping, and not empty."""
    if node is None:
        return None
    if not isinstance(node, Scalar):
        hint = "a text with a colon in it must be in quotes" if isinstance(node, Table) else ""
        log.add(Code.WRONG_SHAPE, node.spot, f"one value is expected here: {what}", hint)
        return None
    if node.is_null or not node.text.strip():
        log.add(Code.BAD_VALUE, node.spot, f"a value is missing: {what}")
        return None
    return node


def text(node: Node | None, log: Log, what: str = "a text", *, longest: int = 2000) -> str | None:
    """One text, spaces at its ends and line breaks folded away."""
    found = scalar(node, log, what)
    if found is None:
        return None
    folded = " ".join(part for part in re.split(r"[ \t\n]+", found.text) if part)
    if len(folded) > longest:
        log.add(Code.BAD_VALUE, found.spot, f"this is longer than {longest} characters")
        return None
    return folded


def name(node: Node | None, log: Log) -> str | None:
    """An id: small letters, digits, hyphens or underscores."""
    found = scalar(node, log, "a name")
    if found is None:
        return None
    if not is_name(found.text):
        log.add(
            Code.BAD_VALUE,
            found.spot,
            f'"{found.text[:LONGEST_NAME]}" cannot be a name',
            "use a-z, 0-9 and hyphens, at most 64",
        )
        return None
    return found.text


def is_name(words: str) -> bool:
    """Whether these words can be an id."""
    return NAME.fullmatch(words) is not None and len(words) <= LONGEST_NAME


def whole(node: Node | None, log: Log, low: int, high: int) -> int | None:
    """A whole number within limits."""
    found = scalar(node, log, "a whole number")
    if found is None:
        return None
    if not re.fullmatch(r"[+-]?\d{1,9}", found.text) or not low <= int(found.text) <= high:
        log.add(Code.BAD_VALUE, found.spot, f"a whole number from {low} to {high} is expected here")
        return None
    return int(found.text)


def points(node: Node | None, log: Log, *, least: int | None = None) -> int | None:
    """Points, in milli-points, of `least` at least."""
    found = scalar(node, log, "points")
    if found is None:
        return None
    if not re.fullmatch(r"-?\d{1,6}(\.\d{1,3})?", found.text):
        log.add(Code.BAD_VALUE, found.spot, "points are a number such as 5 or 0.5")
        return None
    worth = milli(found.text)
    if least is not None and worth < least:
        log.add(Code.BAD_VALUE, found.spot, f"{found.text} points are too few", f"write {least // 1000} or more")
        return None
    return worth


def milli(number: str) -> int:
    """A decimal number of at most three decimals, times a thousand."""
    units, _, decimals = number.lstrip("-").partition(".")
    value = int(units) * 1000 + int(decimals.ljust(3, "0")[:3])
    return -value if number.startswith("-") else value


def percent(node: Node | None, log: Log) -> int | None:
    """`50%` or `33.5 %`, in hundredths of a percent."""
    found = scalar(node, log, "a share such as 50%")
    if found is None:
        return None
    match = re.fullmatch(r"(\d{1,3})(?:[.,](\d{1,2}))?\s*%", found.text)
    value = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if match else -1
    if not 0 <= value <= WHOLE:
        log.add(Code.BAD_VALUE, found.spot, "a share is written like 50%")
        return None
    return value


def flag(node: Node | None, log: Log) -> bool | None:
    """`true` or `false`."""
    found = choice(node, log, ("true", "false"), "true or false")
    return None if found is None else found == "true"


def choice(node: Node | None, log: Log, known: Collection[str], what: str) -> str | None:
    """One of a closed set of words."""
    found = scalar(node, log, what)
    if found is None:
        return None
    if found.text not in known:
        log.add(
            Code.BAD_VALUE,
            found.spot,
            f'"{found.text}" is not {what}',
            did_you_mean(found.text, known, otherwise=one_of(known)),
        )
        return None
    return found.text


def language(node: Node | None, log: Log) -> str | None:
    """One of the languages nurture writes in."""
    found = scalar(node, log, "a language")
    if found is None:
        return None
    if found.text not in LANGUAGES:
        log.add(Code.UNKNOWN_LANGUAGE, found.spot, f'unknown language "{found.text}"', one_of(LANGUAGES))
        return None
    return found.text


def country(node: Node | None, log: Log) -> str | None:
    """An ISO 3166 country code."""
    found = scalar(node, log, "a country such as FR")
    if found is None or check_country(found.text, found.spot, log):
        return None if found is None else found.text
    return None


def check_country(code: str, spot: Spot, log: Log) -> bool:
    """Whether the code is a country's; reported otherwise."""
    if code in countries():
        return True
    meant = country_meant(code)
    hint = f'did you mean "{meant}"?' if meant else "use a code of two letters, such as FR"
    log.add(Code.UNKNOWN_COUNTRY, spot, f'unknown country "{code}"', hint)
    return False


def zone(node: Node | None, log: Log) -> str | None:
    """An IANA time zone."""
    found = scalar(node, log, "a time zone such as Europe/Paris")
    if found is None:
        return None
    if not is_zone(found.text):
        hint = did_you_mean(found.text, zones(), otherwise="write it like Europe/Paris")
        log.add(Code.UNKNOWN_ZONE, found.spot, f'unknown time zone "{found.text}"', hint)
        return None
    return found.text


def address(node: Node | None, log: Log) -> str | None:
    """An email address that mails can bear: before its @ there is ASCII only."""
    found = scalar(node, log, "an email address")
    if found is None:
        return None
    try:
        checked = validate_email(found.text, check_deliverability=False, test_environment=True, allow_smtputf8=False)
    except EmailNotValidError as error:
        log.add(Code.BAD_ADDRESS, found.spot, f'"{found.text}" is not an email address', str(error))
        return None
    return checked.normalized


def web_address(node: Node | None, log: Log) -> str | None:
    """An http(s) address."""
    found = scalar(node, log, "a web address")
    if found is None:
        return None
    try:
        parts = urlsplit(found.text)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", found.text)
    except ValueError:
        valid = False
    if not valid:
        log.add(
            Code.BAD_ADDRESS,
            found.spot,
            f'"{found.text}" is not a web address',
            "write it like https://exemple.example/page",
        )
        return None
    return found.text
