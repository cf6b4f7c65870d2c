"""Rows of design.md §5's table: waits, branches, what is sent and what is skipped."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nurture.core import events
from nurture.core.decide import decide
from nurture.core.events import Event, Sent, TimerFired, WorldChanged
from nurture.core.program import Audience, Cadence, Edge, Variant, WhenExhausted
from nurture.core.reasons import Reason
from nurture.core.state import Listening, Sending, Slotted, Touch, Waiting
from nurture.core.words import Confidence, Gate, Hardness, Status, TouchState
from tests.builders import (
    MONDAY,
    OFFICE,
    Item,
    a_contact,
    a_content,
    a_form,
    a_profile,
    a_program,
    a_prospect_rule,
    a_reply,
    a_signal,
    a_stage,
    a_world,
    at,
    days,
    did,
    is_,
    relance,
    send,
    wait,
    wait_for,
    wait_until,
    when,
)
from tests.core.play import Play

NOW = at(MONDAY)
LATER = at("2027-12-31 09:00")


def play_of(*items: Item, delay: timedelta = timedelta(), **more: object) -> Play:
    """One stage of these steps, just entered."""
    play = Play(a_world(a_program(a_stage("tofu", *items)), **more), a_contact(), delay)
    play.until(NOW, [a_form()])
    return play


def told(play: Play) -> list[tuple[str, datetime]]:
    """What was sent, and when."""
    return [(touch.content, touch.at) for touch in play.sent]


def test_wait_counts_from_the_real_send() -> None:
    play = play_of(send("guide"), wait(days(3)), send("etude"), delay=timedelta(hours=5))
    play.until(LATER)
    assert told(play) == [("guide", at("2027-03-01 14:00")), ("etude", at("2027-03-04 19:00"))]


def test_wait_counts_from_the_real_send_also_when_it_is_heard_late() -> None:
    world = a_world(a_program(a_stage("tofu", send("guide"), wait(days(3)))))
    state = decide(world, a_contact(), a_form(), NOW).state
    (touch,) = state.touches.values()
    heard = decide(world, state, Sent("s", at("2027-03-01 10:00"), touch.key), at("2027-03-01 18:00")).state
    assert heard.enrolments["cloud"].position == Waiting("tofu/wait:3 days", at("2027-03-04 10:00"))


def test_wait_counts_from_a_send_that_left_although_it_was_taken_back() -> None:
    world = a_world(a_program(a_stage("tofu", send("guide"), wait(days(3)))))
    state = decide(world, a_contact(), a_form(), NOW).state
    (touch,) = state.touches.values()
    state = decide(world, state, a_reply(), NOW).state
    state = decide(world, state, Sent("s", at("2027-03-01 10:00"), touch.key), at("2027-03-01 10:01")).state
    state = decide(world, state, events.Resumed("r", at("2027-03-02 09:00")), at("2027-03-02 09:00")).state
    assert state.enrolments["cloud"].position == Waiting("tofu/wait:3 days", at("2027-03-04 10:00"))


def test_wait_keeps_the_local_time_through_a_transition() -> None:
    play = play_of(wait(days(30)), send("guide"))
    play.until(LATER)
    assert told(play) == [("guide", at("2027-03-31 09:00"))]


def test_wait_is_skipped_after_a_send_that_was_skipped() -> None:
    play = play_of(send("lost"), wait(days(3)), wait_for(did("visited"), days(2)), send("guide"), catalogue={
        "lost": a_content("lost", languages=("en",))
    })  # fmt: skip
    assert told(play) == [("guide", NOW)]
    assert play.reasons[1:4] == [Reason.NOT_TRANSLATED, Reason.WAIT_SKIPPED, Reason.WAIT_SKIPPED]


def test_wait_for_a_relance_after_a_skipped_send_the_relance_is_judged_by_itself() -> None:
    """A relance is skipped when nothing was sent or it was acted on, not because another content was skipped."""
    play = play_of(send("guide"), wait(days(4)), send("guide", key="again"), wait(days(4)), relance("guide"))
    play.until(LATER)
    assert told(play) == [("guide", NOW), ("guide", at("2027-03-05 09:00"))]


def test_for_already_true_is_satisfied_at_once() -> None:
    program = a_program(a_stage("tofu", wait_for(did("downloaded", "x"), days(4), [send("relance")]), send("guide")))
    contact = decide(a_world(), a_contact(), a_signal("downloaded", "x", "2026-01-01 09:00"), NOW).state
    play = Play(a_world(program), contact)
    play.until(NOW, [a_form()])
    assert told(play) == [("guide", NOW)]


def test_for_continues_on_the_signal() -> None:
    play = play_of(wait_for(did("visited"), days(4), [send("other")]), wait(days(1)), send("guide"))
    assert isinstance(play.state.enrolments["cloud"].position, Listening)
    play.until(LATER, [a_signal("visited", "/", "2027-03-02 11:00")])
    assert told(play) == [("guide", at("2027-03-03 11:00"))]


def test_for_else_runs_on_time_out_and_then_continues() -> None:
    play = play_of(wait_for(did("visited"), days(4), [send("other"), wait(days(1))]), send("guide"))
    play.until(LATER)
    assert told(play) == [("other", at("2027-03-05 09:00")), ("guide", at("2027-03-06 09:00"))]


def test_for_else_no_later_signal_changes_the_branch() -> None:
    play = play_of(wait_for(did("visited"), days(4), [send("other"), wait(days(9)), send("third")]), send("guide"))
    play.until(LATER, [a_signal("visited", "/", "2027-03-06 09:00")])
    assert play.mails == ["other", "third", "guide"]


def test_for_a_branch_is_taken_once_by_what_holds_when_it_is_reached() -> None:
    for country, mails in (("FR", ["yes", "guide"]), ("BE", ["no", "guide"])):
        play = play_of(
            wait(days(1)), when(is_("country", "FR"), [send("yes")], [send("no")]), wait(days(1)), send("guide")
        )
        play.until(NOW, [a_profile(fields={"country": country})])
        play.until(LATER, [a_profile("2027-03-02 10:00", fields={"country": "DE"})])
        assert play.mails == mails


WEBINAR = a_content("webinar", kind="webinar", starts_at=at("2027-03-10 11:00"), ends_at=at("2027-03-10 12:00"))


@pytest.mark.parametrize(("edge", "hour"), [(Edge.START, "11:00"), (Edge.END, "12:00")])
def test_until_a_webinar_waits_for_its_edge(edge: Edge, hour: str) -> None:
    play = play_of(wait_until("webinar", edge), send("guide"), catalogue={"webinar": WEBINAR})
    play.until(LATER)
    assert told(play) == [("guide", at(f"2027-03-10 {hour}"))]


def test_until_a_webinar_that_is_past_continues() -> None:
    past = replace(WEBINAR, starts_at=at("2027-01-01 11:00"), ends_at=at("2027-01-01 12:00"))
    assert told(play_of(wait_until("webinar"), send("guide"), catalogue={"webinar": past})) == [("guide", NOW)]


@pytest.mark.parametrize("moved", ["2027-03-05 12:00", "2027-03-20 12:00", None])
def test_until_a_webinar_that_is_cancelled_or_moved_is_computed_again(moved: str | None) -> None:
    play = play_of(wait_until("webinar"), send("guide"), catalogue={"webinar": WEBINAR})
    ends_at = at(moved) if moved else None
    play.world = replace(play.world, catalogue={**play.world.catalogue, "webinar": replace(WEBINAR, ends_at=ends_at)})
    play.until(LATER, [WorldChanged("w", at("2027-03-02 09:00"))])
    assert told(play) == [("guide", ends_at or at("2027-03-02 09:00"))]


def test_had_it_from_any_campaign_is_skipped() -> None:
    one, two = a_program(name="one"), a_program(name="two")
    play = Play(a_world(one, two), a_contact())
    play.until(NOW, [a_form()])
    assert [touch.campaign for touch in play.sent] == ["one"]
    assert Reason.ALREADY_HAD in play.reasons


@pytest.mark.parametrize("signal", ["downloaded", "registered", "attended"])
def test_had_it_by_consuming_it_is_skipped(signal: str) -> None:
    before = decide(a_world(), a_contact(), a_signal(signal, "guide"), NOW).state
    play = Play(a_world(a_program()), before)
    play.until(NOW, [a_form()])
    assert play.mails == []


def test_had_it_not_when_it_bounced() -> None:
    one, two = a_program(name="one"), a_program(name="two", enter=did("submitted", "other"))
    play = Play(a_world(one, two), a_contact())
    play.until(NOW, [a_form()])
    back = events.Bounced("b", at("2027-03-01 10:00"), Hardness.SOFT, play.sent[0].key)
    play.until(LATER, [back, a_form("other", "2027-03-02 09:00")])
    assert [touch.campaign for touch in play.sent] == ["one", "two"]


def test_had_it_not_when_the_bounce_is_known_before_the_send() -> None:
    """A provider's webhook can be faster than the commit of its own answer."""
    program = a_program()
    queued = decide(a_world(program), a_contact(), a_form(), NOW).state
    (touch,) = queued.touches.values()
    bounced = decide(a_world(program), queued, events.Bounced("b", NOW, Hardness.SOFT, touch.key), NOW).state
    state = decide(a_world(program), bounced, Sent("s", NOW, touch.key), NOW).state
    assert state.touches[touch.key].state is TouchState.BOUNCED
    assert not isinstance(state.enrolments["cloud"].position, Sending)


