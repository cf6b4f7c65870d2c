"""Open hours and spans in the contact's zone, through both daylight-saving changes.

Wall time is kept and resolved late: a day later is the same local time, whatever the clocks did in between. A local time
that a transition skips means the instant of the transition; one that comes twice means its first occurrence, but for the
beginning of a window, which is its last: so that whatever is open is within the window on the local clock.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nurture.core.program import ANY_TIME, Cadence, Window
from nurture.core.remembering import remember
from nurture.core.spans import Span, Unit
from nurture.core.state import ContactState
from nurture.core.world import World

ONE_MINUTE, ONE_HOUR, ONE_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MIDNIGHT = time(0)
HORIZON = 1000
"""Days to look ahead for an open one; a window that never opens within it is an author's mistake."""

BACKWARDS = {
    Unit.MINUTES: ONE_MINUTE,
    Unit.HOURS: ONE_HOUR,
    Unit.DAYS: ONE_DAY,
    Unit.WEEKS: 7 * ONE_DAY,
}
"""Units of a span that can also be counted back."""

ONE_ZONE = {
    "AT": "Europe/Vienna", "BE": "Europe/Brussels", "CH": "Europe/Zurich", "CZ": "Europe/Prague", "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen", "DZ": "Africa/Algiers", "FI": "Europe/Helsinki", "FR": "Europe/Paris",
    "GB": "Europe/London", "IE": "Europe/Dublin", "IT": "Europe/Rome", "JP": "Asia/Tokyo", "LU": "Europe/Luxembourg",
    "MA": "Africa/Casablanca", "MC": "Europe/Monaco", "NL": "Europe/Amsterdam", "NO": "Europe/Oslo",
    "PL": "Europe/Warsaw", "SE": "Europe/Stockholm", "SN": "Africa/Dakar", "TN": "Africa/Tunis",
}  # fmt: skip
"""Countries whose business runs in one zone; others need the contact's own or the campaign's."""


Opening: TypeAlias = tuple[datetime, datetime]
"""The UTC instants between which a date is open, the end excluded."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)
CLOSED: Opening = LONG_AGO, LONG_AGO
"""A date that is not open at all."""


class NeverOpen(Exception):
    """These open hours leave no open minute within a thousand days."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Open hours as they are for one contact: zone, window, and the dates that are closed.

    Who may be in several zones has one of them as `zone` and all as `zones`: open is what is open on a date in each.
    What was asked of it is remembered, since many contacts have these hours and are asked about the same few days.
    """

    zone: ZoneInfo
    window: Window
    closed: frozenset[date]
    zones: tuple[ZoneInfo, ...] = ()
    openings: dict[date, Opening] = field(default_factory=dict, init=False, repr=False, compare=False)
    business_days: dict[tuple[date, int], date] = field(default_factory=dict, init=False, repr=False, compare=False)
    shifts: dict[tuple[date, int], timedelta] = field(default_factory=dict, init=False, repr=False, compare=False)

    def opens_on(self, day: date) -> bool:
        """Whether the date is a business day."""
        return day.isoweekday() in self.window.weekdays and day not in self.closed

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """The UTC instants between which the date is open (the end excluded; nothing where it is not after the start)."""
        if not self.zones:
            return _bounds(self.window, day, self.zone)
        starts, ends = zip(*(_bounds(self.window, day, zone) for zone in self.zones), strict=True)
        return max(starts), min(ends)

    def opening(self, day: date) -> Opening:
        """Between which instants the date is open; `CLOSED` where it is not."""
        known = self.openings.get(day)
        return known if known is not None else remember(self.openings, day, self._opening(day))

    def _opening(self, day: date) -> Opening:
        start, end = self.bounds(day) if self.opens_on(day) else CLOSED
        return (start, end) if start < end else CLOSED

    def local(self, at: datetime) -> datetime:
        """The instant on the contact's clock."""
        return at.astimezone(self.zone)


