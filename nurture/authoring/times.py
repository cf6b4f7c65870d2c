"""Reading times as an author writes them: spans, windows, caps, and dates with a zone."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from nurture.authoring.nodes import Listing, Node, Scalar
from nurture.authoring.problems import Code, Log, did_you_mean, nearest
from nurture.authoring.values import scalar
from nurture.core.program import Cap, Window
from nurture.core.spans import Span, Unit

_SINGULAR = {unit.value.removesuffix("s"): unit for unit in Unit}
UNITS = {**_SINGULAR, **{unit.value: unit for unit in Unit}}
SPAN = re.compile(r"(\d{1,6})\s+([a-z]+(?: [a-z]+)?)")
_MOST = {
    Unit.MINUTES: 525_600,
    Unit.HOURS: 17_520,
    Unit.DAYS: 1_830,
    Unit.WEEKS: 260,
    Unit.BUSINESS_DAYS: 1_300,
    Unit.BUSINESS_HOURS: 5_000,
}


def span(node: Node | None, log: Log, *, prefix: str = "", units: Collection[Unit] = tuple(Unit)) -> Span | None:
    """`5 business days`, `2 hours`; with a prefix, `up to 4 days`."""
    found = scalar(node, log, "a length of time")
    if found is None:
        return None
    words = found.text.strip()
    if prefix and not words.startswith(prefix):
        log.add(Code.BAD_SPAN, found.spot, f'"{words}" does not begin with "{prefix}"', f'write "{prefix} {words}"')
        return None
    return _span(words.removeprefix(prefix).strip(), found, log, units)


def _span(words: str, at: Scalar, log: Log, units: Collection[Unit]) -> Span | None:
    match = SPAN.fullmatch(words)
    if not match:
        log.add(
            Code.BAD_SPAN, at.spot, f'"{words}" is not a length of time', 'write it like "5 business days" or "2 hours"'
        )
        return None
    unit, amount = UNITS.get(match[2]), int(match[1])
    if unit is None or unit not in units:
        known = [unit.value for unit in units]
        log.add(Code.BAD_SPAN, at.spot, f'"{match[2]}" is not a unit of time here', _unit_meant(match[2], known))
        return None
    if not 1 <= amount <= _MOST[unit]:
        log.add(Code.BAD_SPAN, at.spot, f"this is not between 1 and {_MOST[unit]} {unit}")
        return None
    return Span(amount, unit)


def _unit_meant(word: str, known: list[str]) -> str:
    if word.startswith(("month", "year")):
        return "months and years differ in length: count in days or weeks"
    return did_you_mean(word, known, otherwise=f"use {', '.join(known)}")


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVERY_DAY = frozenset(range(1, 8))


def window(node: Node | None, log: Log, default: Window) -> Window | None:
    """`Mon-Fri 09:00-17:30`, `Mon,Wed 10:00-12:00` or `09:00-17:30` on the default's days."""
    found = scalar(node, log, "opening hours")
    if found is None:
        return None
    *days, hours = found.text.split(" ")
    match = re.fullmatch(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})", hours)
    if not match:
        log.add(
            Code.BAD_SPAN, found.spot, f'"{found.text}" are not opening hours', 'write them like "Mon-Fri 09:00-17:30"'
        )
        return None
    weekdays = _weekdays(" ".join(days), found, log) if days else default.weekdays
    start, end = clock(match[1], match[2]), clock(match[3], match[4])
    if start is None or end is None or start >= end:
        log.add(
            Code.BAD_SPAN, found.spot, f'"{hours}" does not begin before it ends, within one day from 00:00 to 24:00'
        )
        return None
    return Window(weekdays, start, end) if weekdays else None


def clock(hours: str, minutes: str) -> time | None:
    """A time of the day; 24:00 is its last instant."""
    if (int(hours), int(minutes)) == (24, 0):
        return time.max
    return time(int(hours), int(minutes)) if int(hours) < 24 and int(minutes) < 60 else None


def weekdays(node: Node | None, log: Log) -> frozenset[int] | None:
    """`Mon-Fri`, `Mon,Wed` or a list of days, as ISO weekdays."""
    if isinstance(node, Listing):
        each = [weekdays(item, log) or frozenset() for item in node.items]
        return frozenset().union(*each) or None
    found = scalar(node, log, "weekdays such as Mon-Fri")
    return None if found is None else _weekdays(found.text, found, log)


