"""What is worked out the short way comes to what the long way says."""

import hmac
import inspect
import pickle
import zoneinfo
from dataclasses import FrozenInstanceError, asdict, field, make_dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.calendar import add, business_days_later, hours_for, least, resolve
from nurture.core.changing import changed, opened
from nurture.core.conditions import ALWAYS, NEVER, And, Not, Or, any_of, looks_at
from nurture.core.draft import Draft
from nurture.core.engagement import engagement_on, entries_of
from nurture.core.events import Remove
from nurture.core.facts import Facts, holds, utc_day
from nurture.core.fit import fitting_of
from nurture.core.ids import derive
from nurture.core.instants import text_of
from nurture.core.moving import moved_by
from nurture.core.program import ANY_TIME, Audience, Cadence, Exit, Goal
from nurture.core.quick import maker_of, quick
from nurture.core.remembering import MOST, remember
from nurture.core.resting import at_rest
from nurture.core.scoring import Criterion, Persona, Scoring, grade_of
from nurture.core.spans import Span, Unit
from nurture.core.state import ContactState, Day
from nurture.core.values import value_of
from nurture.core.words import SignalKind, Status
from tests.builders import (
    OFFICE,
    a_contact,
    a_form,
    a_program,
    a_prospect_rule,
    a_reply,
    a_stage,
    a_world,
    at,
    days,
    did,
    engaged,
    enrolled,
    holidays_of,
    is_,
    wait,
    wait_for,
)
from tests.core.play import Play
from tests.storage.conditions.strategies import Crowd, crowds

zoneinfo.reset_tzpath(())

