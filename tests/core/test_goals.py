"""Goals draw contacts on from anywhere before them; exits say why; who was taken out stays out."""

from datetime import timedelta

from nurture.core import events
from nurture.core.conditions import Tagged
from nurture.core.program import Audience, Exit, Goal
from nurture.core.reasons import Reason
from nurture.core.spans import Span, Unit
from nurture.core.state import Ended, Stopped
from nurture.core.words import End, Status, Stop
from tests.builders import (
    MONDAY,
    a_contact,
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
    send,
    tag,
    wait,
)
from tests.core.play import Play

NOW = at(MONDAY)
LATER = at("2027-12-31 09:00")
STAGES = (
    a_stage("tofu", send("guide"), wait(days(9)), send("etude")),
    a_stage("mofu", send("cas"), status=Status.MQL),
    a_stage("bofu", send("demo"), wait(days(9)), send("devis")),
)


def play_of(*goals: Goal, **more: object) -> Play:
    """Three stages, just entered."""
    play = Play(a_world(a_program(*STAGES, goals=goals)), a_contact(), **more)  # type: ignore[arg-type]
    play.until(NOW, [a_form()])
    return play


def test_a_goal_takes_the_contact_to_its_stage_over_what_lies_between_which_is_skipped_not_achieved() -> None:
    play = play_of(Goal(did("visited", "/tarifs"), "bofu"))
    play.until(LATER, [a_signal("visited", "/tarifs", "2027-03-03 10:00")])
    assert play.mails == ["guide", "demo", "devis"]
    assert play.state.enrolments["cloud"].skipped == ("tofu", "mofu")
    assert play.state.status is Status.LEAD


def test_a_goal_may_be_a_step_and_leads_only_ahead() -> None:
    play = play_of(Goal(did("visited", "/tarifs"), "bofu", "bofu/send:devis"), Goal(did("visited"), "mofu"))
    visits = [a_signal("visited", "/tarifs", "2027-03-03 10:00"), a_signal("visited", "/tarifs", "2027-03-04 10:00")]
    play.until(LATER, visits)
    assert play.mails == ["guide", "devis"]
    assert play.reasons.count(Reason.GOAL) == 1


def test_a_goal_may_end_the_campaign_and_keeps_the_reason() -> None:
    play = play_of(Goal(Tagged("client"), why="devis signé"))
    play.until(LATER, [a_profile("2027-03-03 10:00", tags=("client",))])
    assert play.state.enrolments["cloud"].position == Ended(End.COMPLETED, at("2027-03-03 10:00"), "devis signé")


def test_a_goal_that_holds_at_entry_is_reached_at_once() -> None:
    play = Play(
        a_world(a_program(*STAGES, goals=(Goal(Tagged("chaud"), "bofu"),))), a_contact(tags=frozenset({"chaud"}))
    )
    play.until(NOW, [a_form()])
    assert play.state.enrolments["cloud"].stage == "bofu"


def test_a_goal_takes_back_a_mail_that_waits_to_be_sent() -> None:
    play = play_of(Goal(did("visited"), "bofu"), delay=timedelta(days=1))
    play.until(LATER, [a_signal("visited", "/tarifs", "2027-03-01 10:00")])
    assert play.mails == ["demo", "devis"]
    assert Reason.WITHDRAWN in play.reasons


def test_who_waits_for_a_person_is_not_drawn_on() -> None:
    play = play_of(Goal(did("visited"), "bofu"))
    play.until(LATER, [a_reply(when="2027-03-02 10:00"), a_signal("visited", "/tarifs", "2027-03-03 10:00")])
    position = play.state.enrolments["cloud"].position
    assert isinstance(position, Stopped)
    assert (position.why, play.state.enrolments["cloud"].stage) == (Stop.REPLIED, "tofu")


def test_the_first_reason_to_leave_that_holds_is_kept() -> None:
    exits = (Exit(Tagged("concurrent"), "concurrent"), Exit(Tagged("salon"), "salon passé"))
    audience = Audience(did("submitted", "audit"), exits=exits)
    play = Play(a_world(a_program(*STAGES, audience=audience)), a_contact())
    play.until(LATER, [a_form(), a_profile("2027-03-03 10:00", tags=("salon",))])
    assert play.state.enrolments["cloud"].position == Ended(End.LEFT, at("2027-03-03 10:00"), "salon passé")


def test_a_reason_to_leave_that_holds_keeps_a_contact_out() -> None:
    audience = Audience(did("submitted", "audit"), exits=(Exit(Tagged("concurrent"), "concurrent"),))
    play = Play(a_world(a_program(*STAGES, audience=audience)), a_contact(tags=frozenset({"concurrent"})))
    play.until(NOW, [a_form()])
    assert play.told[-1].detail == {"because": "leave_if"}


def test_who_was_taken_out_by_hand_is_not_put_back_by_a_campaign_that_tags() -> None:
    audience = Audience(Tagged("x"), again=Span(1, Unit.HOURS))
    out = a_program(a_stage("tofu", send("guide")), name="out", audience=audience)
    tags = a_program(a_stage("tofu", tag("x")), name="tags")
    play = Play(a_world(out, tags), a_contact())
    play.until(
        NOW, [events.Enrol("in", at("2027-02-01 09:00"), "out"), events.Remove("no", at("2027-02-02 09:00"), "out")]
    )
    play.until(LATER, [a_form()])
    assert isinstance(play.state.enrolments["out"].position, Ended)
    assert {"because": "had_before"} in [because.detail for because in play.told]
