"""A newsletter is written to whoever is in its segment at its instant, once for ever, by the rules of all mail."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nurture.core.conditions import InSegment, Tagged
from nurture.core.decide import decide, may_send
from nurture.core.gates import Keep
from nurture.core.newsletters import STAGE, Issue, due
from nurture.core.program import Audience, Cadence, Cap, Program, WhenExhausted
from nurture.core.reasons import Reason
from nurture.core.state import Ended, Sending, Slotted, Stopped
from nurture.core.words import Basis, End, Gate, Status, Stop, Suppression, TouchState
from nurture.core.world import World
from tests.builders import (
    MONDAY,
    OFFICE,
    a_contact,
    a_form,
    a_program,
    a_reply,
    a_stage,
    a_world,
    at,
    enrolled,
    send,
)
from tests.core.play import Play

NOW = at(MONDAY)
ISSUE = Issue("friends", NOW, NOW + timedelta(days=3))
MEMBER = {"tags": frozenset({"friend"})}


def a_newsletter(**more: object) -> Program:
    """News to friends on Monday at nine, until Thursday."""
    stage = a_stage(STAGE, send("news"), exhausted=WhenExhausted.LEAVE)
    audience = Audience(only_if=InSegment("friends", Tagged("friend")))
    return replace(a_program(stage, name="march", audience=audience), issue=ISSUE, **more)  # type: ignore[arg-type]


LETTER = a_newsletter()
WORLD = a_world(LETTER)


def told(world: World = WORLD, **contact: object) -> Play:
    play = Play(world, a_contact(**{**MEMBER, **contact}))
    play.hear(due(world.programs["march", LETTER.version], NOW), NOW)
    return play


def test_a_member_gets_it_and_is_done() -> None:
    play = told()
    assert isinstance(play.state.enrolments["march"].position, Sending)
    play.until(NOW)
    assert play.mails == ["news"]
    ended = play.state.enrolments["march"].position
    assert isinstance(ended, Ended)
    assert ended.why is End.COMPLETED


def test_nobody_gets_it_twice_however_often_it_is_told() -> None:
    play = told()
    for _ in range(2):
        play.hear(due(LETTER, NOW), NOW)
    play.until(NOW)
    again = play.hear(due(LETTER, NOW), NOW + timedelta(hours=1))
    play.until(NOW + timedelta(days=9))
    assert play.mails == ["news"]
    assert dict(again.because[0].detail) == {"because": "had_before"}


@pytest.mark.parametrize(
    ("contact", "because"),
    [
        ({"tags": frozenset()}, "only_if"),
        ({"suppressed": frozenset({Suppression.UNSUBSCRIBED})}, "suppressed"),
        ({"basis": Basis.NONE}, "consent"),
        ({"basis": Basis.PENDING}, "consent"),
        ({"status": Status.PROSPECT}, "with_sales"),
    ],
)
def test_who_must_not_get_it_does_not_enter(contact: dict[str, object], because: str) -> None:
    play = told(**contact)
    assert play.state.enrolments == {}
    assert [dict(reason.detail) for reason in play.told] == [{"because": because}]


def test_a_reply_that_waits_for_a_person_keeps_it_back() -> None:
    other = a_program()
    world = a_world(LETTER, other)
    stopped = a_contact(enrolled(other, position=Stopped(Stop.REPLIED, None)), **MEMBER)
    assert "march" not in decide(world, stopped, due(LETTER, NOW), NOW).state.enrolments


def test_caps_and_hours_hold_it_and_then_let_it_go() -> None:
    cadence = Cadence(window=OFFICE, at_most=(Cap(1, 2),))
    world = a_world(a_program(), a_newsletter(cadence=cadence))
    play = Play(world, a_contact(**MEMBER))
    play.until(NOW, [a_form()])
    play.hear(due(LETTER, NOW), NOW)
    held = play.state.enrolments["march"].position
    assert held == Slotted("newsletter/send:news", at("2027-03-03 09:00"), Gate.CAP)
    play.until(at("2027-03-03 09:00"))
    assert play.mails[-1] == "news"


def test_what_would_come_too_late_does_not_go() -> None:
    cadence = Cadence(window=OFFICE, at_most=(Cap(1, 7),))
    world = a_world(a_program(), a_newsletter(cadence=cadence))
    play = Play(world, a_contact(**MEMBER))
    play.until(NOW, [a_form()])
    play.hear(due(LETTER, NOW), NOW)
    play.until(NOW + timedelta(days=30))
    assert "news" not in play.mails
    assert Reason.TOO_LATE in play.reasons
    assert isinstance(play.state.enrolments["march"].position, Ended)


def test_after_its_time_it_is_told_to_nobody() -> None:
    late = decide(WORLD, a_contact(**MEMBER), due(LETTER, NOW), ISSUE.expires_at)
    assert late.state.enrolments == {}
    assert dict(late.because[0].detail) == {"because": "gone_by"}


def test_what_lies_in_the_outbox_until_it_is_too_late_stays_there() -> None:
    queued = decide(WORLD, a_contact(**MEMBER), due(LETTER, NOW), NOW).state
    (touch,) = queued.touches.values()
    assert not isinstance(may_send(WORLD, queued, touch, ISSUE.expires_at - timedelta(seconds=1)), Keep)
    assert may_send(WORLD, queued, touch, ISSUE.expires_at) == Keep(Gate.LATE)


def test_a_reply_to_it_stops_the_campaigns_as_any_reply_does() -> None:
    world = a_world(a_program(), LETTER)
    play = Play(world, a_contact(**MEMBER))
    play.until(NOW, [a_form(), due(LETTER, NOW)])
    play.until(NOW + timedelta(hours=2), [a_reply(when="2027-03-01 10:00")])
    assert isinstance(play.state.enrolments["cloud"].position, Stopped)


def test_a_newsletter_that_is_no_longer_there_is_told_to_nobody() -> None:
    state = decide(a_world(), a_contact(**MEMBER), due(LETTER, NOW), NOW).state
    assert state.enrolments == {}
    assert all(touch.state is not TouchState.QUEUED for touch in state.touches.values())
