"""Invitations to a webinar, their reminders and the recording: who gets which, and when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nurture.core import events
from nurture.core.calendar import hours_for
from nurture.core.decide import decide, may_send
from nurture.core.effects import SendTouch
from nurture.core.events import Event
from nurture.core.gates import GO, Keep
from nurture.core.invite import Invite
from nurture.core.program import Cadence, Cap, Content, WhenLate
from nurture.core.reasons import Reason
from nurture.core.reminders import dates_of
from nurture.core.state import REMINDER_TIMER, Touch
from nurture.core.words import Confidence, Gate, SignalKind, Suppression
from nurture.core.world import World
from tests.builders import (
    OFFICE,
    Item,
    a_contact,
    a_content,
    a_form,
    a_program,
    a_reply,
    a_signal,
    a_stage,
    a_world,
    at,
    days,
    did,
    hours,
    invite,
    relance,
    send,
    wait,
    wait_until,
    when,
)
from tests.core.play import Play

BEGIN = at("2027-03-01 09:00")
LATER = at("2027-12-31 09:00")
REGISTERS = a_signal("registered", "live", "2027-03-02 10:00")
ATTENDS = a_signal("attended", "live", "2027-03-16 14:10")


def live(starts: str = "2027-03-16 14:00", ends: str = "2027-03-16 15:00") -> Content:
    """A webinar."""
    return a_content("live", kind="webinar", starts_at=at(starts), ends_at=at(ends))


def world_of(*items: Item, webinar: Content | None = None, **more: object) -> World:
    """One stage of these steps."""
    catalogue = {"live": webinar or live(), "replay": a_content("replay")}
    return a_world(a_program(a_stage("tofu", *items), **more), catalogue=catalogue)  # type: ignore[arg-type]


def play_of(*items: Item, then: Sequence[Event] = (), **more: object) -> Play:
    """What comes of it, to the end."""
    play = Play(world_of(*items, **more), a_contact())  # type: ignore[arg-type]
    play.until(LATER, [a_form(), *then])
    return play


def told(play: Play) -> list[tuple[str, datetime]]:
    """What went out, by part."""
    return [(touch.part, touch.at) for touch in play.sent]


INVITED = ("invitation", BEGIN)
REMINDED = [("reminder-1d", at("2027-03-15 14:00")), ("reminder-1h", at("2027-03-16 13:00"))]


def test_what_follows_an_invitation_is_worked_out_for_each_place_and_each_world() -> None:
    step = invite("live", replay="replay")
    one = world_of(step, cadence=Cadence(OFFICE))
    moved = replace(one, catalogue={**one.catalogue, "live": live("2027-03-28 20:00", "2027-03-28 21:00")})
    for world in (one, moved, one, moved):
        for zone in ("Europe/Paris", "Asia/Tokyo", "Europe/Paris"):  # of which one sets its clocks that night
            contact = a_contact(zone=zone)
            planned = decide(world, contact, a_form(), BEGIN).state.enrolments["cloud"].reminders
            program = world.current_programs()[0]
            asked, webinar = program.stages[0].steps[0], world.catalogue["live"]
            assert isinstance(asked, Invite)
            assert webinar.starts_at is not None
            assert webinar.ends_at is not None
            place = hours_for(world, program.cadence, contact)
            assert planned == dates_of(asked, place, webinar.starts_at, webinar.ends_at)


def test_who_registers_is_reminded_a_day_and_an_hour_before_in_the_thread() -> None:
    play = play_of(invite("live"), then=[REGISTERS])
    assert told(play) == [INVITED, *REMINDED]
    assert {touch.thread for touch in play.sent[1:]} == {play.sent[0].key}


def test_who_does_not_register_is_not_reminded() -> None:
    play = play_of(invite("live", replay="replay"))
    assert told(play) == [INVITED]
    assert play.reasons.count(Reason.NOT_REGISTERED) == 3


def test_who_registers_late_gets_what_is_still_to_come() -> None:
    play = play_of(invite("live"), then=[a_signal("registered", "live", "2027-03-16 09:00")])
    assert told(play) == [INVITED, REMINDED[1]]


@pytest.mark.parametrize(("came", "parts"), [(False, ["replay"]), (True, [])])
def test_only_the_absent_get_the_recording_a_day_later(came: bool, parts: list[str]) -> None:
    play = play_of(invite("live", replay="replay", reminders=()), then=[REGISTERS, *[ATTENDS] * came])
    assert told(play)[1:] == [(part, at("2027-03-17 15:00")) for part in parts]
    assert play.mails == ["live", *["replay"] * len(parts)]


def test_who_replies_still_gets_what_registering_was_promised() -> None:
    """The invitation invites questions by reply, and promises the recording to whoever registers and cannot come."""
    replies = a_reply("other", "2027-03-10 10:00")
    play = play_of(invite("live", replay="replay"), wait(days(90)), then=[REGISTERS, replies])
    assert told(play) == [INVITED, *REMINDED, ("replay", at("2027-03-17 15:00"))]


def test_the_steps_go_on_meanwhile_and_reminders_come_all_the_same() -> None:
    steps = (
        invite("live"),
        send("guide"),
        wait_until("live"),
        when(did("attended", "live"), [send("etude")], [relance("live")]),
    )
    play = play_of(*steps, then=[REGISTERS, ATTENDS])
    assert [(t.part, t.content) for t in play.sent] == [
        ("invitation", "live"), ("mail", "guide"), ("reminder-1d", "live"), ("reminder-1h", "live"), ("mail", "etude"),
    ]  # fmt: skip


def test_reminders_survive_a_further_stage_and_a_reply() -> None:
    stages = a_stage("tofu", invite("live"), advance=did("registered", "live")), a_stage("mofu", send("guide"))
    world = a_world(a_program(*stages), catalogue={"live": live()})
    play = Play(world, a_contact())
    play.until(LATER, [a_form(), REGISTERS, a_reply(when="2027-03-03 10:00")])
    assert told(play)[-2:] == REMINDED


def test_who_left_the_campaign_is_not_reminded() -> None:
    play = play_of(invite("live"), then=[REGISTERS, events.Remove("r", at("2027-03-03 10:00"), "cloud")])
    assert told(play) == [INVITED]


def test_who_registered_before_is_not_invited_but_reminded() -> None:
    play = play_of(invite("live"), then=[a_signal("registered", "live", "2027-02-02 10:00")])
    assert told(play) == REMINDED


def test_where_another_campaign_invited_it_reminds_as_well() -> None:
    one = a_program(a_stage("tofu", invite("live")), name="one", priority=5)
    two = a_program(a_stage("tofu", invite("live")), name="two")
    play = Play(a_world(one, two, catalogue={"live": live()}), a_contact())
    play.until(LATER, [a_form(), REGISTERS])
    assert [(t.campaign, t.part) for t in play.sent] == [
        ("one", "invitation"),
        ("one", "reminder-1d"),
        ("one", "reminder-1h"),
    ]


def test_caps_do_not_hold_a_reminder_but_it_counts_for_what_comes_after() -> None:
    cadence = Cadence(at_most=(Cap(1, 3),))
    steps = (invite("live", reminders=(hours(2), hours(1))), wait_until("live"), send("guide"))
    play = play_of(*steps, then=[REGISTERS], cadence=cadence)
    assert told(play)[1:] == [
        ("reminder-2h", at("2027-03-16 12:00")), ("reminder-1h", at("2027-03-16 13:00")), ("mail", at("2027-03-19 15:00")),
    ]  # fmt: skip


def test_quiet_hours_hold_a_reminder_and_drop_what_would_come_after_the_beginning() -> None:
    webinar = live("2027-03-16 09:30", "2027-03-16 10:00")
    late = play_of(invite("live", reminders=(hours(2),)), then=[REGISTERS], cadence=Cadence(OFFICE), webinar=webinar)
    assert told(late)[1:] == [("reminder-2h", at("2027-03-16 09:00"))]
    early = live("2027-03-16 08:30", "2027-03-16 10:00")
    dropped = play_of(invite("live", reminders=(hours(2),)), then=[REGISTERS], cadence=Cadence(OFFICE), webinar=early)
    assert told(dropped) == [INVITED]
    assert Reason.TOO_LATE in dropped.reasons


def test_reminders_that_closed_hours_bring_together_are_one() -> None:
    monday = live("2027-03-15 10:00", "2027-03-15 11:00")
    play = play_of(invite("live"), then=[REGISTERS], cadence=Cadence(OFFICE), webinar=monday)
    assert told(play) == [INVITED, ("reminder-1h", at("2027-03-15 09:00"))]


def test_a_reminder_that_closed_hours_put_off_survives_an_edit_of_the_files() -> None:
    webinar = live("2027-03-16 19:00", "2027-03-16 20:00")
    play = Play(world_of(invite("live", reminders=(days(1),)), cadence=Cadence(OFFICE), webinar=webinar), a_contact())
    edit = events.WorldChanged("w", at("2027-03-15 22:00"))
    play.until(LATER, [a_form(), REGISTERS, edit])
    assert told(play) == [INVITED, ("reminder-1d", at("2027-03-16 09:00"))]


def test_whoever_may_not_be_written_to_is_not_reminded() -> None:
    gone = events.Suppressed("s", at("2027-03-03 10:00"), Suppression.UNSUBSCRIBED)
    assert told(play_of(invite("live"), then=[REGISTERS, gone])) == [INVITED]


def test_a_moved_webinar_moves_its_reminders_and_none_comes_twice() -> None:
    play = Play(world_of(invite("live")), a_contact())
    play.until(at("2027-03-15 20:00"), [a_form(), REGISTERS])
    play.world = replace(
        play.world, catalogue={**play.world.catalogue, "live": live("2027-03-23 14:00", "2027-03-23 15:00")}
    )
    play.until(LATER, [events.WorldChanged("w", at("2027-03-15 20:30"))])
    assert told(play) == [INVITED, REMINDED[0], ("reminder-1h", at("2027-03-23 13:00"))]


def test_a_cancelled_webinar_reminds_nobody() -> None:
    play = Play(world_of(invite("live", replay="replay")), a_contact())
    play.until(at("2027-03-10 20:00"), [a_form(), REGISTERS])
    cancelled = replace(live(), starts_at=None, ends_at=None)
    play.world = replace(play.world, catalogue={**play.world.catalogue, "live": cancelled})
    play.until(LATER, [events.WorldChanged("w", at("2027-03-10 20:30"))])
    assert told(play) == [INVITED]
    assert play.state.enrolments["cloud"].reminders == ()


def test_a_webinar_that_has_begun_invites_nobody() -> None:
    play = play_of(invite("live"), send("guide"), webinar=live("2027-02-01 14:00", "2027-02-01 15:00"))
    assert play.mails == ["guide"]


def test_who_is_held_out_is_neither_invited_nor_reminded() -> None:
    assert told(play_of(invite("live"), then=[REGISTERS], hold_out=10_000)) == []


def test_a_reminder_that_delivery_holds_back_comes_as_soon_as_it_may() -> None:
    held: list[str] = []

    def answer(touch: Touch, now: datetime) -> Event:
        if touch.part == "reminder-1d" and not held:
            held.append(touch.key)
            return events.Withheld("no", now, touch.key, "rate", now + timedelta(hours=3))
        return events.Sent(f"sent:{touch.key}", now, touch.key)

    play = Play(world_of(invite("live")), a_contact(), answer=answer)
    play.until(LATER, [a_form(), REGISTERS])
    assert told(play)[1] == ("reminder-1d", at("2027-03-15 17:00"))


def test_delivery_asks_again_right_before_a_reminder_leaves() -> None:
    world = world_of(invite("live"))
    play = Play(world, a_contact(), delay=timedelta(minutes=5))
    decided = play.until(at("2027-03-15 14:00"), [a_form(), REGISTERS])
    (touch,) = [
        e.touch for d in decided for e in d.effects if isinstance(e, SendTouch) and e.touch.part == "reminder-1d"
    ]
    assert may_send(world, play.state, touch, at("2027-03-15 14:01")) == GO
    assert may_send(world, play.state, touch, at("2027-03-16 14:00")) == Keep(Gate.WITHDRAWN)
    machine = events.Signalled("m", BEGIN, SignalKind.OPENED, "live", Confidence.MACHINE)
    left = decide(world, play.state, events.Remove("r", BEGIN, "cloud"), at("2027-03-15 14:01")).state
    assert decide(world, left, machine, at("2027-03-15 14:01")).effects == ()
    assert may_send(world, left, touch, at("2027-03-15 14:02")) == Keep(Gate.WITHDRAWN)


@pytest.mark.parametrize(
    ("then", "comes"),
    [(WhenLate.SHIFT, [at("2027-03-23 15:00")]), (WhenLate.SKIP, [])],
)
def test_a_recording_that_a_pause_kept_too_long_is_late_as_its_author_says(
    then: WhenLate, comes: list[datetime]
) -> None:
    cadence = Cadence(OFFICE, late_max=days(2), late_then=then)
    play = Play(world_of(invite("live", replay="replay"), cadence=cadence), a_contact())
    play.until(at("2027-03-17 14:59"), [a_form(), REGISTERS])
    fired = play.state.enrolments["cloud"].reminders[-1].due
    timer = events.TimerFired(f"{REMINDER_TIMER}cloud", fired)
    decision = decide(play.world, play.state, timer, fired)
    (touch,) = [effect.touch for effect in decision.effects if isinstance(effect, SendTouch)]
    later = at("2027-03-22 15:00")
    assert may_send(play.world, decision.state, touch, later) == Keep(Gate.LATE)
    play = Play(play.world, decision.state)
    play.hear(events.Withheld("w", later, touch.key, Gate.LATE), later)
    play.until(LATER)
    assert [instant for part, instant in told(play) if part == "replay"] == comes
