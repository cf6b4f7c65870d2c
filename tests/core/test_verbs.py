"""Steps that write nothing to the contact: what they note, where they lead, who hears of them."""

from datetime import date, time, timedelta
from typing import get_args

import pytest

from nurture.core import events
from nurture.core.conditions import Tagged
from nurture.core.moments import OnDate, OnWeekday
from nurture.core.program import Audience, Edge, Step, WaitUntil
from nurture.core.reasons import Reason
from nurture.core.spans import Span, Unit
from nurture.core.state import Ended, Stopped, Waiting
from nurture.core.steps import VERBS
from nurture.core.words import End, HandOffState, Rejection, Status, Stop
from tests.builders import (
    MONDAY,
    Item,
    a_contact,
    a_content,
    a_form,
    a_profile,
    a_program,
    a_stage,
    a_world,
    assign,
    at,
    days,
    did,
    hand_over,
    is_,
    leave,
    move,
    send,
    tag,
    untag,
    wait,
    wait_moment,
    when,
)
from tests.core.play import Play

NOW = at(MONDAY)
LATER = at("2027-12-31 09:00")


def play_of(*items: Item, **more: object) -> Play:
    """One stage of these steps, just entered."""
    play = Play(a_world(a_program(a_stage("tofu", *items)), **more), a_contact())
    play.until(NOW, [a_form()])
    return play


def test_a_tag_is_given_and_taken_away() -> None:
    play = play_of(tag("warm"), tag("cold"), untag("cold"), send("guide"))
    assert play.state.tags == {"warm"}
    assert [b.detail["tag"] for b in play.told if b.reason in (Reason.TAGGED, Reason.UNTAGGED)] == [
        "warm",
        "cold",
        "cold",
    ]


def test_what_a_step_writes_down_is_the_last_word_even_against_the_event_of_that_instant() -> None:
    play = play_of(assign(company="Exemple", employees=80, country="be"), untag("salon"))
    play.hear(a_profile(MONDAY, fields={"company": "Older"}, tags=("salon",), key="zzz"), NOW)
    assert (play.state.fields["company"], play.state.country) == ("Exemple", "BE")
    play.hear(a_profile("2027-03-02 09:00", fields={"company": "Newer"}), at("2027-03-02 09:00"))
    assert play.state.fields == {"company": "Newer", "employees": 80}


def test_a_tag_given_by_one_campaign_enters_another_in_the_same_decision() -> None:
    first = a_program(a_stage("tofu", tag("warm"), send("guide")), name="first")
    second = a_program(a_stage("tofu", send("etude")), name="second", enter=Tagged("warm"))
    play = Play(a_world(first, second), a_contact())
    play.until(NOW, [a_form()])
    assert sorted(play.mails) == ["etude", "guide"]
    assert play.state.enrolments["second"].entered_at == NOW


def test_what_is_written_down_advances_the_stage_and_ends_what_it_ends() -> None:
    tofu = a_stage("tofu", assign(role="dsi"), send("guide"), advance=is_("role", "dsi"))
    first = a_program(tofu, a_stage("mofu", send("etude")), name="first")
    audience = Audience(did("submitted", "audit"), leave_if=is_("role", "dsi"))
    second = a_program(a_stage("tofu", wait(days(1)), send("cas")), name="second", audience=audience)
    play = Play(a_world(first, second), a_contact())
    play.until(LATER, [a_form()])
    assert play.state.enrolments["first"].stage == "mofu"
    assert isinstance(play.state.enrolments["second"].position, Ended)
    assert play.mails == ["etude"]


def test_campaigns_that_answer_one_another_for_ever_come_to_an_end() -> None:
    one = a_program(a_stage("tofu", tag("x"), untag("x"), wait(Span(0, Unit.MINUTES)), move("tofu")), name="one")
    play = Play(a_world(one), a_contact())
    play.until(NOW, [a_form()])
    assert play.state.enrolments["one"].position == Stopped(Stop.LOOPED, "tofu/move:tofu")
    assert Reason.GOES_ROUND in play.reasons


def test_a_campaign_that_went_round_goes_on_when_a_person_resumes_it() -> None:
    play = play_of(move("tofu"))
    assert isinstance(play.state.enrolments["cloud"].position, Stopped)
    play.hear(events.Resumed("r", NOW, only_set_aside=True), NOW)
    assert play.reasons.count(Reason.GOES_ROUND) == 2


