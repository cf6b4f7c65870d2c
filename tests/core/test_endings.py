"""Rows of design.md §5's table: a stage without content, a reply, coming again, and what sales does with a prospect."""

from dataclasses import replace
from datetime import datetime

import pytest

from nurture.core import events
from nurture.core.decide import decide
from nurture.core.effects import CloseHandOff, OfferHandOff, SendNotice
from nurture.core.ids import pick_owner
from nurture.core.program import Audience, WhenExhausted
from nurture.core.reasons import Reason
from nurture.core.state import Ended, Exhausted, HandOff, Stopped, timers
from nurture.core.words import End, HandOffState, Rejection, Status, Stop, TouchState
from tests.builders import (
    MONDAY,
    SALT,
    a_contact,
    a_form,
    a_profile,
    a_program,
    a_prospect_rule,
    a_reply,
    a_signal,
    a_stage,
    a_team,
    a_world,
    at,
    days,
    did,
    engaged,
    enrolled,
    is_,
    send,
    wait,
)
from tests.core.play import Play

NOW = at(MONDAY)
LATER = at("2027-12-31 09:00")


@pytest.mark.parametrize(
    ("then", "stage", "position"),
    [
        (WhenExhausted.WAIT, "tofu", Exhausted()),
        (WhenExhausted.ADVANCE, "mofu", Exhausted()),
        (WhenExhausted.LEAVE, "tofu", Ended(End.COMPLETED, NOW)),
    ],
)
def test_exhausted_does_what_the_author_says(then: WhenExhausted, stage: str, position: object) -> None:
    play = Play(a_world(a_program(a_stage("tofu", send("a"), exhausted=then), a_stage("mofu", send("b")))), a_contact())
    play.until(LATER, [a_form()])
    assert (play.state.enrolments["cloud"].stage, play.state.enrolments["cloud"].position) == (stage, position)


def test_exhausted_advance_after_the_last_stage_ends() -> None:
    play = Play(a_world(a_program(a_stage("tofu", send("a"), exhausted=WhenExhausted.ADVANCE))), a_contact())
    play.until(LATER, [a_form()])
    assert play.state.enrolments["cloud"].position == Ended(End.COMPLETED, NOW)


def test_exhausted_is_woken_by_added_content() -> None:
    old = a_program(a_stage("tofu", send("a"), wait(days(3)), send("b")))
    new = a_program(a_stage("tofu", send("a"), wait(days(3)), send("new"), wait(days(3)), send("b")), version="v2")
    play = Play(a_world(old), a_contact())
    play.until(at("2027-03-10 09:00"), [a_form()])
    play.world = a_world(old, new)
    play.until(LATER, [events.WorldChanged("w", at("2027-03-10 09:00"))])
    assert [(t.content, t.at) for t in play.sent][2:] == [("new", at("2027-03-10 09:00"))]
    assert play.state.enrolments["cloud"].position == Exhausted()
    assert play.state.enrolments["cloud"].version == "v2"


def test_exhausted_advances_on_a_signal() -> None:
    program = a_program(a_stage("tofu", advance=did("visited")), a_stage("mofu", send("b")))
    play = Play(a_world(program), a_contact(enrolled(program)))
    play.until(LATER, [a_signal("visited", "/")])
    assert play.mails == ["b"]


def test_human_reply_stops_every_enrolment_until_a_person_resumes() -> None:
    one = a_program(a_stage("tofu", send("a"), wait(days(3)), send("b")), name="one")
    two = a_program(a_stage("tofu", wait(days(1)), send("c")), name="two")
    play = Play(a_world(one, two), a_contact())
    play.until(LATER, [a_form(), a_reply(when="2027-03-01 12:00")])
    assert play.mails == ["a"]
    assert {name: e.position for name, e in play.state.enrolments.items()} == {
        "one": Stopped(Stop.REPLIED, "tofu/wait:3 days"),
        "two": Stopped(Stop.REPLIED, "tofu/wait:1 days"),
    }
    assert list(timers(play.state)) == []
    play.until(at("2028-12-31 09:00"), [events.Resumed("r", at("2027-12-31 10:00"))])
    assert sorted(play.mails) == ["a", "b", "c"]


def test_human_reply_takes_back_what_is_in_the_outbox() -> None:
    world = a_world(a_program())
    state = decide(world, a_contact(), a_form(), NOW).state
    decision = decide(world, state, a_reply(), NOW)
    assert [type(effect).__name__ for effect in decision.effects] == ["WithdrawTouch"]


def test_an_automatic_reply_stops_nothing() -> None:
    program = a_program(a_stage("tofu", wait(days(3)), send("a")))
    play = Play(a_world(program), a_contact())
    play.until(LATER, [a_form(), events.AutoReplied("auto", at("2027-03-02 09:00"))])
    assert play.mails == ["a"]


def again(span: int | None) -> Audience:
    return Audience(did("submitted", "audit"), again=days(span) if span is not None else None)