RELANCE = (send("guide"), wait(days(4)), relance("guide"))


def test_relance_threads_on_the_last_sent_touch_and_its_variant() -> None:
    variants = (Variant("direct", 5000, "A"), Variant("question", 5000, "B"))
    play = play_of(send("guide", variants=variants), wait(days(4)), relance("guide"), wait(days(4)), relance("guide"))
    play.until(LATER)
    first, second, third = play.sent
    assert (second.thread, third.thread) == (first.key, second.key)
    assert first.variant is not None
    assert {touch.variant for touch in play.sent} == {first.variant}


def test_relance_is_skipped_when_nothing_was_sent() -> None:
    assert play_of(relance("guide")).mails == []


@pytest.mark.parametrize("signal", ["clicked", "downloaded", "registered", "attended"])
def test_relance_is_skipped_when_acted_on(signal: str) -> None:
    play = play_of(*RELANCE)
    play.until(LATER, [a_signal(signal, "guide", "2027-03-02 09:00")])
    assert play.mails == ["guide"]
    assert Reason.ACTED_ON in play.reasons


def test_relance_is_skipped_when_replied() -> None:
    play = play_of(*RELANCE)
    play.until(LATER, [a_reply(when="2027-03-02 09:00"), events.Resumed("r", at("2027-03-02 10:00"))])
    assert (play.mails, Reason.ACTED_ON in play.reasons) == (["guide"], True)


