"""Five days without a worker: what was due meanwhile follows the author's `late`, one touch a contact and day."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core import events
from nurture.core.effects import SendTouch
from nurture.core.events import Event, TimerFired, order
from nurture.core.gates import GO, may_send
from nurture.core.program import Cadence, Program, WhenLate
from nurture.core.reasons import Reason
from nurture.core.state import Touch, next_timer
from tests.builders import (
    MONDAY,
    OFFICE,
    a_contact,
    a_form,
    a_program,
    a_stage,
    a_world,
    at,
    days,
    did,
    relance,
    send,
    wait,
)
from tests.core.play import Play

FOREVER = Cadence()
OPEN = Cadence(window=OFFICE)
BACK = at("2027-03-08 14:00")
"""The Monday on which the worker runs again, five open days after it stopped."""
PARIS = ZoneInfo("Europe/Paris")
STOPPED = at("2027-03-01 18:00")


class Standstill(Play):
    """A play in which nobody works for a while."""

    def work(self, now: datetime, received: Sequence[Event] = ()) -> None:
        """Decide all that is due, then deliver, until nothing is left, as a worker does that was away."""
        waiting = sorted(received, key=lambda event: order(event, event.at), reverse=True)
        outbox: list[Touch] = []
        while True:
            event = self._earliest(waiting, now)
            if event is not None:
                decision = self.hear(event, now)
                outbox += [effect.touch for effect in decision.effects if isinstance(effect, SendTouch)]
            elif outbox:
                touch = outbox.pop(0)
                assert may_send(self.world, self.state, touch, now) == GO
                self.sent.append(touch)
                waiting.append(events.Sent(f"sent:{touch.key}", now, touch.key))
            else:
                self._outbox.clear()  # handed over above
                return

    def _earliest(self, waiting: list[Event], now: datetime) -> Event | None:
        due = next_timer(self.state)
        timer = TimerFired(due[1], due[0]) if due is not None and due[0] <= now else None
        if waiting and (timer is None or order(waiting[-1], waiting[-1].at) < order(timer, timer.at)):
            return waiting.pop()
        return timer


def since(play: Play, when: datetime = BACK) -> list[tuple[str, str]]:
    """What went out from then on, and when in Paris."""
    return [(t.content, f"{t.at.astimezone(PARIS):%a %H:%M}") for t in play.sent if t.at >= when]


def gates(play: Play) -> list[object]:
    return [because.detail.get("gate") for because in play.told if because.reason is Reason.GATED]


def stood_still(*programs: Program, received: Sequence[Event] = (), back: datetime = BACK) -> Standstill:
    """Entered on a Monday morning by the form, then nobody worked until `back`, then all went on for three weeks."""
    play = Standstill(a_world(*programs), a_contact())
    play.until(STOPPED, [a_form()])
    play.work(back, received)
    play.until(back + timedelta(days=21))
    return play


def one(name: str, *items: Any, cadence: Cadence = OPEN, **more: Any) -> Program:
    return a_program(a_stage("tofu", *items), name=name, cadence=cadence, **more)


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (WhenLate.SKIP, [("b", "Tue 14:00")]),
        (WhenLate.SEND, [("a", "Mon 14:00"), ("b", "Tue 14:00")]),
        (WhenLate.SHIFT, [("a", "Tue 09:00"), ("b", "Wed 09:00")]),
    ],
)
def test_late_is_what_the_author_says_and_waits_count_from_the_real_send(
    then: WhenLate, expected: list[tuple[str, str]]
) -> None:
    cadence = Cadence(window=OFFICE, late_max=days(2), late_then=then)
    play = stood_still(one("cloud", wait(days(1)), send("a"), wait(days(1)), send("b"), cadence=cadence))
    assert since(play) == expected


def test_two_campaigns_late_at_once_write_on_two_days() -> None:
    play = stood_still(one("first", wait(days(1)), send("a")), one("second", wait(days(2)), send("b")))
    assert since(play) == [("a", "Mon 14:00"), ("b", "Tue 09:00")]
    assert gates(play) == ["catch_up"]


def test_three_campaigns_late_at_once_write_on_three_days() -> None:
    names = ["a", "b", "c"]
    play = stood_still(*(one(name, wait(days(1)), send(name)) for name in names))
    assert since(play) == [("a", "Mon 14:00"), ("b", "Tue 09:00"), ("c", "Wed 09:00")]


def test_campaigns_that_shift_shift_to_different_days() -> None:
    cadence = Cadence(window=OFFICE, late_max=days(2), late_then=WhenLate.SHIFT)
    play = stood_still(*(one(name, wait(days(1)), send(name), cadence=cadence) for name in ("a", "b")))
    assert since(play) == [("a", "Tue 09:00"), ("b", "Wed 09:00")]


def test_coming_back_while_all_is_closed_makes_no_two_at_the_opening() -> None:
    play = stood_still(*(one(name, wait(days(1)), send(name)) for name in ("a", "b")), back=at("2027-03-08 20:00"))
    assert since(play) == [("a", "Tue 09:00"), ("b", "Wed 09:00")]


@pytest.mark.parametrize("between", [[], [wait(days(0))]])
def test_nothing_comes_right_behind_a_late_step(between: list[Any]) -> None:
    play = stood_still(one("cloud", wait(days(1)), send("a"), *between, relance("a"), *between, send("b")))
    assert since(play) == [("a", "Mon 14:00"), ("a", "Tue 14:00"), ("b", "Wed 14:00")]


def test_without_a_standstill_what_the_author_puts_together_stays_together() -> None:
    play = Play(a_world(one("cloud", wait(days(1)), send("a"), wait(days(0)), send("b"))), a_contact())
    play.until(BACK, [a_form()])
    assert [touch.content for touch in play.sent] == ["a", "b"]
    assert len({touch.at for touch in play.sent}) == 1
    assert gates(play) == []


def test_what_was_received_meanwhile_is_caught_up_on_too() -> None:
    received = [a_form("x", "2027-03-04 10:00"), a_form("y", "2027-03-05 10:00")]
    play = stood_still(
        one("first", send("a"), enter=did("submitted", "x")),
        one("second", send("b"), enter=did("submitted", "y")),
        received=received,
    )
    assert since(play) == [("a", "Mon 14:00"), ("b", "Tue 10:00")]


def test_an_hours_delay_is_no_standstill() -> None:
    programs = [one(name, wait(days(1)), send(name)) for name in ("a", "b")]
    play = stood_still(*programs, back=at("2027-03-02 09:59"))
    assert [when for _, when in since(play, STOPPED)] == ["Tue 09:59", "Tue 09:59"]


WAITS = st.sampled_from([[], [wait(days(0))], [wait(days(1))], [wait(days(3))]])
CADENCES = st.builds(
    Cadence,
    window=st.sampled_from([OFFICE, FOREVER.window]),
    late_max=st.sampled_from([None, days(0), days(2)]),
    late_then=st.sampled_from([*WhenLate]),
)


@st.composite
def campaigns(draw: st.DrawFn) -> list[Program]:
    made = []
    for name in ("a", "b", "c")[: draw(st.integers(1, 3))]:
        items: list[Any] = list(draw(WAITS))
        for n in range(draw(st.integers(1, 3))):
            items += [send(f"{name}{n}"), *draw(WAITS)]
            if draw(st.booleans()):
                items += [relance(f"{name}{n}"), *draw(WAITS)]
        form = draw(st.sampled_from(["audit", "x", "y"]))
        made.append(one(name, *items, cadence=draw(CADENCES), enter=did("submitted", form)))
    return made


@settings(max_examples=200)
@given(campaigns(), st.integers(0, 120), st.lists(st.sampled_from(["x", "y"]), unique=True))
def test_nobody_is_written_to_twice_at_once_after_a_standstill(
    programs: list[Program], hours: int, forms: list[str]
) -> None:
    """With caps as loose as can be, whatever hour the worker comes back at, whatever the authors have put together."""
    back = at("2027-03-05 00:30") + timedelta(hours=hours)
    received = [a_form(form, "2027-03-03 10:00") for form in forms]
    play = Standstill(a_world(*programs), a_contact())
    play.until(at(MONDAY) + timedelta(hours=9), [a_form()])
    known = len(play.sent)
    play.work(back, received)
    assert len(play.sent) - known <= 1
    play.until(back + timedelta(days=60))
    assert max(Counter(touch.key for touch in play.sent).values(), default=0) <= 1
    assert next_timer(play.state) is None  # and nothing of it is forgotten