def _bounds(window: Window, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    midnight = window.end == time.max
    end = _bound(day + ONE_DAY, MIDNIGHT, zone) if midnight else _bound(day, window.end, zone)
    return _bound(day, window.start, zone, last=window.start > MIDNIGHT), end


def resolve(day: date, at: time, zone: ZoneInfo, last: bool = False) -> datetime:
    """The UTC instant of a local date and time: the first, or the `last` where it comes twice."""
    offset = _offset_on(day, zone)
    if offset is not None:
        return datetime.combine(day, at, UTC) - offset
    return _resolve_where_clocks_change(day, at, zone, last)


@lru_cache(maxsize=4096)
def _offset_on(day: date, zone: ZoneInfo) -> timedelta | None:
    """How far the zone is from UTC all through a local date; None where that changes, or nearly so."""
    hours = [datetime.combine(day, time(hour, tzinfo=zone)) for hour in range(24)]
    last = datetime.combine(day, time.max, zone)
    offsets = {at.replace(fold=fold).utcoffset() for at in (*hours, last) for fold in (0, 1)}
    return offsets.pop() if len(offsets) == 1 else None


def _resolve_where_clocks_change(day: date, at: time, zone: ZoneInfo, last: bool) -> datetime:
    first = datetime.combine(day, at.replace(fold=0), zone)
    second = first.replace(fold=1)
    one, other = first.astimezone(UTC), second.astimezone(UTC)
    if one > other:  # PEP 495: in a gap, and only there
        return _transition(zone, other, one)
    return other if last else one


_bound = lru_cache(maxsize=4096)(resolve)
"""Remembered, because every contact of a zone is asked about the same few days' windows."""


def _transition(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second between the two at which the clock shows the offset that it has `after`."""
    offset = after.astimezone(zone).utcoffset()
    seconds = range(int(before.timestamp()), int(after.timestamp()))
    passed = bisect_left(seconds, True, key=lambda second: datetime.fromtimestamp(second, zone).utcoffset() == offset)
    return datetime.fromtimestamp(seconds[0] + passed, UTC)


def hours_for(world: World, cadence: Cadence, state: ContactState | None = None) -> Hours:
    """The cadence's open hours for a contact (or for nobody in particular: a team); worked out once a place."""
    place = (id(cadence),) if state is None else (id(cadence), state.zone, state.country)
    known: tuple[Cadence, Hours] | None = world.hours.get(place)
    if known is None:  # kept with its cadence, so that no other gets this id
        known = remember(world.hours, place, (cadence, _hours_for(world, cadence, state)))
    return known[1]


def _hours_for(world: World, cadence: Cadence, state: ContactState | None) -> Hours:
    zone, country = cadence.zone, cadence.country
    if state is not None and cadence.use_contact_zone:
        zone = zone_of(state, cadence.zone)
    if state is not None and cadence.holidays == "contact":
        country = state.country or cadence.country
    elif cadence.holidays not in {"contact", "none"}:
        country = cadence.holidays
    closed = frozenset[date]() if cadence.holidays == "none" else world.holidays(country)
    if cadence.everywhere and cadence.use_contact_zone and state is not None and not state.zone:
        zones = _plausible(cadence.window, world.zones(state.country))
        if zones:
            return Hours(zones[0], cadence.window, closed, zones)
    return Hours(_zone(zone, cadence.zone), cadence.window, closed)


def zone_of(state: ContactState, otherwise: str) -> str:
    """The zone a contact lives in: its own, else its country's where that has one, else `otherwise`."""
    return state.zone or ONE_ZONE.get(state.country, otherwise)


def today_of(state: ContactState, home: str, now: datetime) -> date:
    """The date on the contact's clock; on that of `home` where nobody knows its zone."""
    return now.astimezone(_zone(zone_of(state, home), home)).date()


def midnight_of(state: ContactState, home: str, day: date) -> datetime:
    """When a date begins on the contact's clock."""
    return _bound(day, MIDNIGHT, _zone(zone_of(state, home), home))


MIDSUMMER, MIDWINTER = date(2027, 7, 1), date(2027, 1, 4)


@lru_cache(maxsize=256)
def _plausible(window: Window, names: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
    """A country's zones, where there are several and the window is open in all at once in summer and in winter."""
    zones = tuple(ZoneInfo(name) for name in names)
    if len(zones) < 2 or window == ANY_TIME:
        return ()
    hours = Hours(zones[0], window, frozenset(), zones)
    meet = all(start < end for start, end in map(hours.bounds, (MIDSUMMER, MIDWINTER)))
    return zones if meet else ()


@lru_cache(maxsize=1024)
def _zone(name: str, otherwise: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(otherwise)


def next_open(hours: Hours, at: datetime) -> datetime:
    """`at` itself when open, else the next instant that is (NeverOpen when there is none)."""
    day = at.date()
    # The local date at most hours, and what is open on any date is open.
    start, end = hours.openings.get(day) or hours.opening(day)
    if start <= at < end:
        return at
    day = hours.local(at).date()
    for _ in range(HORIZON):
        start, end = hours.opening(day)
        if at < end:
            return max(at, start)
        day += ONE_DAY
    raise NeverOpen(f"no open minute within {HORIZON} days of {at:%Y-%m-%d}")


def same_time_on(hours: Hours, at: datetime, day: date) -> datetime:
    """The local time of `at` on another date, moved forward into the window."""
    return next_open(hours, resolve(day, hours.local(at).time(), hours.zone))


def add(hours: Hours, at: datetime, span: Span) -> datetime:
    """The instant a span later, in UTC."""
    return _ADDING[span.unit](hours, at, span.amount)


def _days_later(hours: Hours, at: datetime, days: int) -> datetime:
    local = hours.local(at)
    return resolve(local.date() + _whole(days), local.time(), hours.zone)


@lru_cache(maxsize=256)
def _whole(days: int) -> timedelta:
    return days * ONE_DAY


def _business_days_later(hours: Hours, at: datetime, count: int) -> datetime:
    day = at.date()
    start, end = hours.openings.get(day) or hours.opening(day)
    if start <= at < end and at.tzinfo is UTC:
        shift = hours.shifts.get((day, count)) or _shift(hours, day, count)
        if shift is not None:
            return at + shift
    return business_days_later(hours, at, count)


def business_days_later(hours: Hours, at: datetime, count: int) -> datetime:
    """The first open instant from the same local time on, so many business days after the local date of any instant.

    `add` gives the same, and takes a shorter way from an instant at which it is open.
    """
    if count == 0:
        return next_open(hours, at)
    local = hours.local(at)
    day = _business_day(hours, local.date(), count)
    return next_open(hours, resolve(day, local.time(), hours.zone))


def _shift(hours: Hours, day: date, count: int) -> timedelta | None:
    """How far the same local time is, and as open, so many business days after any instant at which a date is open.

    None where that depends on the instant: in several zones at once, and where clocks change on either date.
    """
    if hours.zones or count == 0:
        return None
    later = _business_day(hours, day, count)
    before, after = _offset_on(day, hours.zone), _offset_on(later, hours.zone)
    if before is None or after is None:
        return None
    return remember(hours.shifts, (day, count), later - day + before - after)


def _business_day(hours: Hours, day: date, count: int) -> date:
    """The date so many business days after `day`."""
    asked = day, count
    known = hours.business_days.get(asked)
    return known if known is not None else remember(hours.business_days, asked, _count_business_days(hours, day, count))


def _count_business_days(hours: Hours, day: date, count: int) -> date:
    for _ in range(HORIZON):
        day += ONE_DAY
        count -= hours.opens_on(day)
        if count == 0:
            return day
    raise NeverOpen(f"no business day within {HORIZON} days of {day}")


def _open_time_later(hours: Hours, at: datetime, left: timedelta) -> datetime:
    at = next_open(hours, at)
    while True:
        _, end = hours.bounds(hours.local(at).date())
        if at + left <= end:
            return at + left
        left -= end - at
        at = next_open(hours, end)


_ADDING: Mapping[Unit, Callable[[Hours, datetime, int], datetime]] = {
    Unit.MINUTES: lambda _, at, amount: at + amount * ONE_MINUTE,
    Unit.HOURS: lambda _, at, amount: at + amount * ONE_HOUR,
    Unit.DAYS: _days_later,
    Unit.WEEKS: lambda hours, at, amount: _days_later(hours, at, 7 * amount),
    Unit.BUSINESS_DAYS: _business_days_later,
    Unit.BUSINESS_HOURS: lambda hours, at, amount: _open_time_later(hours, at, amount * ONE_HOUR),
}


@lru_cache(maxsize=256)
def least(span: Span) -> timedelta:
    """No instant that is a span later comes earlier than this: days are short by a day where a zone skips one."""
    match span.unit:
        case Unit.MINUTES:
            return span.amount * ONE_MINUTE
        case Unit.HOURS | Unit.BUSINESS_HOURS:
            return span.amount * ONE_HOUR
        case Unit.WEEKS:
            return (7 * span.amount - 1) * ONE_DAY
        case Unit.DAYS | Unit.BUSINESS_DAYS:
            return (span.amount - 1) * ONE_DAY


def subtract(hours: Hours, at: datetime, span: Span) -> datetime:
    """The instant a span earlier, in UTC, of the units that `BACKWARDS` has (KeyError: another)."""
    whole = span.amount * BACKWARDS[span.unit]
    if span.unit in (Unit.MINUTES, Unit.HOURS):
        return at - whole
    local = hours.local(at)
    return resolve(local.date() - whole, local.time(), hours.zone)


def next_weekday(hours: Hours, at: datetime, weekday: int, time_of_day: time) -> datetime:
    """The first such weekday (1 = Monday) at that time which does not lie before `at`."""
    day = hours.local(at).date()
    day += timedelta(days=(weekday - day.isoweekday()) % 7)
    found = resolve(day, time_of_day, hours.zone)
    return found if found >= at else resolve(day + timedelta(days=7), time_of_day, hours.zone)
