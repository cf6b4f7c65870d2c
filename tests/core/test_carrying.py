"""Taken over to another version: the clock runs on, nothing is had twice, and whoever stood on ground that is gone goes on."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core import events
from nurture.core.effects import WithdrawTouch
from nurture.core.program import ANY_TIME, Cadence, Cap, Program, Stage
from nurture.core.reasons import Reason
from nurture.core.state import Ended, Exhausted, Listening, Sending, Slotted, Stopped, Waiting
from nurture.core.words import End, Gate, Status, Stop, TouchState
from nurture.core.world import World
from tests.builders import (
    MONDAY,
    OFFICE,
    Item,
    a_contact,
    a_content,
    a_form,
    a_program,
    a_prospect_rule,
    a_reply,
    a_signal,
    a_stage,
    a_world,
    at,
    days,
    did,
    engaged,
    invite,
    is_,
    relance,
    send,
    wait,
    wait_for,
    when,
)
from tests.core.play import Play

PARIS = ZoneInfo("Europe/Paris")

LATER = at("2027-12-31 09:00")
DAY = timedelta(days=1)
DAILY = (Cap(1, 1),)
"""One mail a day at most, as in the files of most companies."""


def step(text: str, length: int = 3) -> Item:
    """A wait that keeps its key whatever its length."""
    return replace(wait(days(length)), key=text)


def versions(old: Program, new: Program) -> World:
    """Both, the second being entered now."""
    both = a_world(old, replace(new, version="v2"))
    return replace(both, current={old.name: "v2"})


def play_of(old: tuple[Item, ...], new: tuple[Item, ...], **more: object) -> Play:
    """One stage, entered on Monday morning by the old version."""
    return play(a_program(a_stage("tofu", *old)), a_program(a_stage("tofu", *new)), **more)


def play(old: Program, new: Program, **more: object) -> Play:
    """Entered by the old version."""
    played = Play(a_world(old), a_contact(), **more)  # type: ignore[arg-type]
    played.until(at(MONDAY), [a_form()])
    played.world = versions(old, new)
    return played


def carry(played: Play, when: str, **more: object) -> None:
    """Take the contact over at an instant."""
    event = events.CarriedOver(f"carried:{when}", at(when), "cloud", "v2", **more)  # type: ignore[arg-type]
    played.until(at(when), [event])


OLD = (send("guide"), step("wait"), send("etude"))


def test_a_shorter_wait_that_is_over_moves_on_now() -> None:
    played = play_of(OLD, (send("guide"), step("wait", 1), send("etude")))
    carry(played, "2027-03-02 10:00")
    assert [(touch.content, touch.at) for touch in played.sent][1:] == [("etude", at("2027-03-02 10:00"))]


def test_a_longer_wait_goes_on_from_where_it_began() -> None:
    played = play_of(OLD, (send("guide"), step("wait", 9), send("etude")))
    carry(played, "2027-03-02 10:00")
    assert played.state.enrolments["cloud"].position == Waiting("tofu/wait", at("2027-03-10 09:00"))
    assert played.state.enrolments["cloud"].version == "v2"


def test_whose_wait_is_gone_goes_on_behind_it() -> None:
    played = play_of(OLD, (send("guide"), send("etude")))
    carry(played, "2027-03-02 10:00")
    assert played.mails == ["guide", "etude"]


def test_a_wait_that_got_another_name_is_the_same_wait() -> None:
    """Waits are named after what stands before them, and `etude` is replaced."""
    old = (send("guide"), step("a"), send("etude"), step("wait@etude", 9), send("cas"))
    new = (send("guide"), step("a"), send("demo"), step("wait@demo", 9), send("cas"))
    played = play_of(old, new)
    played.until(at("2027-03-05 09:00"))
    carry(played, "2027-03-05 10:00")
    assert played.state.enrolments["cloud"].position == Waiting("tofu/wait@demo", at("2027-03-13 09:00"))
    played.until(LATER)
    assert played.mails == ["guide", "etude", "cas"]


def test_who_waits_to_be_sent_what_is_gone_is_sent_what_stands_there_instead() -> None:
    old = a_program(a_stage("tofu", send("guide"), send("etude"), step("wait")), cadence=Cadence(OFFICE))
    new = replace(a_program(a_stage("tofu", send("guide"), send("demo"), step("wait"))), cadence=Cadence(OFFICE))
    played = Play(a_world(old), a_contact())
    played.until(at("2027-02-28 12:00"), [a_form(when="2027-02-28 12:00")])
    played.world = versions(old, replace(new, stages=(a_stage("tofu", send("demo"), step("wait")),)))
    assert isinstance(played.state.enrolments["cloud"].position, Slotted)
    carry(played, "2027-02-28 13:00")
    played.until(LATER)
    assert played.mails == ["demo"]


def test_a_condition_that_changed_is_asked_again() -> None:
    old = (send("guide"), wait_for(did("downloaded", "guide"), days(4), [relance("guide")]), send("etude"))
    new = (send("guide"), wait_for(did("visited"), days(4), [relance("guide")]), send("etude"))
    played = play_of(old, new)
    played.until(at("2027-03-02 10:00"), [a_signal("visited", "/tarifs", "2027-03-02 09:00")])
    assert isinstance(played.state.enrolments["cloud"].position, Listening)
    carry(played, "2027-03-02 11:00")
    assert played.mails == ["guide", "etude"]


def test_a_leaving_rule_that_is_new_is_asked_at_once() -> None:
    old = a_program(a_stage("tofu", *OLD))
    leaving = replace(old.audience, leave_if=did("visited"))
    played = play(old, replace(old, audience=leaving))
    played.until(at("2027-03-02 10:00"), [a_signal("visited", "/tarifs", "2027-03-02 09:00")])
    carry(played, "2027-03-02 11:00")
    assert played.state.enrolments["cloud"].position == Ended(End.LEFT, at("2027-03-02 11:00"))


def test_whose_stage_is_gone_goes_on_in_the_next() -> None:
    mofu = a_stage("mofu", send("cas"), step("later"), status=Status.MQL)
    played = play(a_program(a_stage("tofu", *OLD), mofu), a_program(mofu))
    carry(played, "2027-03-02 11:00")
    assert played.mails == ["guide", "cas"]
    assert played.state.status is Status.MQL


def test_whose_stage_is_gone_and_was_the_last_has_completed() -> None:
    tofu = a_stage("tofu", send("etude"), advance=did("visited"))
    played = play(a_program(tofu, a_stage("mofu", *OLD)), a_program(tofu))
    played.until(at("2027-03-02 10:00"), [a_signal("visited", "/tarifs", "2027-03-02 09:00")])
    carry(played, "2027-03-02 11:00")
    assert played.state.enrolments["cloud"].position == Ended(End.COMPLETED, at("2027-03-02 11:00"))


def test_who_is_past_a_new_mail_does_not_get_it_unless_caught_up() -> None:
    new = (send("guide"), send("demo"), step("wait"), send("etude"))
    played, caught = play_of(OLD, new), play_of(OLD, new)
    carry(played, "2027-03-02 10:00")
    carry(caught, "2027-03-02 10:00", catch_up=("tofu/send:demo",))
    assert caught.state.enrolments["cloud"].position == played.state.enrolments["cloud"].position
    played.until(LATER)
    caught.until(LATER)
    assert played.mails == ["guide", "etude"]
    assert caught.mails == ["guide", "demo", "etude"]


def test_catching_up_never_writes_twice_on_a_day() -> None:
    new = (send("demo"), send("cas"), send("guide"), step("wait", 1), send("etude"))
    played = play_of(OLD, new)
    carry(played, "2027-03-02 10:00", catch_up=("tofu/send:demo", "tofu/send:cas"))
    played.until(LATER)
    assert sorted(played.mails) == ["cas", "demo", "etude", "guide"]
    assert len({touch.at.date() for touch in played.sent}) == 4


def test_a_reply_stops_what_is_caught_up_on_even_in_the_outbox() -> None:
    new = (send("guide"), send("demo"), step("wait"), send("etude"))
    played = play_of(OLD, new)
    played.delay = timedelta(hours=2)
    carry(played, "2027-03-02 10:00", catch_up=("tofu/send:demo",))
    assert [t.part for t in played.state.touches.values() if t.state is TouchState.QUEUED] == ["catch-up"]
    played.until(LATER, [a_reply(when="2027-03-02 11:00")])
    assert played.mails == ["guide"]


def test_what_is_owed_is_forgotten_by_whoever_was_stopped_before() -> None:
    played = play_of(OLD, (send("guide"), send("demo"), step("wait"), send("etude")))
    played.until(at("2027-03-02 09:00"), [a_reply(when="2027-03-02 09:00")])
    carry(played, "2027-03-02 10:00", catch_up=("tofu/send:demo",))
    played.until(LATER)
    assert played.mails == ["guide"]


def test_what_another_way_through_a_branch_offers_is_not_caught_up_on() -> None:
    fork = when(is_("country", "FR"), [send("fr")], [send("monde")])
    more = when(is_("country", "FR"), [send("fr")], [send("monde"), send("demo")])
    played = play_of((fork, step("wait"), send("etude")), (more, step("wait"), send("etude")))
    carry(played, "2027-03-02 10:00", catch_up=("tofu/send:demo",))
    played.until(LATER)
    assert played.mails == ["fr", "etude"]


def test_whoever_stands_where_people_are_kept_keeps_the_version() -> None:
    played = play_of(OLD, (send("guide"), step("wait", 1), send("etude")))
    carry(played, "2027-03-02 10:00", keep_at=("tofu/wait",))
    assert played.state.enrolments["cloud"].version == "v1"
    assert played.reasons[-1] is Reason.KEPT_BACK


def test_being_taken_over_twice_is_once() -> None:
    played = play_of(OLD, (send("guide"), step("wait", 9), send("etude")))
    carry(played, "2027-03-02 10:00")
    before = played.state.enrolments
    carry(played, "2027-03-02 11:00")
    assert (played.state.enrolments, played.reasons[-1]) == (before, Reason.STALE)


def test_a_mail_on_its_way_arrives_and_the_new_version_goes_on_behind_it() -> None:
    played = play_of(OLD, (send("guide"), step("wait", 1), send("demo")), delay=DAY)
    carry(played, "2027-03-01 10:00")
    assert isinstance(played.state.enrolments["cloud"].position, Sending)
    played.until(LATER)
    assert played.mails == ["guide", "demo"]


def test_a_mail_on_its_way_whose_step_is_gone_is_taken_back() -> None:
    played = play_of(OLD, (send("demo"), step("wait")), delay=DAY)
    decided = played.hear(events.CarriedOver("c", at("2027-03-01 10:00"), "cloud", "v2"), at("2027-03-01 10:00"))
    assert WithdrawTouch in map(type, decided.effects)
    played.until(LATER)
    assert played.mails == ["demo"]


def test_who_was_stopped_stays_stopped() -> None:
    new = a_program(a_stage("tofu", send("guide"), send("demo")), prospect=a_prospect_rule())
    played = play(a_program(a_stage("tofu", *OLD), prospect=a_prospect_rule()), new)
    played.until(at("2027-03-02 09:00"), [a_reply(when="2027-03-02 09:00")])
    carry(played, "2027-03-02 10:00")
    assert played.state.enrolments["cloud"].position == Stopped(Stop.REPLIED, "tofu/send:demo")


def test_who_had_come_to_the_end_gets_what_was_added() -> None:
    played = play_of(OLD, (*OLD, send("demo")))
    played.until(at("2027-03-09 09:00"))
    assert played.state.enrolments["cloud"].position == Exhausted()
    carry(played, "2027-03-09 10:00")
    assert played.mails == ["guide", "etude", "demo"]


def test_a_mail_that_could_not_be_composed_keeps_its_time() -> None:
    retry = Slotted("tofu/send:guide", at("2027-03-01 12:00"), Gate.FAULT)
    played = play_of(OLD, (send("guide"), step("wait", 1), send("etude")))
    played.state = a_contact(replace(played.state.enrolments["cloud"], position=retry))
    carry(played, "2027-03-01 11:00")
    assert played.state.enrolments["cloud"].position == retry


def test_wider_hours_are_used_at_once() -> None:
    closed = a_program(a_stage("tofu", send("guide")), cadence=Cadence(OFFICE))
    played = Play(a_world(closed), a_contact())
    played.until(at("2027-02-28 12:00"), [a_form(when="2027-02-28 12:00")])
    played.world = versions(closed, replace(closed, cadence=Cadence()))
    carry(played, "2027-02-28 13:00")
    assert played.mails == ["guide"]


def test_reminders_of_an_invitation_that_is_gone_are_forgotten() -> None:
    talk = a_content("talk", starts_at=at("2027-03-20 11:00"), ends_at=at("2027-03-20 12:00"))
    old, new = a_program(a_stage("tofu", invite("talk"), step("wait"))), a_program(a_stage("tofu", step("wait")))
    played = Play(a_world(old, catalogue={"talk": talk}), a_contact())
    played.until(at(MONDAY), [a_form()])
    played.world = replace(versions(old, new), catalogue={"talk": talk})
    assert played.state.enrolments["cloud"].reminders
    carry(played, "2027-03-02 10:00")
    assert played.state.enrolments["cloud"].reminders == ()


NAMES = ("guide", "etude", "cas", "demo")


@st.composite
def sequences(draw: st.DrawFn) -> tuple[Item, ...]:
    """Any sequence of sends, relances, waits and branches, each mail at most once."""
    left, items = list(NAMES), list[Item]()
    for n in range(draw(st.integers(0, 7))):
        kind = draw(st.integers(0, 5))
        if kind <= 1 and left:
            items.append(send(left.pop(draw(st.integers(0, len(left) - 1)))))
        elif kind == 2:
            items.append(relance(draw(st.sampled_from(NAMES))))
        elif kind == 3:
            items.append(wait_for(did("visited"), days(draw(st.integers(0, 4)))))
        elif kind == 4 and left:
            items.append(when(engaged(draw(st.integers(0, 2))), [send(left.pop())], [step(f"w{n}", 2)]))
        else:
            items.append(step(f"wait{draw(st.integers(0, 2))}", draw(st.integers(0, 5))))
    return tuple(items)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Up to three stages, in any order."""
    names = draw(st.permutations(["tofu", "mofu", "bofu"]))[: draw(st.integers(1, 3))]
    stages: list[Stage] = []
    for name in names:
        advance = draw(st.sampled_from([did("visited"), did("downloaded", "guide"), engaged(50)]))
        stages.append(a_stage(name, *draw(sequences()), advance=advance))
    return a_program(*stages, cadence=Cadence(draw(st.sampled_from([ANY_TIME, OFFICE])), at_most=DAILY))


@settings(max_examples=200)
@given(programs(), programs(), st.integers(0, 12 * 24), st.booleans(), st.booleans())
def test_whatever_the_edit_nobody_gets_a_content_twice_nor_two_mails_at_once(
    old: Program, new: Program, hour: int, visits: bool, catches_up: bool
) -> None:
    played = play(old, new)
    moment = at(MONDAY) + hour * timedelta(hours=1)
    added = {s.key for stage in new.stages for s in stage.steps} - {s.key for stage in old.stages for s in stage.steps}
    heard = [a_signal("visited", "/tarifs", "2027-03-04 09:30")] if visits else []
    played.until(moment, heard)
    owed = tuple(sorted(added)) if catches_up else ()
    played.until(moment, [events.CarriedOver("over", moment, "cloud", "v2", catch_up=owed)])
    played.until(LATER)
    firsts = [touch.content for touch in played.sent if touch.thread is None]
    assert len(firsts) == len(set(firsts))
    days_written = [touch.at.astimezone(PARIS).date() for touch in played.sent]  # a cap counts the contact's days
    assert len(days_written) == len(set(days_written))
