"""One contact's due inputs, consumed singly: events received and timers come due, in one order that every run agrees on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from nurture.core.decide import decide
from nurture.core.effects import Decision
from nurture.core.events import Event, TimerFired, order
from nurture.core.state import ContactState, next_timer
from nurture.core.world import World

AT_MOST = 10_000
"""Decisions about one contact in one round; more means that timers fire each other for ever."""


class Livelock(Exception):
    """The inputs of one contact do not come to an end."""


@dataclass(frozen=True, slots=True)
class Consumed:
    """What became of a contact: the last state, each input with its decision, and the events used up."""

    after: ContactState
    decisions: tuple[tuple[Event, Decision], ...]
    events: tuple[str, ...]


def consume(world: World, state: ContactState, pending: Iterable[tuple[datetime, Event]], now: datetime) -> Consumed:
    """Give the contact everything due by `now`, earliest first; a decision may cancel a timer that would have been next.

    `pending` holds (received_at, event). Raises Livelock when the inputs do not end.
    """
    waiting = list(pending)
    if len(waiting) > 1:
        waiting.sort(key=lambda item: order(item[1], item[0]), reverse=True)
    decisions: list[tuple[Event, Decision]] = []
    used: list[str] = []
    while len(decisions) < AT_MOST:
        event = _next_input(state, waiting, now)
        if event is None:
            return Consumed(state, tuple(decisions), tuple(used))
        if not isinstance(event, TimerFired):
            waiting.pop()
            used.append(event.key)
        decision = decide(world, state, event, now)
        decisions.append((event, decision))
        state = decision.state
    raise Livelock(f"contact {state.key} had {AT_MOST} decisions at {now.isoformat()} and was not done")


def _next_input(state: ContactState, waiting: list[tuple[datetime, Event]], now: datetime) -> Event | None:
    due = next_timer(state)
    timer = TimerFired(due[1], due[0]) if due is not None and due[0] <= now else None
    if not waiting:
        return timer
    received_at, event = waiting[-1]
    if timer is None or order(event, received_at) < order(timer, timer.at):
        return event
    return timer
