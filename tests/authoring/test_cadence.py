"""Times as authors write them, and what cadence.yaml allows campaigns."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from nurture.authoring.nodes import Scalar
from nurture.authoring.places import countries, country_of_zone, holidays_of, is_zone, zones_of
from nurture.authoring.problems import Log, Spot
from nurture.authoring.times import caps, moment, span, weekdays, window
from nurture.core.program import ANY_TIME, Cap, WhenLate, Window
from nurture.core.spans import Span, Unit
from tests.authoring.builders import CADENCE, CAMPAIGN, FILES, Edit, compiled, program


def said(text: str) -> Scalar:
    return Scalar(text, Spot("f"), text)


@pytest.mark.parametrize("unit", Unit)
def test_every_unit_is_read_in_singular_and_plural(unit: Unit) -> None:
    log = Log()
    assert span(said(f"3 {unit}"), log) == Span(3, unit)
    assert span(said(f"1 {unit.value.removesuffix('s')}"), log) == Span(1, unit)
    assert not log.problems


@pytest.mark.parametrize(
    ("text", "days", "start", "end"),
    [
        ("Mon-Fri 09:00-17:30", {1, 2, 3, 4, 5}, time(9), time(17, 30)),
        ("Mon,Wed-Thu 9:00-12:00", {1, 3, 4}, time(9), time(12)),
        ("Sat-Mon 00:00-24:00", {6, 7, 1}, time(0), time.max),
        ("every day 10:00-11:00", set(range(1, 8)), time(10), time(11)),
        ("10:00-11:00", set(range(1, 8)), time(10), time(11)),
        ("monday 10:00-11:00", {1}, time(10), time(11)),
    ],
)
def test_a_window_is_read(text: str, days: set[int], start: time, end: time) -> None:
    log = Log()
    assert window(said(text), log, ANY_TIME) == Window(frozenset(days), start, end)
    assert not log.problems


def test_weekdays_may_stand_alone() -> None:
    assert weekdays(said("Tue-Thu"), Log()) == frozenset({2, 3, 4})


@pytest.mark.parametrize(
    ("text", "cap"),
    [("1 per 3 days", Cap(1, 3)), ("6 per month", Cap(6, 30)), ("2 per week", Cap(2, 7)), ("3 in 2 weeks", Cap(3, 14))],
)
def test_a_cap_is_read(text: str, cap: Cap) -> None:
    assert caps(said(text), Log()) == (cap,)


def test_a_date_is_read_on_the_clocks_of_its_zone() -> None:
    expected = datetime(2027, 1, 21, 14, tzinfo=ZoneInfo("Europe/Paris"))
    assert moment(said("2027-01-21 14:00"), Log(), "Europe/Paris") == expected


def test_a_campaign_without_cadence_has_the_companys() -> None:
    cadence = program().cadence
    assert cadence.window == Window(frozenset({1, 2, 3, 4, 5}), time(8), time(19))
    assert (cadence.use_contact_zone, cadence.zone, cadence.country) == (True, "Europe/Paris", "FR")
    assert (cadence.late_max, cadence.late_then) == (Span(3, Unit.DAYS), WhenLate.SHIFT)


def test_a_campaign_may_be_stricter_and_both_caps_apply() -> None:
    own = "cadence: {window: Tue 09:00-12:00, at_most: [1 per 3 days, 1 per day], late: {max: 5 hours, then: skip}}\naudience:"
    cadence = program(Edit(CAMPAIGN, "audience:", own)).cadence
    assert cadence.window == Window(frozenset({2}), time(9), time(12))
    assert cadence.at_most == (Cap(1, 1), Cap(1, 3))
    assert (cadence.late_max, cadence.late_then) == (Span(5, Unit.HOURS), WhenLate.SKIP)


def test_without_cadence_yaml_a_campaign_may_say_anything() -> None:
    files = {name: text for name, text in FILES.items() if name != CADENCE}
    own = "cadence: {window: Sun 00:00-24:00, holidays: none, timezone: America/New_York}\naudience:"
    found = compiled(Edit(CAMPAIGN, "audience:", own), files=files)
    assert found.world is not None
    (campaign,) = found.world.current_programs()
    assert (campaign.cadence.zone, campaign.cadence.use_contact_zone, campaign.cadence.country) == (
        "America/New_York",
        False,
        "US",
    )


def test_a_contact_of_unknown_zone_may_be_written_to_when_it_is_open_everywhere_in_its_country() -> None:
    own = "cadence: {timezone: {use: contact, else: Europe/Paris, unknown: %s}}\naudience:"
    found = compiled(Edit(CAMPAIGN, "audience:", own % "everywhere"))
    assert found.world is not None
    (campaign,) = found.world.current_programs()
    assert campaign.cadence.everywhere
    assert found.world.zones("US")[0] == "America/New_York"
    assert not program(Edit(CAMPAIGN, "audience:", own % "else")).cadence.everywhere
    (problem,) = compiled(Edit(CAMPAIGN, "audience:", own % "anywhere")).problems
    assert problem.code == "C010"


def test_zones_that_run_alike_are_one() -> None:
    assert zones_of("FR") == ("Europe/Paris",)
    assert {"America/New_York", "America/Chicago", "America/Phoenix", "Pacific/Honolulu"} < set(zones_of("US"))
    assert len(zones_of("US")) == 8
    assert zones_of("") == ()


def test_holidays_are_a_function_of_the_country() -> None:
    assert date(2027, 7, 14) in holidays_of("FR")
    assert date(2035, 12, 25) in holidays_of("GB")
    assert holidays_of("XX") == frozenset()
    assert holidays_of("FR") is holidays_of("FR")


def test_countries_and_zones_are_the_worlds() -> None:
    assert len(countries()) > 240
    assert countries()["NO"] == "Norway"
    assert country_of_zone("Europe/Paris") == "FR"
    assert is_zone("Pacific/Apia")
    assert not any(is_zone(name) for name in ("Europe", "Europe/Pari", "../etc/passwd", "", "CET6"))
