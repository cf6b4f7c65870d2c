"""Open hours and spans through every transition of two years, in the zones that try them hardest."""

import zoneinfo
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.calendar import Hours, NeverOpen, add, hours_for, next_open, resolve
from nurture.core.program import ANY_TIME, Cadence, Window
from nurture.core.spans import Span, Unit
from nurture.core.state import ContactState
from tests.builders import OFFICE, a_contact, a_world, at, business_days, days, holidays_of, hours

zoneinfo.reset_tzpath(())

NAMES = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
FROM, TO = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
EVERY_DAY = frozenset(range(1, 8))
NIGHTS = (
    Window(EVERY_DAY, time(2, 10), time(2, 20)),
    Window(EVERY_DAY, time(1, 30), time(2, 30)),
    Window(EVERY_DAY, time(2, 30), time(17)),
    Window(EVERY_DAY, time(0), time(3)),
)
WINDOWS = (OFFICE, ANY_TIME, *NIGHTS)


@cache
def transitions(name: str) -> tuple[datetime, ...]:
    """The first instants of another offset, in the two years."""
    zone = ZoneInfo(name)
    ticks = [FROM + timedelta(minutes=30 * n) for n in range((TO - FROM) // timedelta(minutes=30))]
    offsets = [tick.astimezone(zone).utcoffset() for tick in ticks]
    return tuple(tick for tick, one, two in zip(ticks[1:], offsets, offsets[1:], strict=False) if one != two)


def near(name: str) -> st.SearchStrategy[datetime]:
    """Instants within three days of a transition, and some anywhere."""
    around = st.builds(
        lambda instant, seconds: instant + timedelta(seconds=seconds),
        st.sampled_from(transitions(name)),
        st.integers(-3 * 86_400, 3 * 86_400) | st.integers(-7_200, 7_200),
    )
    return around | st.integers(0, 700 * 86_400).map(lambda seconds: FROM + timedelta(seconds=seconds))


PLACES = st.sampled_from(NAMES).flatmap(lambda name: st.tuples(st.just(ZoneInfo(name)), near(name)))


def a_place(zone: ZoneInfo, window: Window = OFFICE, *closed: str) -> Hours:
    return Hours(zone, window, frozenset(map(date.fromisoformat, closed)))


def is_open(place: Hours, instant: datetime) -> bool:
    """Said independently of the program: what a clock on the contact's wall shows."""
    wall = instant.astimezone(place.zone)
    return place.opens_on(wall.date()) and place.window.start <= wall.time() < place.window.end


def test_every_zone_has_its_transitions() -> None:
    assert {name: len(transitions(name)) for name in NAMES} == {
        "Europe/Paris": 4, "America/New_York": 4, "Australia/Lord_Howe": 4, "Africa/Casablanca": 3,
    }  # fmt: skip


@given(PLACES, st.sampled_from(WINDOWS))
def test_a_window_never_opens_outside_local_open_hours(place: tuple[ZoneInfo, datetime], window: Window) -> None:
    here = a_place(place[0], window)
    opened = next_open(here, place[1])
    assert opened >= place[1]
    assert is_open(here, opened)
    assert next_open(here, opened) == opened


@given(PLACES)
def test_a_window_of_the_day_opens_at_the_first_open_minute(place: tuple[ZoneInfo, datetime]) -> None:
    here, instant = a_place(place[0]), place[1].replace(second=0, microsecond=0)
    minute = instant
    while not is_open(here, minute):
        minute += MINUTE
    assert next_open(here, instant) == minute


@given(PLACES)
def test_any_time_is_always_open(place: tuple[ZoneInfo, datetime]) -> None:
    assert next_open(a_place(place[0], ANY_TIME), place[1]) == place[1]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("window", WINDOWS)
def test_around_every_transition_each_minute_is_open_or_leads_to_one_that_is(name: str, window: Window) -> None:
    here = a_place(ZoneInfo(name), window)
    for instant in transitions(name):
        for minutes in range(-240, 240, 5):
            tried = instant + timedelta(minutes=minutes)
            opened = next_open(here, tried)
            assert is_open(here, opened), (tried, opened)


@given(PLACES, st.integers(0, 400))
def test_days_keep_wall_time(place: tuple[ZoneInfo, datetime], amount: int) -> None:
    here, instant = a_place(place[0]), place[1]
    before, after = here.local(instant), here.local(add(here, instant, days(amount)))
    expected = before.replace(tzinfo=None, fold=0) + timedelta(days=amount)
    skipped = resolve(expected.date(), expected.time(), here.zone)
    assert after.astimezone(UTC) == skipped
    if after.time() != expected.time():  # only where the clocks skipped it, and then the first minute after
        assert after.replace(tzinfo=None) - expected <= timedelta(hours=1)
        assert here.local(skipped).utcoffset() != here.local(skipped - timedelta(seconds=1)).utcoffset()


@given(PLACES, st.integers(0, 2000))
def test_hours_and_minutes_are_absolute(place: tuple[ZoneInfo, datetime], amount: int) -> None:
    here, instant = a_place(place[0]), place[1]
    assert add(here, instant, hours(amount)) - instant == timedelta(hours=amount)
    assert add(here, instant, Span(amount, Unit.MINUTES)) - instant == timedelta(minutes=amount)


@given(PLACES, st.integers(1, 30))
def test_a_business_day_is_the_same_local_time_then_forward_into_the_window(
    place: tuple[ZoneInfo, datetime], amount: int
) -> None:
    here, instant = a_place(place[0], OFFICE, "2026-05-14", "2027-03-29", "2026-10-26"), place[1]
    day = here.local(instant).date()
    for _ in range(amount):
        day += DAY
        while not here.opens_on(day):
            day += DAY
    reached = here.local(add(here, instant, business_days(amount)))
    wall = here.local(instant).time().replace(fold=0)
    if wall < time(17, 30):
        assert (reached.date(), reached.time()) == (day, max(wall, time(9)))
    else:
        assert (reached.date() > day, reached.time()) == (True, time(9))


@given(PLACES, st.integers(0, 40))
def test_business_hours_count_open_time_only(place: tuple[ZoneInfo, datetime], amount: int) -> None:
    here, instant = a_place(place[0], OFFICE, "2027-03-29"), place[1].replace(second=0, microsecond=0)
    reached = add(here, instant, Span(amount, Unit.BUSINESS_HOURS))
    minutes = int((reached - instant) / MINUTE)
    counted = sum(is_open(here, instant + n * MINUTE) for n in range(0, minutes, 5)) * 5
    assert abs(counted - amount * 60) <= 5
    assert is_open(here, reached - MINUTE) or amount == 0


@given(PLACES, st.sampled_from(list(Unit)), st.integers(0, 60))
def test_no_span_leads_backwards(place: tuple[ZoneInfo, datetime], unit: Unit, amount: int) -> None:
    for window in WINDOWS:
        assert add(a_place(place[0], window), place[1], Span(amount, unit)) >= place[1] - timedelta(hours=1) * (
            unit in {Unit.DAYS, Unit.WEEKS} and amount == 0
        )


@pytest.mark.parametrize(
    ("local", "zone", "instant"),
    [
        ("2027-03-28 02:30", "Europe/Paris", "2027-03-28 01:00"),
        ("2026-10-25 02:30", "Europe/Paris", "2026-10-25 00:30"),
        ("2026-03-08 02:59", "America/New_York", "2026-03-08 07:00"),
        ("2026-10-04 02:15", "Australia/Lord_Howe", "2026-10-03 15:30"),
        ("2026-04-05 01:45", "Australia/Lord_Howe", "2026-04-04 14:45"),
        ("2026-03-22 02:30", "Africa/Casablanca", "2026-03-22 02:00"),
    ],
)
def test_a_local_time_that_is_skipped_or_repeated(local: str, zone: str, instant: str) -> None:
    wall = datetime.fromisoformat(local)
    assert resolve(wall.date(), wall.time(), ZoneInfo(zone)) == at(instant, "UTC")
    assert resolve(wall.date(), wall.time().replace(fold=1), ZoneInfo(zone)) == at(instant, "UTC")


def test_holidays_are_those_of_the_contacts_country_else_of_the_campaign() -> None:
    world = a_world(holidays=holidays_of(FR=["2027-05-06"], BE=["2027-07-21"]))
    for country, cadence, closed in (
        ("BE", Cadence(), "2027-07-21"),
        ("", Cadence(country="FR"), "2027-05-06"),
        ("BE", Cadence(holidays="FR"), "2027-05-06"),
    ):
        found = hours_for(world, cadence, a_contact(country=country))
        assert found.closed == {date.fromisoformat(closed)}
    assert hours_for(world, Cadence(holidays="none"), a_contact()).closed == frozenset()


def test_the_zone_is_the_contacts_then_its_countrys_then_the_campaigns() -> None:
    cadence = Cadence(zone="Europe/Paris")
    for contact, zone in (
        (a_contact(zone="Australia/Lord_Howe", country="MA"), "Australia/Lord_Howe"),
        (a_contact(country="MA"), "Africa/Casablanca"),
        (a_contact(country="US"), "Europe/Paris"),
        (a_contact(zone="Nowhere/Land"), "Europe/Paris"),
    ):
        assert str(hours_for(a_world(), cadence, contact).zone) == zone
    fixed = Cadence(zone="Europe/Paris", use_contact_zone=False)
    assert str(hours_for(a_world(), fixed, a_contact(country="MA")).zone) == "Europe/Paris"


EVERYWHERE = Cadence(OFFICE, zone="Europe/Paris", everywhere=True)
COASTS = ("America/New_York", "America/Phoenix", "America/Los_Angeles")


def zones_of(country: str) -> tuple[str, ...]:
    """A book in which two countries have several zones, one of them too many for any office hour in common."""
    return {"US": COASTS, "RU": ("Europe/Kaliningrad", "Asia/Kamchatka")}.get(country, ())


def test_who_may_be_in_several_zones_is_written_to_when_it_is_open_in_all() -> None:
    somebody = hours_for(a_world(zones=zones_of), EVERYWHERE, a_contact(country="US"))
    for instant in (FROM + timedelta(minutes=20 * n) for n in range(72 * 21)):
        walls = [instant.astimezone(ZoneInfo(name)) for name in COASTS]
        everywhere = len({wall.date() for wall in walls}) == 1 and all(
            is_open(a_place(ZoneInfo(name)), instant) for name in COASTS
        )
        assert (next_open(somebody, instant) == instant) is everywhere


@given(near("America/New_York"), st.sampled_from([OFFICE, *NIGHTS]))
def test_who_may_be_in_several_zones_is_written_to_at_an_hour_of_the_window_in_each(
    at_: datetime, window: Window
) -> None:
    somebody = hours_for(a_world(zones=zones_of), replace(EVERYWHERE, window=window), a_contact(country="US"))
    opened = next_open(somebody, at_)
    assert all(is_open(a_place(zone, window), opened) for zone in somebody.zones or (somebody.zone,))


@pytest.mark.parametrize(
    ("contact", "cadence"),
    [
        (a_contact(country="US", zone="America/Denver"), EVERYWHERE),
        (a_contact(country="FR"), EVERYWHERE),
        (a_contact(country="RU"), EVERYWHERE),
        (a_contact(country="US"), replace(EVERYWHERE, everywhere=False)),
        (a_contact(country="US"), replace(EVERYWHERE, window=ANY_TIME)),
        (a_contact(country="US"), replace(EVERYWHERE, use_contact_zone=False)),
    ],
)
def test_one_zone_counts_where_it_is_known_or_no_hour_is_open_in_all_or_nobody_asked(
    contact: ContactState, cadence: Cadence
) -> None:
    assert hours_for(a_world(zones=zones_of), cadence, contact).zones == ()


def test_hours_that_never_open_are_an_error_that_says_so() -> None:
    with pytest.raises(NeverOpen, match="no open minute"):
        next_open(a_place(ZoneInfo("Europe/Paris"), Window(frozenset(), time(9), time(10))), FROM)
