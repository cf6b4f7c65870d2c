"""A contact played forward in virtual time, without faults: the reference for whatever simulates.

Inputs are consumed singly, in the order of design.md: by instant, facts before timers, then by key. Time moves only when
nothing is due. Delivery asks `may_send` and answers every touch after `delay`, with Sent unless `answer` says otherwise.
"""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from nurture.core import events
from nurture.core.decide import decide, may_send
from nurture.core.effects import Because, Decision, SendTouch, WithdrawTouch
from nurture.core.events import Event, TimerFired
from nurture.core.gates import Keep
from nurture.core.reasons import Reason
from nurture.core.state import ContactState, Touch, next_timer
from nurture.core.words import Gate
from nurture.core.world import World

Answer: TypeAlias = Callable[[Touch, datetime], Event | None]
Input: TypeAlias = tuple[tuple[datetime, int, str], Event]

NO_TIME = timedelta()


def sent(touch: Touch, now: datetime) -> Event:
    """What a delivery without faults answers."""
    return events.Sent(f"sent:{touch.key}:{now.isoformat()}", now, touch.key)


class Play:
    """One contact in one world; `state` is where it stands, `sent` the touches that went out, `told` all reasons."""

    def __init__(self, world: World, state: ContactState, delay: timedelta = NO_TIME, answer: Answer = sent) -> None:
        self.world = world
        self.state = state
        self.delay = delay
        self.answer = answer
        self.sent: list[Touch] = []
        self.told: list[Because] = []
        self._inbox: list[Input] = []
        self._outbox: dict[str, tuple[datetime, Touch]] = {}

    @property
    def mails(self) -> list[str]:
        """The contents that went out, in order."""
        return [touch.content for touch in self.sent]

    @property
    def reasons(self) -> list[Reason]:
        """What was said, in order."""
        return [because.reason for because in self.told]

    def until(self, end: datetime, events: Iterable[Event] = ()) -> list[Decision]:
        """Everything decided up to and including `end`."""
        for event in events:
            heapq.heappush(self._inbox, (_order(event), event))
        decisions = []
        while (due := self._next(end)) is not None:
            event, now = due
            decisions.append(self.hear(event, now))
        return decisions

    def _next(self, end: datetime) -> tuple[Event, datetime] | None:
        self._deliver(end)
        timer = next_timer(self.state)
        fired = TimerFired(timer[1], timer[0]) if timer else None
        if fired is not None and (not self._inbox or _order(fired) < self._inbox[0][0]):
            return (fired, fired.at) if fired.at <= end else None
        if self._inbox and self._inbox[0][1].at <= end:
            event = heapq.heappop(self._inbox)[1]
            return event, event.at
        return None

    def _deliver(self, end: datetime) -> None:
        """Answer the touches that leave before anything else happens."""
        while self._outbox:
            now, touch = min(self._outbox.values(), key=lambda item: (item[0], item[1].key))
            timer = next_timer(self.state)
            earlier = [at for at in (self._inbox[0][1].at if self._inbox else None, timer[0] if timer else None) if at]
            if now > end or (earlier and min(earlier) < now):
                return
            del self._outbox[touch.key]
            self._receive(self._outcome(touch, now))

    def _outcome(self, touch: Touch, now: datetime) -> Event | None:
        verdict = may_send(self.world, self.state, touch, now)
        if isinstance(verdict, Keep):
            return events.Withheld(f"kept:{touch.key}:{now.isoformat()}", now, touch.key, verdict.gate, verdict.until)
        answer = self.answer(touch, now)
        if isinstance(answer, events.Sent):
            self.sent.append(replace(touch, at=now))
        return answer

    def _receive(self, event: Event | None) -> None:
        if event is not None:
            heapq.heappush(self._inbox, (_order(event), event))

    def hear(self, event: Event, now: datetime) -> Decision:
        """Decide this one event now, whatever else is due."""
        decision = decide(self.world, self.state, event, now)
        self.state = decision.state
        self.told += decision.because
        for effect in decision.effects:
            match effect:
                case SendTouch(touch=touch):
                    self._outbox[touch.key] = now + self.delay, touch
                case WithdrawTouch(touch=key) if self._outbox.pop(key, None):
                    self._receive(events.Withheld(f"back:{key}:{self.state.seq}", now, key, Gate.WITHDRAWN))
                case _:
                    pass
        return decision


def _order(event: Event) -> tuple[datetime, int, str]:
    return events.order(event, event.at)