def test_move_goes_to_the_beginning_of_a_stage_ahead_or_behind() -> None:
    tofu = a_stage("tofu", send("guide"), when(is_("role", "dsi"), [move("bofu")]), wait(days(1)), send("etude"))
    world = a_world(a_program(tofu, a_stage("mofu", send("cas")), a_stage("bofu", send("demo"), status=Status.MQL)))
    play = Play(world, a_contact(fields={"role": "dsi"}))
    play.until(LATER, [a_form()])
    assert (play.mails, play.state.status) == (["guide", "demo"], Status.MQL)


def test_a_round_takes_the_time_of_its_waits_also_behind_what_is_had_already() -> None:
    world = a_world(a_program(a_stage("tofu", send("guide"), wait(days(7)), tag("round"), move("tofu"))))
    play = Play(world, a_contact())
    play.until(NOW + timedelta(days=29), [a_form()])
    assert play.mails == ["guide"]
    assert play.reasons.count(Reason.MOVED) == 4
    assert play.state.enrolments["cloud"].position == Waiting("tofu/wait:7 days", at("2027-04-05 09:00"))


def test_leave_ends_the_enrolment_and_keeps_the_reason() -> None:
    play = play_of(leave("assez lu"), send("guide"))
    assert play.state.enrolments["cloud"].position == Ended(End.LEFT, NOW, "assez lu")
    assert play.told[-1].detail == {"note": "assez lu"}


def test_hand_off_gives_the_contact_to_the_team_and_waits_for_its_answer() -> None:
    play = play_of(hand_over(), send("guide"))
    given = play.state.hand_off
    assert given is not None
    assert (given.team, given.state, play.state.status) == ("sales", HandOffState.OFFERED, Status.PROSPECT)
    assert play.state.enrolments["cloud"].position == Stopped(Stop.HANDED_OFF, "tofu/hand-off")
    assert play.mails == []


@pytest.mark.parametrize(("recycle_to", "mails"), [(None, ["guide"]), ("mofu", ["etude"])])
def test_a_rejected_hand_off_goes_on_behind_the_step_or_at_its_stage(recycle_to: str | None, mails: list[str]) -> None:
    stages = a_stage("tofu", hand_over(recycle_to), send("guide")), a_stage("mofu", send("etude"))
    play = Play(a_world(a_program(*stages)), a_contact())
    play.until(NOW, [a_form()])
    given = play.state.hand_off
    assert given is not None
    answer = events.HandOffAnswered("no", at("2027-03-01 10:00"), given.key, Rejection.NOT_READY)
    play.until(LATER, [answer])
    assert (play.mails, play.state.status) == (mails, Status.RECYCLED)


def test_whoever_is_beyond_sales_is_not_handed_over_again_by_a_step() -> None:
    play = Play(a_world(a_program(a_stage("tofu", hand_over(), send("guide")))), a_contact(status=Status.CUSTOMER))
    play.until(NOW, [a_form()])
    assert (play.state.hand_off, play.mails) == (None, ["guide"])
    assert Reason.WITH_SALES in play.reasons


def test_until_a_date_waits_on_the_clock_of_the_contact() -> None:
    program = a_program(a_stage("tofu", wait_moment(OnDate(date(2027, 3, 15), time(9))), send("guide")))
    there = Play(a_world(program), a_contact(zone="America/Montreal"))
    there.until(LATER, [a_form()])
    assert [touch.at for touch in there.sent] == [at("2027-03-15 09:00", "America/Montreal")]


def test_until_a_date_that_is_past_does_not_wait() -> None:
    play = play_of(wait_moment(OnDate(date(2027, 2, 15))), send("guide"))
    play.until(NOW)
    assert play.mails == ["guide"]


def test_until_a_weekday_is_the_next_one_from_the_step_before() -> None:
    play = play_of(
        send("guide"),
        wait_moment(OnWeekday(1, time(8))),
        send("etude"),
        wait_moment(OnWeekday(3, time(9))),
        send("cas"),
    )
    play.until(LATER)
    assert [(t.content, t.at) for t in play.sent[1:]] == [
        ("etude", at("2027-03-08 08:00")),
        ("cas", at("2027-03-10 09:00")),
    ]


def test_before_a_webinar_counts_back_on_the_local_clock() -> None:
    webinar = a_content("live", kind="webinar", starts_at=at("2027-03-29 10:00"), ends_at=at("2027-03-29 11:00"))
    step = WaitUntil("until", "live", Edge.START, before=days(2))
    play = play_of(step, send("guide"), catalogue={"live": webinar})
    assert play.state.enrolments["cloud"].position == Waiting("tofu/until", at("2027-03-27 10:00"))


def test_every_kind_of_step_has_its_verb() -> None:
    assert set(get_args(Step)) == set(VERBS)