LEAVING = a_stage("tofu", send("a"), send("b"), exhausted=WhenExhausted.LEAVE)


def test_again_needs_a_new_edge_and_n_days_after_the_end() -> None:
    play = Play(a_world(a_program(LEAVING, audience=again(180))), a_contact())
    play.until(LATER, [a_form(), a_form(when="2027-08-27 09:00")])
    assert play.state.enrolments["cloud"].rotation == 0
    assert play.told[-1].detail == {"because": "too_soon"}
    play.until(LATER, [a_form(when="2027-08-28 09:00")])
    assert play.state.enrolments["cloud"].rotation == 1


def test_again_skips_the_contents_already_had() -> None:
    play = Play(a_world(a_program(LEAVING, audience=again(1))), a_contact())
    play.until(LATER, [a_form(), a_form(when="2027-09-01 09:00")])
    assert play.mails == ["a", "b"]
    assert play.reasons.count(Reason.ALREADY_HAD) == 2


def test_again_never_unless_the_author_says_so_nor_for_whom_a_person_removed() -> None:
    for audience, why in ((again(None), End.COMPLETED), (again(1), End.REMOVED)):
        program = a_program(LEAVING, audience=audience)
        ended = enrolled(program, position=Ended(why, NOW))
        decision = decide(a_world(program), a_contact(ended), a_form(when="2027-09-01 09:00"), at("2027-09-01 09:00"))
        assert decision.because[-1].detail == {"because": "had_before"}


# Sales


def test_a_prospect_is_offered_once_with_reasons_an_owner_and_a_time() -> None:
    program = a_program(a_stage("tofu", wait(days(9))), prospect=a_prospect_rule(engaged(40)))
    play = Play(a_world(program), a_contact())
    play.until(NOW, [a_form()])
    decision = play.hear(a_signal("downloaded", "guide", "2027-03-05 16:00"), at("2027-03-05 16:00"))
    assert decision.effects == ()
    decision = play.hear(a_signal("downloaded", "etude", "2027-03-05 16:00"), at("2027-03-05 16:00"))
    offer, notice = decision.effects
    assert isinstance(offer, OfferHandOff)
    assert isinstance(notice, SendNotice)
    owner = pick_owner(SALT, a_team().members, play.state.key).address
    assert offer.hand_off == HandOff(
        offer.hand_off.key,
        "cloud",
        "sales",
        owner,
        at("2027-03-05 16:00"),
        at("2027-03-08 11:30"),
        HandOffState.OFFERED,
    )
    assert [(b.reason, b.subject) for b in offer.reasons] == [
        (Reason.PROSPECT, "cloud"),
        (Reason.POINTS, "downloaded"),
        (Reason.POINTS, "downloaded"),
        (Reason.FIT, "France"),
    ]
    assert (notice.purpose, notice.to, notice.subject) == ("hand_off", owner, offer.hand_off.key)
    journal = next(b for b in decision.because if b.reason is Reason.PROSPECT)
    assert journal.detail.items() >= offer.reasons[0].detail.items(), "the journal tells the score, too"
    assert decision.state.status is Status.PROSPECT
    assert decision.state.enrolments["cloud"].position == Stopped(Stop.HANDED_OFF, "tofu/wait:9 days")
    assert play.hear(a_signal("downloaded", "x", "2027-03-05 17:00"), at("2027-03-05 17:00")).effects == ()


def offered(**more: object) -> Play:
    """Offered by a reply on Monday; the funnel has two stages and comes back to the second."""
    program = a_program(
        a_stage("tofu", send("a"), wait(days(30))),
        a_stage("mofu", send("b"), send("a", key="a-again")),
        prospect=a_prospect_rule(recycle_to="mofu", **more),
    )
    other = a_program(a_stage("tofu", wait(days(20)), send("c")), name="other", prospect=None)
    play = Play(a_world(program, other), a_contact())
    play.until(NOW, [a_form()])
    play.hear(a_reply("interested", "2027-03-01 10:00"), at("2027-03-01 10:00"))
    return play


def answered(play: Play, rejection: Rejection | None, when: str = "2027-03-01 11:00") -> events.HandOffAnswered:
    assert play.state.hand_off is not None
    return events.HandOffAnswered(f"answer:{when}", at(when), play.state.hand_off.key, rejection)


def test_accepted_ends_every_enrolment() -> None:
    play = offered()
    decision = play.hear(answered(play, None), at("2027-03-01 11:00"))
    assert {e.position for e in decision.state.enrolments.values()} == {Ended(End.ACCEPTED, at("2027-03-01 11:00"))}
    assert isinstance(decision.effects[0], CloseHandOff)
    again = play.hear(answered(play, Rejection.NOT_READY, "2027-03-01 12:00"), at("2027-03-01 12:00"))
    assert [b.reason for b in again.because] == [Reason.STALE]


