"""Rows of design.md §5's table: caps, priority, business days, lateness; and what `may_send` says just before a send."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core import events
from nurture.core.decide import decide, may_send
from nurture.core.gates import GO, Keep, cap_free_from
from nurture.core.program import Cadence, Cap, Program, WhenLate
from nurture.core.reasons import Reason
from nurture.core.state import Blocked, ContactState, Slotted, Touch, Waiting
from nurture.core.words import Basis, Gate, Hardness, HoldKind, Suppression, TouchState
from nurture.core.world import World
from tests.builders import (
    MONDAY,
    OFFICE,
    a_contact,
    a_form,
    a_profile,
    a_program,
    a_reply,
    a_stage,
    a_world,
    at,
    business_days,
    days,
    enrolled,
    holidays_of,
    relance,
    send,
    wait,
)
from tests.core.play import Play

NOW = at(MONDAY)
LATER = at("2028-02-01 09:00")
OPEN = Cadence(window=OFFICE, at_most=(Cap(1, 3), Cap(6, 30)))


def told(play: Play, zone: str = "Europe/Paris") -> list[tuple[str, str]]:
    """What was sent, and when by the contact's clock."""
    return [(t.content, t.at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")) for t in play.sent]


def sends(*contents: str, name: str = "cloud", **more: object) -> Program:
    return a_program(a_stage("tofu", *map(send, contents)), name=name, **more)


def test_at_most_counts_over_all_campaigns() -> None:
    cadence = Cadence(at_most=(Cap(1, 3),))
    play = Play(
        a_world(sends("a", "b", name="one", cadence=cadence), sends("c", name="two", cadence=cadence)), a_contact()
    )
    play.until(LATER, [a_form()])
    assert told(play) == [("a", "2027-03-01 09:00"), ("b", "2027-03-04 09:00"), ("c", "2027-03-07 09:00")]


def test_at_most_counts_local_dates_and_not_hours() -> None:
    """Late on one evening, early on the next morning: one per day holds on the contact's calendar."""
    cadence = Cadence(at_most=(Cap(1, 1),))
    for zone, second in (("Europe/Paris", "2027-03-02 23:50"), ("America/New_York", "2027-03-02 17:50")):
        play = Play(a_world(sends("a", "b", cadence=cadence)), a_contact(zone=zone))
        play.until(LATER, [a_form(when="2027-03-01 23:50")])
        assert told(play, zone)[1] == ("b", second)


@given(
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]),
    st.integers(0, 600 * 24),
    st.integers(1, 3),
    st.integers(1, 30),
)
def test_at_most_holds_in_any_consecutive_local_dates(zone: str, hour: int, count: int, span: int) -> None:
    cadence = Cadence(window=OFFICE, at_most=(Cap(count, span), Cap(5, 30)))
    play = Play(a_world(sends(*"abcdefg", cadence=cadence)), a_contact(zone=zone))
    entered = at("2026-01-01 00:00") + timedelta(hours=hour)
    play.until(LATER, [replace(a_form(), at=entered)])
    dates = [touch.at.astimezone(ZoneInfo(zone)).date() for touch in play.sent]
    assert len(dates) >= 3
    for cap in cadence.at_most:
        for first, last in zip(dates, dates[cap.count :], strict=False):
            assert last - first >= timedelta(days=cap.days)


@given(st.lists(st.dates(), max_size=12), st.integers(1, 4), st.integers(1, 30))
def test_at_most_is_free_from_the_first_date_that_keeps_the_cap(dates: list, count: int, span: int) -> None:
    free = cap_free_from([Cap(count, span)], dates)
    if len(dates) < count:
        assert free is None
    else:
        recent = [d for d in dates if free is not None and abs((free - d).days) < span and d <= free]
        assert len(recent) < count