def _weekdays(words: str, at: Scalar, log: Log) -> frozenset[int] | None:
    if words.strip().lower() in ("every day", "daily"):
        return EVERY_DAY
    days: set[int] = set()
    for part in words.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        begin, end = weekday(first, at, log), weekday(last if dash else first, at, log)
        if begin is None or end is None:
            return None
        days.update((begin + n - 1) % 7 + 1 for n in range((end - begin) % 7 + 1))
    return frozenset(days)


def weekday(word: str, at: Scalar, log: Log) -> int | None:
    """A day of the week, 1 for Monday."""
    folded = word.lower()
    for names in (_DAYS, _DAY_NAMES):
        if folded in names:
            return names.index(folded) + 1
    near = nearest(folded, _DAYS) or nearest(folded, _DAY_NAMES)
    hint = f'did you mean "{near.title()}"?' if near else "use Mon, Tue, Wed, Thu, Fri, Sat, Sun"
    log.add(Code.BAD_SPAN, at.spot, f'"{word}" is not a weekday', hint)
    return None


DAYS_IN = {"day": 1, "days": 1, "week": 7, "weeks": 7}
"""The units in which conditions count."""

EARLIEST, LATEST = 2000, 2100
"""Years of a date; what a slip of the keyboard makes of one lies beyond."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def day_of(words: str) -> date | None:
    """`2027-01-31`; None when there is no such date, or when it is beyond a lifetime."""
    try:
        day = date.fromisoformat(words) if _DATE.fullmatch(words) else date.min
    except ValueError:
        return None
    return day if EARLIEST <= day.year <= LATEST else None


def day(node: Node | None, log: Log) -> str | None:
    """A date, as it is kept in a field."""
    found = scalar(node, log, "a date such as 2027-01-31")
    if found is None:
        return None
    if day_of(found.text) is None:
        log.add(Code.BAD_SPAN, found.spot, f'"{found.text}" is not a date', "write it like 2027-01-31")
        return None
    return found.text


CAP = re.compile(r"(\d{1,4}) (?:per|in) (?:(\d{1,3}) )?(day|week|month)s?")
_DAYS_IN = {"day": 1, "week": 7, "month": 30}
LONGEST_CAP = 90


def caps(node: Node | None, log: Log) -> tuple[Cap, ...]:
    """`[1 per 3 days, 6 per month]`, or one alone."""
    items = node.items if isinstance(node, Listing) else (node,)
    found = [cap for item in items if item is not None and (cap := _cap(item, log))]
    return tuple(sorted(set(found), key=lambda cap: (cap.days, cap.count)))


def _cap(node: Node, log: Log) -> Cap | None:
    found = scalar(node, log, "a cap such as 1 per 3 days")
    if found is None:
        return None
    match = CAP.fullmatch(found.text)
    days = int(match[2] or 1) * _DAYS_IN[match[3]] if match else 0
    if not match or not 1 <= days <= LONGEST_CAP or not int(match[1]):
        log.add(
            Code.BAD_SPAN,
            found.spot,
            f'"{found.text}" is not a cap',
            f'write it like "1 per 3 days", up to {LONGEST_CAP} days',
        )
        return None
    return Cap(int(match[1]), days)


def moment(node: Node | None, log: Log, zone: str) -> datetime | None:
    """`2027-01-21 14:00` on the clocks of a zone."""
    found = scalar(node, log, "a date and time")
    if found is None:
        return None
    try:
        local = datetime.strptime(found.text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
        there_and_back = local.astimezone(UTC).astimezone(local.tzinfo)
    except (ValueError, OverflowError):
        log.add(
            Code.BAD_SPAN, found.spot, f'"{found.text}" is not a date with a time', 'write it like "2027-01-21 14:00"'
        )
        return None
    if there_and_back.replace(tzinfo=None) != local.replace(tzinfo=None):
        log.add(Code.BAD_SPAN, found.spot, f"{found.text} does not exist in {zone}: the clocks are put forward then")
        return None
    return local