@pytest.mark.parametrize("why", [Rejection.NOT_READY, Rejection.UNREACHABLE])
def test_recycle_begins_a_rotation_at_the_named_stage_and_skips_what_was_had(why: Rejection) -> None:
    play = offered()
    play.until(LATER, [answered(play, why)])
    enrolment = play.state.enrolments["cloud"]
    assert (play.state.status, enrolment.rotation, enrolment.stage) == (Status.RECYCLED, 1, "mofu")
    assert [(t.content, t.at) for t in play.sent] == [
        ("a", NOW), ("b", at("2027-03-01 11:00")), ("c", at("2027-03-21 09:00")),
    ]  # fmt: skip


def test_recycle_when_nobody_answers_in_time() -> None:
    play = offered()
    play.until(at("2027-03-01 13:59"))
    assert play.state.status is Status.PROSPECT
    play.until(at("2027-03-01 14:00"))
    assert (play.state.status, play.state.enrolments["cloud"].rotation) == (Status.RECYCLED, 1)
    accepted = play.hear(answered(play, None, "2027-03-02 09:00"), at("2027-03-02 09:00"))
    assert accepted.state.status is Status.PROSPECT


def test_recycle_needs_a_newer_signal_and_the_cool_down() -> None:
    play = offered(when=engaged(40))
    key = play.state.hand_off
    play.until(at("2027-03-02 09:00"), [answered(play, Rejection.NOT_READY)])
    assert Reason.NOT_AGAIN_YET in play.reasons
    play.until(at("2027-04-30 10:00"), [a_signal("visited", "/", "2027-03-20 10:00")])
    assert play.state.status is Status.RECYCLED
    play.until(at("2027-04-30 12:00"), [a_profile("2027-04-30 11:01", fields={"x": 1})])
    assert play.state.status is Status.PROSPECT
    assert play.state.hand_off != key


def test_recycle_not_without_a_newer_signal() -> None:
    play = offered(when=engaged(40))
    play.until(LATER, [answered(play, Rejection.NOT_READY), a_profile("2027-06-01 09:00", fields={"x": 1})])
    assert play.state.status is Status.RECYCLED


def test_recycle_never_makes_a_lead_of_a_customer() -> None:
    play = offered()
    play.until(LATER, [a_profile("2027-03-01 10:30", status=Status.CUSTOMER)])
    assert play.state.status is Status.CUSTOMER


@pytest.mark.parametrize(
    ("why", "status", "end"),
    [
        (Rejection.NOT_A_FIT, Status.DISQUALIFIED, End.DISQUALIFIED),
        (Rejection.ALREADY_CUSTOMER, Status.CUSTOMER, End.CUSTOMER),
    ],
)
def test_a_rejection_for_good_ends_every_enrolment(why: Rejection, status: Status, end: End) -> None:
    play = offered()
    state = play.hear(answered(play, why), at("2027-03-01 11:00")).state
    assert state.status is status
    assert {e.position for e in state.enrolments.values()} == {Ended(end, at("2027-03-01 11:00"))}


def test_a_reply_that_waits_for_sales_is_woken_by_sales() -> None:
    program = a_program(
        a_stage("tofu", send("a"), wait(days(9)), send("b")), prospect=a_prospect_rule(is_("role", "dsi"))
    )
    play = Play(a_world(program), a_contact())
    play.until(NOW, [a_form()])
    play.until(
        at("2027-03-01 12:00"),
        [a_reply(when="2027-03-01 10:00"), a_profile("2027-03-01 11:00", fields={"role": "dsi"})],
    )
    assert play.state.enrolments["cloud"].position == Stopped(Stop.HANDED_OFF, "tofu/wait:9 days")
    play.until(at("2027-03-01 14:00"), [answered(play, Rejection.NOT_READY, "2027-03-01 13:00")])
    assert play.mails == ["a", "b"]


def test_owners_are_spread_and_a_new_member_takes_only_what_it_keeps() -> None:
    contacts = [f"{n:032x}" for n in range(3000)]
    before, after = a_team("anne", "bruno", "chloe").members, a_team("anne", "bruno", "chloe", "david").members
    one = {c: pick_owner(SALT, before, c) for c in contacts}
    two = {c: pick_owner(SALT, after, c) for c in contacts}
    moved = {c for c in contacts if one[c] != two[c]}
    assert {two[c].name for c in moved} == {"David"}
    for member in before:
        assert abs(sum(owner == member for owner in one.values()) - 1000) < 120
    assert abs(len(moved) - 750) < 120


def test_touches_stand_whatever_ends() -> None:
    world = a_world(a_program())
    state = decide(world, a_contact(), a_form(), NOW).state
    removed = decide(world, state, events.Remove("x", NOW, "cloud"), NOW).state
    (touch,) = removed.touches.values()
    late = decide(world, removed, events.Sent("s", _later(NOW), touch.key), NOW).state
    assert late.touches[touch.key] == replace(touch, state=TouchState.SENT, at=_later(NOW))
    assert late.enrolments == removed.enrolments


def _later(instant: datetime) -> datetime:
    return instant.replace(minute=59)