def test_at_most_counts_relances_and_what_may_have_gone_out() -> None:
    touch = Touch("k", "other", 0, "s", "mail", "x", NOW, TouchState.UNKNOWN)
    cadence = Cadence(at_most=(Cap(1, 3),))
    for state, expected in (
        (TouchState.UNKNOWN, "2027-03-04 09:00"),
        (TouchState.BOUNCED, "2027-03-04 09:00"),
        (TouchState.QUEUED, "2027-03-04 09:00"),
        (TouchState.REFUSED, "2027-03-01 09:00"),
        (TouchState.WITHHELD, "2027-03-01 09:00"),
    ):
        play = Play(a_world(sends("a", cadence=cadence)), a_contact(touches={"k": replace(touch, state=state)}))
        play.until(LATER, [a_form()])
        assert told(play) == [("a", expected)]
    play = Play(a_world(a_program(a_stage("tofu", send("a"), relance("a")), cadence=cadence)), a_contact())
    play.until(LATER, [a_form()])
    assert told(play) == [("a", "2027-03-01 09:00"), ("a", "2027-03-04 09:00")]


def test_priority_decides_who_writes_when_a_cap_leaves_room_for_one() -> None:
    cadence = Cadence(at_most=(Cap(1, 3),))
    low, high = sends("low", name="a-low", cadence=cadence), sends("high", name="z-high", cadence=cadence, priority=10)
    play = Play(a_world(low, high), a_contact())
    play.until(LATER, [a_form()])
    assert told(play) == [("high", "2027-03-01 09:00"), ("low", "2027-03-04 09:00")]


def test_priority_holds_when_both_are_due_at_the_same_moment() -> None:
    cadence, steps = Cadence(window=OFFICE, at_most=(Cap(1, 3),)), (wait(business_days(2)),)
    low = a_program(a_stage("tofu", *steps, send("low")), name="a-low", cadence=cadence)
    high = a_program(a_stage("tofu", *steps, send("high")), name="z-high", cadence=cadence, priority=10)
    play = Play(a_world(low, high), a_contact())
    play.until(LATER, [a_form()])
    assert told(play) == [("high", "2027-03-03 09:00"), ("low", "2027-03-08 09:00")]


@pytest.mark.parametrize(("first", "second"), [("a-low", "z-high"), ("z-high", "a-low")])
def test_priority_holds_when_both_are_overdue_whichever_was_due_first(first: str, second: str) -> None:
    cadence = Cadence(at_most=(Cap(1, 3),))
    programs = {
        "a-low": sends("low", name="a-low", cadence=cadence),
        "z-high": sends("high", name="z-high", cadence=cadence, priority=10),
    }
    due = {first: at("2027-03-01 08:00"), second: at("2027-03-01 08:30")}
    slotted = (
        enrolled(program, position=Slotted(program.stages[0].steps[0].key, due[name], Gate.WINDOW))
        for name, program in programs.items()
    )
    play = Play(a_world(*programs.values()), a_contact(*slotted))
    play.hear(events.TimerFired(f"enrolment:{first}", due[first]), NOW)
    play.until(LATER)
    assert play.mails == ["high", "low"]


def test_priority_ties_go_to_the_older_enrolment_then_to_the_name() -> None:
    cadence = Cadence(at_most=(Cap(1, 3),))
    a, z = sends("a", name="a", cadence=cadence), sends("z", name="z", cadence=cadence)
    until = at("2027-03-02 09:00")

    def slotted(program: Program, step: str, since: datetime) -> object:
        return enrolled(program, position=Slotted(step, until, Gate.WINDOW), since=since)

    for since, first in ((NOW, "a"), (NOW - timedelta(days=1), "z")):
        contact = a_contact(slotted(a, "tofu/send:a", NOW), slotted(z, "tofu/send:z", since))  # type: ignore[arg-type]
        play = Play(a_world(a, z), contact)
        play.until(LATER)
        assert play.mails[0] == first


def test_priority_does_not_keep_a_mail_when_the_caps_leave_room_for_both() -> None:
    cadence = Cadence(at_most=(Cap(2, 1),))
    play = Play(
        a_world(sends("low", name="a", cadence=cadence), sends("high", name="z", cadence=cadence, priority=1)),
        a_contact(),
    )
    play.until(NOW, [a_form()])
    assert play.mails == ["high", "low"]


def test_a_business_day_is_a_weekday_of_the_window_and_no_holiday_of_the_contacts_country() -> None:
    world = a_world(
        a_program(a_stage("tofu", send("a"), wait(business_days(2)), send("b")), cadence=OPEN),
        holidays=holidays_of(FR=["2027-03-08"], BE=["2027-03-09"]),
    )
    for country, second in (("FR", "2027-03-10 10:00"), ("BE", "2027-03-10 10:00"), ("CH", "2027-03-09 10:00")):
        play = Play(world, a_contact(country=country, zone="Europe/Paris"))
        play.until(LATER, [a_form(when="2027-03-05 10:00")])
        assert told(play) == [("a", "2027-03-05 10:00"), ("b", second)]