def test_relance_goes_out_when_only_a_machine_clicked_or_it_was_only_opened() -> None:
    play = play_of(*RELANCE)
    machine = a_signal("clicked", "guide", "2027-03-02 09:00", confidence=Confidence.MACHINE)
    play.until(LATER, [machine, a_signal("opened", "guide", "2027-03-02 09:01")])
    assert play.mails == ["guide", "guide"]


def test_relance_two_is_skipped_for_what_was_done_since_the_first_mail_even_when_heard_late() -> None:
    play = play_of(*RELANCE, wait(days(4)), relance("guide"))
    play.until(at("2027-03-06 09:00"))
    late = a_signal("clicked", "guide", "2027-03-02 09:00")
    play.state = decide(play.world, play.state, late, at("2027-03-06 10:00")).state
    play.until(LATER)
    assert play.mails == ["guide", "guide"]


def test_relance_two_at_most() -> None:
    items = [wait(days(4)), relance("guide")] * 3
    play = play_of(send("guide"), *items)
    play.until(LATER)
    assert (len(play.mails), Reason.TWO_RELANCES in play.reasons) == (3, True)


def test_variants_are_recorded_and_survive_edits() -> None:
    variants = (Variant("direct", 5000), Variant("question", 5000))
    one = a_program(a_stage("tofu", send("guide", variants=variants)))
    two = replace(one, version="v2", title="edited", priority=3)
    chosen = set()
    for program in (one, two):
        (touch,) = decide(a_world(program), a_contact(), a_form(), NOW).state.touches.values()
        chosen.add(touch.variant)
    assert len(chosen) == 1
    assert chosen <= {"direct", "question"}


def test_hold_out_is_enrolled_and_scored_and_gets_no_mail() -> None:
    program = a_program(a_stage("tofu", send("guide"), wait(days(3)), send("etude"), advance=did("clicked")),
                        a_stage("mofu"), hold_out=10_000, prospect=a_prospect_rule())  # fmt: skip
    play = Play(a_world(program), a_contact())
    play.until(NOW, [a_form(), a_signal("downloaded", "x", "2027-03-01 08:59")])
    assert play.state.enrolments["cloud"].held_out
    assert isinstance(play.state.enrolments["cloud"].position, Waiting)
    play.until(LATER, [a_signal("clicked", "x", "2027-04-01 09:00"), a_reply("interested", "2027-04-02 09:00")])
    assert play.mails == []
    assert play.state.hand_off is not None
    assert Status.PROSPECT.value in [b.detail.get("after") for b in play.told if b.reason is Reason.STATUS]


