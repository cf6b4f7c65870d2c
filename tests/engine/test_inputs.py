"""One contact's inputs: singly, in one order, and to an end."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from nurture.core import events
from nurture.core.state import Waiting
from nurture.core.words import Intent, Suppression
from nurture.engine.inputs import consume
from tests.builders import MONDAY, a_contact, a_program, a_stage, a_world, at, days, enrolled, send, wait

NOW = at(MONDAY)
PROGRAM = a_program(a_stage("tofu", wait(days(1)), send("guide")))
WORLD = a_world(PROGRAM)


def waiting(hours_ago: int) -> tuple[object, ...]:
    """A contact whose wait has been over for some hours."""
    step = PROGRAM.stages[0].steps[0].key
    return (a_contact(enrolled(PROGRAM, position=Waiting(step, NOW - timedelta(hours=hours_ago)))),)


def test_a_reply_received_before_a_timer_cancels_it() -> None:
    (contact,) = waiting(hours_ago=1)
    reply = events.Replied("r", NOW - timedelta(hours=2), Intent.OTHER)
    done = consume(WORLD, contact, [(NOW - timedelta(hours=2), reply)], NOW)
    assert [event.kind for event, _ in done.decisions] == ["replied"]
    assert done.events == ("r",)


def test_a_timer_due_before_a_reply_comes_first() -> None:
    (contact,) = waiting(hours_ago=2)
    reply = events.Replied("r", NOW - timedelta(hours=1), Intent.OTHER)
    done = consume(WORLD, contact, [(NOW - timedelta(hours=1), reply)], NOW)
    assert [event.kind for event, _ in done.decisions] == ["timer_fired", "replied"]


def test_at_one_instant_facts_come_before_timers() -> None:
    (contact,) = waiting(hours_ago=1)
    due = NOW - timedelta(hours=1)
    objection = events.Suppressed("s", due, Suppression.UNSUBSCRIBED)
    done = consume(WORLD, contact, [(due, objection)], NOW)
    assert [event.kind for event, _ in done.decisions] == ["suppressed"]


@given(st.permutations(range(5)))
def test_the_order_in_which_inputs_were_read_does_not_matter(order: list[int]) -> None:
    (contact,) = waiting(hours_ago=3)
    pending = [
        (NOW - timedelta(minutes=n % 3), events.Delivered(f"d{n}", NOW - timedelta(minutes=n))) for n in range(5)
    ]
    assert consume(WORLD, contact, [pending[n] for n in order], NOW) == consume(WORLD, contact, pending, NOW)


def test_nothing_due_is_nothing_done() -> None:
    contact = a_contact()
    assert consume(WORLD, contact, [], NOW).after is contact