def late(then: WhenLate) -> tuple[World, ContactState]:
    cadence = Cadence(window=OFFICE, late_max=days(2), late_then=then)
    program = a_program(a_stage("tofu", wait(days(1)), send("a"), wait(days(3)), send("b")), cadence=cadence)
    waiting = enrolled(
        program, position=Waiting("tofu/wait:1 days", at("2027-03-02 10:00")), anchor=at("2027-03-01 10:00")
    )
    return a_world(program), a_contact(waiting)


DUE = events.TimerFired("enrolment:cloud", at("2027-03-02 10:00"))


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (WhenLate.SKIP, [("b", "2027-03-11 15:00")]),
        (WhenLate.SEND, [("a", "2027-03-08 15:00"), ("b", "2027-03-11 15:00")]),
        (WhenLate.SHIFT, [("a", "2027-03-09 10:00"), ("b", "2027-03-12 10:00")]),
    ],
)
def test_late_beyond_the_authors_measure(then: WhenLate, expected: list[tuple[str, str]]) -> None:
    world, contact = late(then)
    play = Play(world, contact)
    noticed = at("2027-03-08 15:00")
    play.hear(DUE, noticed)
    play.until(LATER)
    assert told(play) == expected


@pytest.mark.parametrize("then", list(WhenLate))
def test_late_within_the_measure_is_not_late(then: WhenLate) -> None:
    world, contact = late(then)
    decision = decide(world, contact, DUE, at("2027-03-04 10:00"))
    assert [type(effect).__name__ for effect in decision.effects] == ["SendTouch"]


def lain(then: WhenLate) -> tuple[World, ContactState, Touch]:
    """Somebody whose message was queued on 2 March at 10:00, and lay in the outbox since."""
    world, contact = late(then)
    state = decide(world, contact, DUE, at("2027-03-02 10:00")).state
    return world, state, next(iter(state.touches.values()))


@pytest.mark.parametrize("then", [WhenLate.SKIP, WhenLate.SHIFT])
def test_late_counts_in_the_outbox_too(then: WhenLate) -> None:
    world, state, touch = lain(then)
    assert may_send(world, state, touch, at("2027-03-04 10:00")) == GO
    assert may_send(world, state, touch, at("2027-03-04 10:01")) == Keep(Gate.LATE)


def test_late_in_the_outbox_goes_where_the_author_lets_it() -> None:
    world, state, touch = lain(WhenLate.SEND)
    assert may_send(world, state, touch, at("2027-03-08 15:00")) == GO


def test_late_in_the_outbox_is_closed_hours_first() -> None:
    world, state, touch = lain(WhenLate.SKIP)
    assert may_send(world, state, touch, at("2027-03-07 15:00")) == Keep(Gate.WINDOW, at("2027-03-08 09:00"))


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (WhenLate.SKIP, [("b", "2027-03-11 15:00")]),
        (WhenLate.SHIFT, [("a", "2027-03-09 10:00"), ("b", "2027-03-12 10:00")]),
    ],
)
def test_what_lay_too_long_in_the_outbox_is_late_as_its_author_says(
    then: WhenLate, expected: list[tuple[str, str]]
) -> None:
    world, state, touch = lain(then)
    play = Play(world, state)
    play.hear(events.Withheld("w", at("2027-03-08 15:00"), touch.key, Gate.LATE), at("2027-03-08 15:00"))
    play.until(LATER)
    assert told(play) == expected


# May it be sent?


def queued(**more: object) -> tuple[World, ContactState, Touch]:
    world = a_world(sends("a", cadence=OPEN))
    state = decide(world, a_contact(), a_form(), NOW).state
    return world, replace(state, **more), next(iter(state.touches.values()))  # type: ignore[arg-type]


def test_may_send_says_go_when_nothing_changed() -> None:
    world, state, touch = queued()
    assert may_send(world, state, touch, NOW) == GO