def test_hold_out_is_the_same_in_every_rotation() -> None:
    program = a_program(
        a_stage("tofu", send("guide"), exhausted=WhenExhausted.LEAVE),
        hold_out=10_000,
        audience=Audience(did("submitted", "audit"), again=days(1)),
    )
    play = Play(a_world(program), a_contact())
    play.until(LATER, [a_form(), a_form(when="2027-04-01 09:00")])
    assert (play.state.enrolments["cloud"].rotation, play.state.enrolments["cloud"].held_out) == (1, True)


# What delivery answers


def test_a_touch_taken_back_and_resumed_before_delivery_answered_is_not_queued_twice() -> None:
    world = a_world(a_program())
    state = decide(world, a_contact(), a_form(), NOW).state
    state = decide(world, state, a_reply(), NOW).state
    resumed = decide(world, state, events.Resumed("r", NOW), NOW)
    assert resumed.effects == ()
    (touch,) = resumed.state.touches.values()
    back = decide(world, resumed.state, events.Withheld("w", NOW, touch.key, Gate.WITHDRAWN), NOW)
    assert [type(effect).__name__ for effect in back.effects] == ["SendTouch"]
    left = decide(world, resumed.state, Sent("s", NOW, touch.key), NOW)
    assert (left.effects, left.state.touches[touch.key].state) == ((), TouchState.SENT)


def test_a_touch_that_delivery_keeps_until_a_time_waits_until_then() -> None:
    """Rates and breakers are delivery's own gates: `decide` cannot see them and must not ask again at once."""
    world, until = a_world(a_program()), at("2027-03-01 10:00")
    state = decide(world, a_contact(), a_form(), NOW).state
    (touch,) = state.touches.values()
    kept = decide(world, state, events.Withheld("w", NOW, touch.key, "rate", until), NOW)
    assert kept.effects == ()
    position = kept.state.enrolments["cloud"].position
    assert isinstance(position, Slotted)
    assert position.until == until


def test_a_mail_that_cannot_be_composed_is_tried_three_times_and_then_set_aside() -> None:
    def broken(touch: Touch, now: datetime) -> Event:
        return events.Withheld(f"fault:{now.isoformat()}", now, touch.key, Gate.FAULT)

    play = Play(a_world(a_program()), a_contact(), answer=broken)
    decided = play.until(LATER, [a_form()])
    assert [d.at for d in decided if any(b.reason is Reason.QUEUED for b in d.because)] == [
        NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=5),
    ]  # fmt: skip
    assert play.reasons[-1] is Reason.QUARANTINED


def test_who_is_released_after_three_failures_has_three_more() -> None:
    def broken(touch: Touch, now: datetime) -> Event:
        return events.Withheld(f"fault:{now.isoformat()}", now, touch.key, Gate.FAULT)

    play = Play(a_world(a_program()), a_contact(), answer=broken)
    play.until(LATER, [a_form()])
    released = LATER + timedelta(days=1)
    decided = play.until(released + timedelta(days=1), [events.Resumed("person", released)])
    assert sum(any(b.reason is Reason.QUEUED for b in d.because) for d in decided) == 3
    assert play.reasons[-1] is Reason.QUARANTINED


def test_a_send_nobody_can_be_sure_of_is_not_repeated() -> None:
    def unknown(touch: Touch, now: datetime) -> Event:
        return events.SendUnknown(f"unknown:{now.isoformat()}", now, touch.key)

    play = Play(a_world(a_program(a_stage("tofu", *RELANCE))), a_contact(), answer=unknown)
    decided = play.until(LATER, [a_form()])
    assert sum(len(d.effects) for d in decided) == 1
    assert Reason.NOT_SENT_BEFORE in play.reasons


def test_a_stale_timer_changes_nothing() -> None:
    play = play_of(wait(days(3)), send("guide"), delay=timedelta())
    before = play.state
    for key in ("enrolment:cloud", "enrolment:gone", "hand_off", "nonsense"):
        decision = decide(play.world, before, TimerFired(key, NOW), NOW)
        assert decision == replace(decision, state=replace(before, seq=before.seq + 1), effects=())
        assert [because.reason for because in decision.because] == [Reason.STALE]


def test_a_window_keeps_a_send_until_it_opens() -> None:
    program = a_program(cadence=Cadence(window=OFFICE))
    play = Play(a_world(program), a_contact())
    play.until(LATER, [a_form(when="2027-03-06 14:00")])
    assert told(play) == [("guide", at("2027-03-08 09:00"))]