ZONES = ("Europe/Paris", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Asia/Tehran")
ANY_DAY = st.dates(date(2009, 1, 1), date(2038, 1, 1))
SINCE_SAMOA_LEAPT = st.dates(date(2012, 1, 1), date(2038, 1, 1))
"""It crossed the date line at the end of 2011, and had a week of six days."""
NOW = at("2027-03-01 09:00")


@given(st.binary(max_size=80), st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
def test_an_id_is_the_hmac_of_its_parts(salt: bytes, parts: list[str]) -> None:
    assert derive(salt, *parts) == hmac.digest(salt, "\x1f".join(parts).encode(), "sha256")[:16].hex()


@settings(max_examples=60)
@given(crowds(awkward=True))
def test_the_engagement_is_what_is_left_in_the_ledger(crowd: Crowd) -> None:
    today, scoring = utc_day(crowd.now), crowd.world.scoring
    for state in crowd.states:
        written = sum(entry.remaining for entry in entries_of(scoring, state.signals, today))
        assert engagement_on(scoring, state.signals, today) == written


@given(ANY_DAY, st.times(), st.sampled_from(ZONES), st.booleans())
def test_a_local_time_that_comes_once_is_that_instant(day: date, wall: time, name: str, last: bool) -> None:
    zone = ZoneInfo(name)
    one, other = (datetime.combine(day, wall.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    found = resolve(day, wall, zone, last)
    assert found.tzinfo is UTC
    if one == other:
        assert found == one
    elif one < other:
        assert found == (other if last else one)
    else:  # in a gap: the instant of the transition
        assert other < found <= one


@given(SINCE_SAMOA_LEAPT, st.times(), st.sampled_from(ZONES), st.sampled_from(Unit), st.integers(0, 40))
def test_a_span_is_never_shorter_than_its_least(day: date, wall: time, name: str, unit: Unit, amount: int) -> None:
    hours = hours_for(a_world(), Cadence(OFFICE, zone=name, use_contact_zone=False))
    start, span = datetime.combine(day, wall, UTC), Span(amount, unit)
    assert add(hours, start, span) - start >= least(span)


@given(st.lists(ANY_DAY, min_size=1, max_size=3), st.times(), st.sampled_from(ZONES), st.booleans(), st.integers(0, 12))
def test_business_days_from_open_hours_are_those_from_any_instant(
    dates: list[date], wall: time, name: str, office: bool, count: int
) -> None:
    cadence = Cadence(OFFICE if office else ANY_TIME, zone=name, use_contact_zone=False)
    hours = hours_for(a_world(), cadence)
    everywhere = replace(hours, zone=ZoneInfo(ZONES[0]), zones=tuple(map(ZoneInfo, ZONES[:2])))
    for day in (*dates, *dates):
        for place in (hours, everywhere):
            start = datetime.combine(day, wall, UTC)
            slow = business_days_later(place, start, count)
            assert repr(add(place, start, Span(count, Unit.BUSINESS_DAYS))) == repr(slow)


def test_open_hours_are_worked_out_once_a_place_and_apart_for_each_world() -> None:
    cadence = Cadence(OFFICE, holidays="contact")
    world = a_world()
    closed = replace(world, holidays=holidays_of(FR=("2027-03-02",)))
    french, belgian = a_contact(country="FR"), a_contact(country="BE")
    assert hours_for(world, cadence, french) is hours_for(world, cadence, changed(french, seq=9))
    assert hours_for(closed, cadence, french).closed == {date(2027, 3, 2)}
    assert hours_for(closed, cadence, belgian).closed == hours_for(world, cadence, french).closed == frozenset()
    assert hours_for(world, cadence, a_contact(zone="Asia/Tokyo")).zone.key == "Asia/Tokyo"
    assert (
        hours_for(world, replace(cadence, use_contact_zone=False), a_contact(zone="Asia/Tokyo")).zone.key
        != "Asia/Tokyo"
    )


@given(st.datetimes(timezones=st.sampled_from([UTC, UTC, timezone(timedelta(hours=2)), ZoneInfo(ZONES[0])])))
def test_an_instant_is_told_as_isoformat_tells_it(instant: datetime) -> None:
    for told in (instant, instant.replace(microsecond=0)):
        assert text_of(told) == told.isoformat()


def test_what_is_remembered_does_not_grow_without_end() -> None:
    memory: dict[int, int] = {}
    for number in range(3 * MOST):
        assert remember(memory, number, -number) == -number
        assert len(memory) <= MOST


@settings(max_examples=60)
@given(crowds(awkward=True))
def test_facts_that_agree_in_what_a_condition_looks_at_get_one_answer(crowd: Crowd) -> None:
    one, other = crowd.states[0], crowd.states[-1]
    scoring = crowd.world.scoring
    for condition in crowd.conditions:
        seen = set(looks_at(condition))
        alike = changed(one, **{part: getattr(other, part) for part in seen - {"now", "signal", "stage", *SignalKind}})
        for edge in (False, True):
            here = Facts(other, scoring, crowd.now, edge=edge)
            there = Facts(alike, scoring, crowd.now if "now" in seen else crowd.now + timedelta(days=3), edge=edge)
            assert holds(condition, here) == holds(condition, there)


@settings(max_examples=60)
@given(crowds(awkward=True))
def test_what_is_left_of_a_condition_at_rest_gets_the_answer_of_all_of_it(crowd: Crowd) -> None:
    place = enrolled(a_program(a_stage("tofu")))
    for state in crowd.states:
        quiet = changed(state, signals={}, engagement=0)
        for condition in (*crowd.conditions, And(crowd.conditions), Not(Or(crowd.conditions))):
            for enrolment in (None, place):
                facts = Facts(quiet, crowd.world.scoring, crowd.now, enrolment)
                assert holds(at_rest(condition), facts) == holds(condition, facts)


def test_little_of_most_rules_is_left_at_rest() -> None:
    asked = Or((did("replied"), And((engaged(40), is_("country", "FR"))), Not(did("visited")), is_("country", "BE")))
    assert at_rest(asked) is ALWAYS
    assert at_rest(And((Not(did("visited", "/")), is_("country", "BE")))) == is_("country", "BE")
    assert at_rest(Or((engaged(40), And((did("clicked"), is_("country", "FR")))))) is NEVER


@settings(max_examples=60)
@given(crowds(awkward=True))
def test_what_a_profile_fits_is_what_its_personas_say_each_by_itself(crowd: Crowd) -> None:
    scoring = crowd.world.scoring
    fitting = fitting_of(scoring)
    for state in (*crowd.states, *crowd.states):
        facts = Facts(state, scoring, crowd.now)
        fits = [(_fit(persona, facts), -n, persona.name) for n, persona in enumerate(scoring.personas)]
        percent, _, name = max((fit for fit in fits if fit[0] is not None), default=(None, 0, None))
        grade = None if percent is None else grade_of(scoring, percent)
        assert fitting(facts) == (name, percent, grade)


def test_values_that_are_equal_and_not_the_same_fit_apart() -> None:
    scoring = Scoring(personas=(Persona("insured", (Criterion(is_("insured", True), 1, "Insured"),)),))
    fitting = fitting_of(scoring)
    for told, percent in ((1, 0), (True, 100), (1, 0)):
        assert fitting(Facts(a_contact(fields={"insured": told}), scoring, NOW)).percent == percent


def test_what_a_timer_changes_is_heard_by_the_rules_within_its_decision() -> None:
    first = a_program(a_stage("tofu", wait_for(did("clicked"), days(30))), prospect=a_prospect_rule())
    back = Goal(is_("status", "recycled"), "again")
    other = replace(
        a_program(a_stage("tofu", wait_for(did("clicked"), days(30))), a_stage("again", wait(days(9))), name="other"),
        goals=(back,),
    )
    play = Play(a_world(first, other), a_contact())
    play.until(NOW, [a_form()])
    play.hear(a_reply("interested"), NOW)
    play.hear(Remove("by hand", NOW, "cloud"), NOW)
    play.until(at("2027-03-01 14:00"))
    assert play.state.status is Status.RECYCLED
    assert play.state.enrolments["other"].stage == "again"


@settings(max_examples=60)
@given(crowds(awkward=True))
def test_one_question_for_several_is_whether_any_of_them_holds(crowd: Crowd) -> None:
    one = any_of(crowd.conditions)
    for state in crowd.states:
        facts = Facts(state, crowd.world.scoring, crowd.now)
        assert holds(one, facts) == any(holds(condition, facts) for condition in crowd.conditions)


def test_what_moves_an_enrolment_is_every_rule_of_its_place() -> None:
    waiting = wait_for(did("clicked", "guide"), days(3))
    program = replace(
        a_program(
            a_stage("tofu", waiting, advance=engaged(20)),
            a_stage("mofu"),
            prospect=a_prospect_rule(did("replied", "interested")),
        ),
        goals=(Goal(did("attended", "webinar"), "mofu"),),
    )
    step = program.stages[0].steps[0].key
    for signal, about, moved in (
        ("replied", "interested", {"tofu", "mofu", "waiting"}),
        ("attended", "webinar", {"tofu", "mofu", "waiting"}),
        ("clicked", "guide", {"waiting"}),
        ("visited", "/", set()),
    ):
        state = _after(signal, about)
        places = {"tofu": ("tofu", None), "mofu": ("mofu", None), "waiting": ("tofu", step)}
        facts = Facts(state, a_world().scoring, NOW)
        assert {name for name, place in places.items() if holds(moved_by(program, *place), facts)} == moved
    leaving = replace(program, audience=Audience(leave_if=did("visited", "/"), exits=(Exit(did("opened"), "Enough"),)))
    for state in (_after("visited", "/"), _after("opened", "guide")):
        assert holds(moved_by(leaving, "mofu", None), Facts(state, a_world().scoring, NOW))
    assert moved_by(a_program(a_stage("tofu")), "tofu", None) is NEVER


@pytest.mark.parametrize("slots", [True, False])
def test_a_quick_dataclass_is_the_frozen_dataclass_that_it_was(slots: bool) -> None:
    def build() -> Any:
        return make_dataclass(
            "Made",
            [("one", int), ("two", int, 2), ("three", list, field(default_factory=list))],
            frozen=True,
            slots=slots,
        )

    slow, fast = build(), quick(build())
    assert inspect.signature(fast) == inspect.signature(slow)
    made_by = maker_of(fast)
    for parts, named in (((1,), {}), ((1, 3), {"three": [4]}), ((), {"two": 5, "one": 6})):
        assert made_by(*parts, **named) == fast(*parts, **named)
        assert asdict(fast(*parts, **named)) == asdict(slow(*parts, **named))
        assert fast(*parts, **named) == fast(*parts, **named)
        assert repr(fast(*parts, **named)) == repr(slow(*parts, **named))
    made = fast(1)
    assert made.three is not fast(1).three
    assert replace(made, two=7) == fast(1, 7)
    with pytest.raises(FrozenInstanceError):
        made.one = 2
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'one'"):
        fast()


def test_a_dataclass_that_does_more_than_keep_its_parts_cannot_be_made_quickly() -> None:
    for quicken in (quick, maker_of):
        with pytest.raises(TypeError, match="Scoring is more than its parts"):
            quicken(Scoring)


def test_a_part_that_a_value_does_not_have_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="ContactState has no colour"):
        changed(a_contact(), colour="blue")
    with pytest.raises(TypeError, match="ContactState has no colour"):
        Draft(a_world(), a_contact(), a_form(), NOW).set(colour="blue")


def test_a_copy_that_is_opened_is_written_and_the_value_stays_as_it_was() -> None:
    contact = a_contact()
    copy, parts = opened(contact)
    parts["country"] = "BE"
    assert (copy, contact) == (a_contact(country="BE"), a_contact())


def _fit(persona: Persona, facts: Facts) -> int | None:
    if all(value_of(ref, facts) is None for ref in persona.asked):
        return None
    met = sum(criterion.weight for criterion in persona.criteria if holds(criterion.when, facts))
    return met * 100 // persona.total if persona.total else 0


def _after(signal: str, about: str) -> ContactState:
    return a_contact(signals={(SignalKind(signal), about): {utc_day(NOW): Day(1, NOW, NOW)}})


def test_a_program_that_was_asked_goes_to_another_process_without_what_it_worked_out() -> None:
    program = a_program(a_stage("tofu", wait(days(1))))
    program.movers["tofu", None] = (lambda facts: True), (lambda facts: False)
    there = pickle.loads(pickle.dumps(program))
    assert there == program
    assert there.movers == {}