def test_may_send_asks_everything_again() -> None:
    world, state, touch = queued()
    evening, morning = at("2027-03-01 17:30"), at("2027-03-02 09:00")
    other = Touch("k", "other", 0, "s", "mail", "x", NOW, TouchState.SENT)
    pause = events.Held("h", NOW, HoldKind.PAUSED)
    away = events.Held("h", NOW, HoldKind.OUT_OF_OFFICE, at("2027-03-10 00:00"))
    for now, changed, verdict in (
        (evening, state, Keep(Gate.WINDOW, morning)),
        (NOW, replace(state, suppressed=frozenset({Suppression.MANUAL})), Keep(Gate.SUPPRESSED)),
        (NOW, replace(state, basis=Basis.PENDING), Keep(Gate.CONSENT)),
        (NOW, decide(world, state, pause, NOW).state, Keep(Gate.HOLD)),
        (NOW, decide(world, state, away, NOW).state, Keep(Gate.HOLD, at("2027-03-10 09:00"))),
        (NOW, replace(state, touches={**state.touches, "k": other}), Keep(Gate.CAP, at("2027-03-04 09:00"))),
        (NOW, decide(world, state, a_reply(), NOW).state, Keep(Gate.WITHDRAWN)),
        (NOW, replace(state, enrolments={}), Keep(Gate.WITHDRAWN)),
    ):
        assert may_send(world, changed, touch, now) == verdict


def test_a_hold_without_a_date_blocks_until_it_is_lifted() -> None:
    play = Play(a_world(sends("a")), a_contact())
    play.until(NOW, [events.Held("h", NOW - timedelta(hours=1), HoldKind.PAUSED), a_form()])
    assert play.state.enrolments["cloud"].position == Blocked("tofu/send:a", Gate.HOLD)
    play.until(LATER, [events.Resumed("r", at("2027-03-02 09:00"))])
    assert told(play) == [("a", "2027-03-02 09:00")]


def test_a_hold_with_a_date_lasts_until_then_or_until_a_person_resumes() -> None:
    away = events.AutoReplied("auto", NOW - timedelta(hours=1), at("2027-03-15 12:00").date())
    for lifted, expected in (
        (None, "2027-03-15 00:00"),
        (events.Resumed("r", at("2027-03-03 09:00")), "2027-03-03 09:00"),
    ):
        play = Play(a_world(sends("a")), a_contact())
        play.until(NOW, [away, a_form()])
        play.until(LATER, [lifted] if lifted else [])
        assert told(play) == [("a", expected)]


def test_nobody_is_written_to_without_a_ground_to() -> None:
    play = Play(a_world(sends("a")), a_contact(basis=Basis.NONE))
    play.until(LATER, [events.Enrol("e", NOW, "cloud")])
    assert play.state.enrolments["cloud"].position == Blocked("tofu/send:a", Gate.CONSENT)
    play.until(LATER, [a_profile("2027-03-02 09:00", basis=Basis.LEGITIMATE_INTEREST)])
    assert told(play) == [("a", "2027-03-02 09:00")]


@pytest.mark.parametrize(
    "event",
    [
        events.Suppressed("s", NOW, Suppression.UNSUBSCRIBED),
        events.Bounced("b", NOW, Hardness.HARD),
        events.Suppressed("s", NOW, Suppression.COMPLAINED),
    ],
)
def test_nobody_suppressed_is_written_to(event: events.Event) -> None:
    program = a_program(a_stage("tofu", wait(days(1)), send("a")))
    play = Play(a_world(program), a_contact())
    play.until(NOW, [a_form(when="2027-03-01 08:00")])
    play.until(LATER, [event, a_form(when="2027-04-01 09:00"), events.Enrol("e", at("2027-04-02 09:00"), "cloud")])
    assert play.mails == []
    assert Reason.NOT_ENTERED in play.reasons


def test_soft_bounces_on_three_days_suppress_and_a_delivery_between_forgives() -> None:
    def soft(day: int) -> events.Event:
        return events.Bounced(f"b{day}", at(f"2027-03-{day:02} 09:00"), Hardness.SOFT)

    delivered = events.Delivered("d", at("2027-03-06 09:00"))
    for happened, suppressed in (
        ([soft(1), soft(5), soft(9)], True),
        ([soft(1), soft(5), delivered, soft(9)], False),
        ([soft(1), soft(5)], False),
    ):
        play = Play(a_world(), a_contact())
        play.until(LATER, happened)
        assert (Suppression.BOUNCED in play.state.suppressed) is suppressed
