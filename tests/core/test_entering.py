"""Rows of design.md §5's table: who enters, who leaves, what conditions see, and how stages are passed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nurture.core import conditions
from nurture.core.conditions import Compare, Not, Op, Ref, Scope
from nurture.core.decide import decide
from nurture.core.events import Confirmed, Enrol, TimerFired, WorldChanged
from nurture.core.program import Audience
from nurture.core.reasons import Reason
from nurture.core.state import Ended, Exhausted, Waiting
from nurture.core.words import Basis, Confidence, End, Status
from tests.builders import (
    MONDAY,
    a_contact,
    a_content,
    a_form,
    a_profile,
    a_program,
    a_reply,
    a_signal,
    a_stage,
    a_world,
    at,
    days,
    did,
    engaged,
    enrolled,
    is_,
    send,
    wait,
    wait_for,
)
from tests.core.play import Play

NOW = at(MONDAY)
LATER = at("2027-12-31 09:00")


def test_enter_is_an_edge() -> None:
    world = a_world(a_program(enter=conditions.Tagged("salon")))
    decision = decide(world, a_contact(tags=frozenset({"salon"})), a_signal("visited", "/"), NOW)
    assert decision.state.enrolments == {}
    decision = decide(world, a_contact(), a_profile(tags=("salon",)), NOW)
    assert list(decision.state.enrolments) == ["cloud"]


def test_enter_by_a_form_sees_this_submission_and_no_other() -> None:
    world = a_world(a_program())
    before = decide(a_world(), a_contact(), a_form(), NOW).state
    assert decide(world, before, a_signal("visited", "/"), NOW).state.enrolments == {}
    again = decide(world, before, a_form(key="again"), NOW).state
    assert list(again.enrolments) == ["cloud"]


def test_enter_includes_the_current_where_the_author_says_so() -> None:
    tagged = conditions.Tagged("salon")
    contact = a_contact(tags=frozenset({"salon"}))
    for include, names in ((False, []), (True, ["cloud"])):
        world = a_world(a_program(audience=Audience(enter=tagged, include_current=include)))
        assert list(decide(world, contact, WorldChanged("w", NOW), NOW).state.enrolments) == names


def test_only_if_is_asked_at_entry_and_never_again() -> None:
    world = a_world(a_program(audience=Audience(did("submitted", "audit"), only_if=is_("country", "FR"))))
    refused = decide(world, a_contact(country="DE"), a_form(), NOW)
    assert refused.state.enrolments == {}
    assert refused.because[-1].detail == {"because": "only_if"}
    entered = decide(world, a_contact(), a_form(), NOW).state
    moved = decide(world, entered, a_profile(fields={"country": "DE"}), NOW).state
    assert not isinstance(moved.enrolments["cloud"].position, Ended)


def test_leave_if_is_asked_at_every_decision() -> None:
    program = a_program(audience=Audience(did("submitted", "audit"), leave_if=is_("status", "customer")))
    world, contact = a_world(program), a_contact(enrolled(program))
    left = decide(world, contact, a_profile(status=Status.CUSTOMER), NOW).state
    assert left.enrolments["cloud"].position == Ended(End.LEFT, NOW)


def test_leave_if_keeps_out_who_would_leave_at_once() -> None:
    program = a_program(audience=Audience(did("submitted", "audit"), leave_if=is_("status", "customer")))
    decision = decide(a_world(program), a_contact(status=Status.CUSTOMER), a_form(), NOW)
    assert decision.effects == ()
    assert decision.state.enrolments == {}


def test_condition_scope_of_content_facts_is_ever() -> None:
    program = a_program(a_stage("tofu", advance=did("downloaded", "guide")), a_stage("mofu"))
    before = decide(a_world(), a_contact(), a_signal("downloaded", "guide", "2020-01-01 09:00"), NOW).state
    assert decide(a_world(program), before, a_form(), NOW).state.enrolments["cloud"].stage == "mofu"


def test_condition_scope_of_other_signals_is_this_rotation() -> None:
    program = a_program(a_stage("tofu", advance=did("visited", "/")), a_stage("mofu"))
    world = a_world(program)
    before = decide(a_world(), a_contact(), a_signal("visited", "/", "2027-02-28 09:00"), NOW).state
    entered = decide(world, before, a_form(), NOW).state
    assert entered.enrolments["cloud"].stage == "tofu"
    assert decide(world, entered, a_signal("visited", "/"), NOW).state.enrolments["cloud"].stage == "mofu"


def test_condition_scope_begins_with_the_event_that_entered() -> None:
    """What was submitted at nine and is read at a minute past nine belongs to the rotation it begins."""
    program = a_program(a_stage("tofu", advance=did("submitted", "audit")), a_stage("mofu"))
    read = at("2027-03-01 09:01")
    assert decide(a_world(program), a_contact(), a_form(), read).state.enrolments["cloud"].stage == "mofu"


@pytest.mark.parametrize(
    ("condition", "stage"),
    [
        (did("visited", "/", scope=Scope.EVER), "mofu"),
        (did("visited", "/", scope=Scope.WITHIN, days=90), "mofu"),
        (did("visited", "/", scope=Scope.WITHIN, days=30), "tofu"),
    ],
)
def test_condition_scope_can_be_overridden(condition: conditions.Condition, stage: str) -> None:
    program = a_program(a_stage("tofu", advance=condition), a_stage("mofu"))
    before = decide(a_world(), a_contact(), a_signal("visited", "/", "2027-01-10 09:00"), NOW).state
    assert decide(a_world(program), before, a_form(), NOW).state.enrolments["cloud"].stage == stage


@pytest.mark.parametrize("op", list(Op))
@pytest.mark.parametrize("ref", ["fit", "country", "employees", "role"])
def test_unknown_makes_every_comparison_false(ref: str, op: Op) -> None:
    value = "C" if ref == "fit" else 50 if ref == "employees" else "x"
    for only_if, enters in (
        (Compare(Ref(ref), op, value), False),
        (conditions.OneOf(Ref(ref), (value,)), False),
        (Not(Compare(Ref(ref), op, value)), True),
        (conditions.IsUnknown(Ref(ref)), True),
    ):
        world = a_world(a_program(audience=Audience(did("submitted", "audit"), only_if=only_if)))
        entered = decide(world, a_contact(country=""), a_form(), NOW).state.enrolments
        assert bool(entered) is enters


def test_unknown_grade_c_or_better_is_c_b_or_a() -> None:
    world = a_world(
        a_program(audience=Audience(did("submitted", "audit"), only_if=Compare(Ref("fit"), Op.GE, "C")))
    )  # fmt: skip
    for fields, grade, enters in (
        ({}, "C", True),
        ({"role": "DSI"}, "A", True),
        ({"role": "DSI", "country": "DE"}, "C", True),
        ({"employees": 99, "country": "DE"}, "D", False),
    ):
        state = decide(world, a_contact(), a_form(fields=fields), NOW).state
        assert (state.grade, bool(state.enrolments)) == (grade, enters)


def test_stage_belongs_to_the_enrolment_and_status_to_the_contact() -> None:
    one = a_program(a_stage("tofu", advance=did("visited")), a_stage("mofu", status=Status.MQL), name="one")
    two = a_program(a_stage("tofu"), a_stage("mofu"), name="two")
    contact = a_contact(enrolled(one), enrolled(two))
    state = decide(a_world(one, two), contact, a_signal("visited", "/"), NOW).state
    assert (state.enrolments["one"].stage, state.enrolments["two"].stage) == ("mofu", "tofu")
    assert state.status is Status.MQL


def test_status_is_never_lowered_by_decay() -> None:
    world = a_world()
    play = Play(world, a_contact())
    play.until(NOW, [a_signal("downloaded", "guide"), a_signal("downloaded", "etude")])
    assert (play.state.engagement, play.state.status) == (40_000, Status.MQL)
    play.until(LATER, [a_signal("visited", "/", "2027-12-31 09:00")])
    assert (play.state.engagement, play.state.status) == (1_000, Status.MQL)


def test_late_facts_move_the_score_and_the_stage_and_touches_stand() -> None:
    program = a_program(a_stage("tofu", send("guide"), advance=engaged(20)), a_stage("mofu", send("etude")))
    play = Play(a_world(program), a_contact())
    play.until(NOW, [a_form()])
    late = a_signal("downloaded", "other", "2027-03-01 08:00")
    state = decide(play.world, play.state, late, at("2027-03-02 09:00")).state
    assert state.engagement == 20_000 * 988_514 // 1_000_000
    assert state.enrolments["cloud"].stage == "tofu"
    earlier = decide(play.world, play.state, late, NOW).state
    assert earlier.enrolments["cloud"].stage == "mofu"
    assert [touch.step for touch in earlier.touches.values()] == ["tofu/send:guide", "mofu/send:etude"]


def test_at_entry_stages_whose_advance_holds_are_passed_unsent() -> None:
    program = a_program(
        a_stage("tofu", send("guide"), advance=did("downloaded", "guide")),
        a_stage("mofu", send("etude"), status=Status.MQL, advance=did("attended", "webinar")),
        a_stage("bofu", send("cas")),
    )
    contact = a_contact()
    for event in (a_signal("downloaded", "guide"), a_signal("attended", "webinar")):
        contact = decide(a_world(), contact, event, NOW).state
    play = Play(a_world(program), contact)
    play.until(NOW, [a_form()])
    assert play.mails == ["cas"]
    assert play.state.enrolments["cloud"].stage == "bofu"
    assert play.state.enrolments["cloud"].skipped == ("tofu", "mofu")
    assert play.state.status is Status.MQL


def test_advance_cancels_a_wait_and_begins_the_next_stage() -> None:
    program = a_program(
        a_stage("tofu", wait(days(30)), send("guide"), advance=did("clicked")), a_stage("mofu", send("etude"))
    )
    play = Play(a_world(program), a_contact())
    play.until(NOW, [a_form()])
    assert isinstance(play.state.enrolments["cloud"].position, Waiting)
    play.until(LATER, [a_signal("clicked", "x", "2027-03-02 09:00")])
    assert [(touch.content, touch.at) for touch in play.sent] == [("etude", at("2027-03-02 09:00"))]
    assert play.state.enrolments["cloud"].position == Exhausted()


def test_advance_cancels_an_uncommitted_touch() -> None:
    program = a_program(a_stage("tofu", send("guide"), advance=did("clicked")), a_stage("mofu", send("etude")))
    play = Play(a_world(program), a_contact(), delay=timedelta(days=1))
    play.until(NOW, [a_form()])
    play.until(LATER, [a_signal("clicked", "x", "2027-03-01 10:00")])
    assert play.mails == ["etude"]
    assert Reason.WITHDRAWN in play.reasons


def test_advance_moves_through_every_stage_that_holds_at_once() -> None:
    program = a_program(
        a_stage("tofu", advance=engaged(20)), a_stage("mofu", send("etude"), advance=engaged(20)), a_stage("bofu")
    )
    play = Play(a_world(program), a_contact(enrolled(program)))
    play.until(NOW, [a_signal("downloaded", "guide")])
    assert (play.state.enrolments["cloud"].stage, play.mails) == ("bofu", [])


def test_advance_is_tested_on_each_event_also_a_timer() -> None:
    """A wait that ends in a stage to be left ends there, and sends nothing more of it."""
    program = a_program(
        a_stage("tofu", wait_for(did("visited"), days(2)), send("guide"), advance=is_("country", "BE")),
        a_stage("mofu", send("etude")),
    )
    waiting = enrolled(program, position=Waiting("tofu/wait-for:2 days", NOW))
    decision = decide(a_world(program), a_contact(waiting, country="BE"), TimerFired("enrolment:cloud", NOW), NOW)
    assert [t.content for t in decision.state.touches.values()] == ["etude"]


def test_a_machine_enters_nobody_and_earns_nothing() -> None:
    world = a_world(a_program(enter=did("clicked")))
    decision = decide(world, a_contact(), a_signal("clicked", "x", confidence=Confidence.MACHINE), NOW)
    assert decision.because[0].reason is Reason.MACHINE
    assert decision.state == replace(a_contact(), seq=1, fit=40, grade="C", persona="it")


def test_a_person_enrols_whom_no_rule_admits_but_nobody_suppressed() -> None:
    world = a_world(a_program(audience=Audience(only_if=is_("country", "XX"))))
    assert list(decide(world, a_contact(), Enrol("e", NOW, "cloud"), NOW).state.enrolments) == ["cloud"]
    assert decide(world, a_contact(), Enrol("e", NOW, "clowd"), NOW).state.enrolments == {}


def test_a_form_with_confirmation_counts_once_confirmed() -> None:
    play = Play(a_world(a_program()), a_contact(basis=Basis.NONE))
    asked = play.until(NOW, [a_form(confirm=True)])[0]
    assert (asked.state.basis, asked.state.enrolments) == (Basis.PENDING, {})
    assert [effect.purpose for effect in asked.effects] == ["confirmation"]  # type: ignore[union-attr]
    play.until(LATER, [Confirmed("c", at("2027-03-01 09:05"), "audit")])
    assert (play.state.basis, play.mails) == (Basis.OPT_IN, ["guide"])


def test_an_unconfirmed_form_never_overwrites_what_is_known() -> None:
    known = a_contact(basis=Basis.NONE, fields={"first_name": "Ana"}, country="FR")
    play = Play(a_world(a_program()), known)
    play.until(NOW, [a_form(confirm=True, fields={"first_name": "Someone", "company": "Exemple", "country": "BE"})])
    assert play.state.fields == {"first_name": "Ana", "company": "Exemple"}
    assert play.state.country == "FR"


def test_no_rule_enters_whom_sales_has_in_hand_or_who_has_answered() -> None:
    world = a_world(a_program(name="one"), a_program(name="two", enter=did("visited", "/tarifs")))
    visit = a_signal("visited", "/tarifs")
    with_sales = decide(world, a_contact(status=Status.PROSPECT), visit, NOW)
    assert with_sales.state.enrolments == {}
    answered = decide(world, decide(world, a_contact(), a_form(), NOW).state, a_reply(), NOW)
    later = decide(world, answered.state, visit, NOW)
    assert list(later.state.enrolments) == ["one"]
    assert [b.detail for b in later.because if b.reason is Reason.NOT_ENTERED] == [{"because": "replied"}]


def test_a_webinar_that_is_over_is_offered_to_nobody() -> None:
    over = a_content("webinar", kind="webinar", starts_at=at("2027-02-01 11:00"), ends_at=at("2027-02-01 12:00"))
    program = a_program(a_stage("tofu", send("webinar"), send("guide")))
    play = Play(a_world(program, catalogue={"webinar": over, "guide": a_content("guide")}), a_contact())
    play.until(NOW, [a_form()])
    assert play.mails == ["guide"]
