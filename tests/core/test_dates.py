"""Dates in conditions: read on the contact's own clock, unknown where they are none, and heeded when their day comes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.conditions import (
    And,
    Compare,
    CompareDate,
    Condition,
    DaysAway,
    InSegment,
    IsUnknown,
    Not,
    Op,
    Or,
    Ref,
    Scope,
    Signalled,
    Tagged,
    comes_true,
)
from nurture.core.decide import decide
from nurture.core.events import TimerFired, WorldChanged
from nurture.core.facts import Facts, holds
from nurture.core.program import Audience, Exit, Goal
from nurture.core.qualify import as_of
from nurture.core.reasons import Reason
from nurture.core.scoring import Scoring, SignalRule
from nurture.core.state import LOOK_TIMER, ContactState, Day, Ended, next_timer
from nurture.core.timed import next_true
from nurture.core.words import SignalKind, Suppression
from nurture.core.world import World
from tests.builders import (
    MONDAY,
    a_contact,
    a_form,
    a_profile,
    a_program,
    a_signal,
    a_stage,
    a_world,
    at,
    days,
    did,
    send,
    wait_for,
)
from tests.core.play import Play

NOW = at(MONDAY)
DUE = Ref("due_on")
SOON = DaysAway(DUE, 0, 30)
SILENT = Not(Signalled(SignalKind.OPENED, None, 1, Scope.WITHIN, 60))


def facts(due: object, now: datetime = NOW, **more: object) -> Facts:
    return Facts(a_contact(fields={"due_on": due}, **more), Scoring(), now)


@pytest.mark.parametrize(("due", "known"), [("2027-03-31", True), ("soon", False), ("", False), (20270331, False)])
def test_what_is_no_date_is_unknown_and_compares_with_nothing(due: object, known: bool) -> None:
    for op in Op:
        compared = holds(CompareDate(DUE, op, date(2027, 3, 31)), facts(due))
        assert compared is (known and op in (Op.EQ, Op.LE, Op.GE))
    assert holds(SOON, facts(due)) is known


def test_bounds_are_within() -> None:
    inside = [n for n in range(-3, 40) if holds(SOON, facts((date(2027, 3, 1) + timedelta(n)).isoformat()))]
    assert inside == list(range(31))


def test_today_is_the_date_on_the_contacts_own_clock() -> None:
    today, late = DaysAway(DUE, 0, 0), at("2027-03-01 23:30", "UTC")
    assert holds(today, facts("2027-03-01", late, country="GB"))
    assert holds(today, facts("2027-03-02", late, country="FR"))
    assert holds(today, facts("2027-03-02", late, country="", zone="Asia/Tokyo"))
    nowhere = Facts(a_contact(fields={"due_on": "2027-03-01"}, country=""), Scoring(), late, home="America/New_York")
    assert holds(today, nowhere), "whose zone nobody knows has the company's today"


def test_how_long_a_contact_has_been_known_is_counted_in_days() -> None:
    old = DaysAway(Ref("created"), None, -91)
    play = Play(a_world(a_program(enter=old)), a_contact(created_at=at("2027-02-01 09:00")))
    play.until(NOW, [a_profile(fields={"city": "Lyon"})])
    assert play.state.looks_at == at("2027-05-03 00:00")
    play.until(at("2027-05-03 00:00"))
    assert list(play.state.enrolments) == ["cloud"]
    assert not holds(old, Facts(a_contact(), Scoring(), NOW)), "when is not known"


def test_a_segment_is_asked_of_the_contact_alone() -> None:
    """A signal in it counts for ever, also where the condition around it asks for the present one."""
    inside = InSegment("readers", did("clicked", "guide"))
    world = a_world(a_program(enter=And((did("submitted", "audit"), inside))))
    assert decide(world, a_contact(), a_form(), NOW).state.enrolments == {}
    reader = decide(a_world(), a_contact(), a_signal("clicked", "guide"), NOW).state
    assert list(decide(world, reader, a_form(when="2027-03-02 09:00"), at("2027-03-02 09:00")).state.enrolments)


# When time alone makes something true

LEAVES: tuple[Condition, ...] = (
    SOON,
    DaysAway(DUE, None, -11),
    DaysAway(DUE, 5, None),
    DaysAway(DUE, 0, 0),
    DaysAway(Ref("born_on"), -20, 0),
    Signalled(SignalKind.OPENED, None, 1, Scope.WITHIN, 60),
    Signalled(SignalKind.CLICKED, "guide", 2, Scope.WITHIN, 7),
    CompareDate(DUE, Op.LE, date(2027, 4, 1)),
    *(Compare(Ref("engagement"), op, points) for op in Op for points in (0, 4000, 10_000)),
    Tagged("x"),
    IsUnknown(DUE),
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        inner.map(Not),
        inner.map(lambda condition: InSegment("s", condition)),
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: And(tuple(terms))),
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: Or(tuple(terms))),
    ),
    max_leaves=6,
)
NEAR = st.integers(-90, 90).map(lambda n: (date(2027, 3, 1) + timedelta(n)).isoformat())
DAYS = st.dictionaries(
    st.integers(NOW.toordinal() - 70, NOW.toordinal()), st.integers(1, 2).map(lambda n: Day(n, NOW, NOW)), max_size=4
)


@st.composite
def a_person(draw: st.DrawFn) -> ContactState:
    told = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "due_on": NEAR
                | st.sampled_from(["2027-02-31", "2027-04-00", "2027-13-01", "9999-12-31", "0000-00-00"]),
                "born_on": NEAR,
            },
        )
    )
    signals = {
        (SignalKind.OPENED, "a"): draw(DAYS),
        (SignalKind.CLICKED, "guide"): draw(DAYS),
        (SignalKind.VISITED, "/x"): draw(DAYS),
    }
    return a_contact(fields=told, signals=signals, zone=draw(st.sampled_from([None, "Asia/Tokyo", "America/Havana"])))


@given(CONDITIONS, a_person(), st.sampled_from([-5000, 2000]))
def test_the_next_time_it_comes_true_is_the_first_hour_of_half_a_year_at_which_it_does(
    condition: Condition, person: ContactState, visits: int
) -> None:
    """Against looking every hour; all zones here change their date at a full hour."""
    start, world = NOW.replace(minute=0), a_world(scoring=fading(visits))
    by_day = [as_of(world, person, start + timedelta(days=n)).state for n in range(186)]
    hours = [start + timedelta(hours=n) for n in range(24 * 185)]
    truth = [holds(condition, Facts(by_day[(at.date() - start.date()).days], world.scoring, at)) for at in hours]
    found = next((at for at, was, is_ in zip(hours[1:], truth, truth[1:], strict=False) if is_ and not was), None)
    told = next_true(condition, as_of(world, person, start))
    assert (told if told is None or told <= hours[-1] else None) == found
    assert comes_true(condition) or found is None or visits < 0


def fading(visits: int) -> Scoring:
    """Openings fade within weeks, clicks never, and visits are worth so much."""
    return Scoring(
        rules=(
            SignalRule(SignalKind.OPENED, 3000, half_life=6),
            SignalRule(SignalKind.CLICKED, 1500),
            SignalRule(SignalKind.VISITED, visits, half_life=4, cap_per_day=None if visits < 0 else 3000),
        )
    )


def test_entering_by_a_date_needs_no_event_on_the_day() -> None:
    play = Play(a_world(a_program(enter=SOON)), a_contact())
    play.until(NOW, [a_profile(fields={"due_on": "2027-05-15"})])
    assert next_timer(play.state) == (at("2027-04-15 00:00"), LOOK_TIMER)
    play.until(at("2027-04-14 23:59"))
    assert play.state.enrolments == {}
    (decision, *_) = play.until(at("2027-04-15 00:00"))
    assert [because.reason for because in decision.because][:2] == [Reason.DAY_CAME, Reason.ENTERED]
    assert play.state.looks_at is None


def test_whoever_is_within_already_does_not_enter_because_a_day_passes() -> None:
    play = Play(a_world(a_program(enter=SOON)), a_contact(fields={"due_on": "2027-03-10"}))
    play.until(at("2027-12-01 00:00"), [WorldChanged("w", NOW)])
    assert play.state.enrolments == {}


def test_a_timer_that_comes_late_still_sees_the_edge() -> None:
    world = a_world(a_program(enter=SOON))
    told = decide(world, a_contact(), a_profile(fields={"due_on": "2027-05-15"}), NOW).state
    due, found = next_timer(told) or (NOW, "")
    late = decide(world, told, TimerFired(found, due), due + timedelta(days=3))
    assert list(late.state.enrolments) == ["cloud"]


def test_what_is_heard_late_does_not_hide_the_day_that_has_come() -> None:
    """Workers were off: the click was received before the day, and both are decided after it."""
    world = a_world(a_program(enter=SOON))
    told = decide(world, a_contact(), a_profile(fields={"due_on": "2027-05-15"}), NOW).state
    after = at("2027-04-20 12:00")
    clicked = decide(world, told, a_signal("clicked", "x", when="2027-04-10 09:00"), after).state
    assert next_timer(clicked) == (at("2027-04-15 00:00"), LOOK_TIMER)
    looked = decide(world, clicked, TimerFired(LOOK_TIMER, at("2027-04-15 00:00")), after).state
    assert list(looked.enrolments) == ["cloud"]


def test_a_timer_that_nobody_waits_for_lets_nobody_in() -> None:
    world = a_world(a_program(enter=SOON))
    within = a_contact(fields={"due_on": "2027-03-10"})
    decision = decide(world, within, TimerFired(LOOK_TIMER, at("2027-01-01 00:00")), NOW)
    assert decision.state.enrolments == {}
    assert [because.reason for because in decision.because] == [Reason.STALE]


def test_a_silence_makes_one_leave_on_the_day_it_is_long_enough() -> None:
    program = a_program(
        a_stage("tofu", send("guide")), audience=Audience(did("submitted", "audit"), exits=(Exit(SILENT, "silent"),))
    )
    play = Play(a_world(program), a_contact())
    play.until(NOW, [a_signal("opened", "guide", when="2027-02-28 09:00"), a_form()])
    assert play.state.looks_at == datetime(2027, 4, 29, tzinfo=UTC)
    play.until(at("2027-06-01 00:00"))
    ended = play.state.enrolments["cloud"].position
    assert isinstance(ended, Ended)
    assert (ended.at, ended.note) == (datetime(2027, 4, 29, tzinfo=UTC), "silent")
    assert play.state.looks_at is None


def test_interest_that_fades_is_noticed_on_the_day_it_is_gone() -> None:
    """Nobody who has gone quiet does anything by which it could be noticed."""
    cold = Compare(Ref("engagement"), Op.LT, 5000)
    program = a_program(a_stage("tofu", send("guide")), audience=Audience(did("submitted", "audit"), leave_if=cold))
    world = a_world(program, scoring=Scoring(rules=(SignalRule(SignalKind.SUBMITTED, 20_000, half_life=7),)))
    play = Play(world, a_contact())
    play.until(NOW, [a_form()])
    assert play.state.looks_at == datetime(2027, 3, 16, tzinfo=UTC)  # twice 7 days, and one more
    play.until(at("2027-04-01 00:00"))
    ended = play.state.enrolments["cloud"].position
    assert isinstance(ended, Ended)
    assert ended.at == datetime(2027, 3, 16, tzinfo=UTC)


@pytest.mark.parametrize("rule", ["goal", "advance", "wait"])
def test_every_rule_that_waits_is_looked_at_on_its_day(rule: str) -> None:
    waits = [wait_for(SOON, days(90))] if rule == "wait" else []
    first = a_stage("tofu", *waits, **({"advance": SOON} if rule == "advance" else {}))
    goals = (Goal(SOON, "mofu"),) if rule == "goal" else ()
    second = a_stage("mofu", send("guide"))
    program = a_program(first, second, goals=goals)
    play = Play(a_world(program), a_contact(fields={"due_on": "2027-04-30"}))
    play.until(NOW, [a_form()])
    assert play.state.looks_at == at("2027-03-31 00:00")
    play.until(at("2027-03-31 12:00"))
    told = {"goal": Reason.GOAL, "advance": Reason.ADVANCED, "wait": Reason.SATISFIED}[rule]
    assert told in play.reasons


def test_nobody_is_looked_at_without_need() -> None:
    lapsing = DaysAway(DUE, 0, None)  # time can only make it false
    for world in (a_world(a_program()), a_world(a_program(enter=lapsing)), World("w", b"salt")):
        assert not world.is_timed
        assert decide(world, a_contact(fields={"due_on": "2027-05-15"}), a_form(), NOW).state.looks_at is None


def test_whoever_must_not_be_written_to_is_not_looked_at() -> None:
    world = a_world(a_program(enter=SOON))
    gone = a_contact(fields={"due_on": "2027-05-15"}, suppressed=frozenset({Suppression.UNSUBSCRIBED}))
    assert decide(world, gone, a_form(), NOW).state.looks_at is None
