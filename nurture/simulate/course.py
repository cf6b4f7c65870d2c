"""One contact's weeks: what is due is consumed as the engine consumes it, and every touch is sent at once.

The clock goes from one instant at which something is due to the next; between two nothing happens, and nothing is spent.
"""

import heapq
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from nurture.core.decide import may_send
from nurture.core.effects import Decision, OfferHandOff, SendTouch, WithdrawTouch
from nurture.core.events import Event, Sent, Withheld
from nurture.core.gates import Keep
from nurture.core.state import ContactState, Sending, Touch, next_timer
from nurture.core.words import Gate, TouchState
from nurture.core.world import World
from nurture.engine.inputs import consume


class Answers(Protocol):
    """What the world outside does: events that happen later, because of a mail or of a hand-off."""

    def receives(self, touch: Touch, state: ContactState, now: datetime) -> Iterable[Event]: ...

    def is_offered(self, offer: OfferHandOff) -> Iterable[Event]: ...


class Watches(Protocol):
    """Whoever looks on."""

    def happened(self, state: ContactState, event: Event) -> None:
        """A fact about the contact, before it is decided, or instead where no rule reads it."""

    def decided(self, before: ContactState, event: Event, decision: Decision) -> None:
        """One decision."""


class Ignores(Protocol):
    """Says of which events no rule takes notice."""

    def ignores(self, state: ContactState, event: Event) -> bool: ...


class Course:
    """A contact on its way. `received` are facts (received at, event) that come whatever is sent."""

    def __init__(
        self,
        world: World,
        state: ContactState,
        received: Iterable[tuple[datetime, Event]],
        answers: Answers,
        watch: Watches,
        reads: Ignores | None = None,
    ) -> None:
        self.state = state
        self._world = world
        self._answers = answers
        self._watch = watch
        self._reads = reads
        self._inbox: list[tuple[datetime, str, Event]] = [(at, event.key, event) for at, event in received]
        heapq.heapify(self._inbox)
        self._outbox = {touch.key: touch for touch in _under_way(state)}
        self._rounds: Counter[str] = Counter(self._outbox.keys())

    def run(self, start: datetime, end: datetime) -> None:
        """Everything from `start` up to and including `end`; what is due before the start is found then."""
        now: datetime | None = start
        while now is not None and now <= end:
            self._settle(now)
            now = self._next()

    def _next(self) -> datetime | None:
        timer = next_timer(self.state)
        if timer is None:
            return self._inbox[0][0] if self._inbox else None
        return min(timer[0], self._inbox[0][0]) if self._inbox else timer[0]

    def _settle(self, now: datetime) -> None:
        """Until nothing is due at this instant: decisions first, then what is in the outbox."""
        pending = self._due(now)
        while True:
            back = self._decide(pending, now)
            pending = [(now, event) for event in back] or [(now, self._deliver(t, now)) for t in self._taken()]
            if not pending:
                return

    def _due(self, now: datetime) -> list[tuple[datetime, Event]]:
        found: list[tuple[datetime, Event]] = []
        while self._inbox and self._inbox[0][0] <= now:
            at, _, event = heapq.heappop(self._inbox)
            self._watch.happened(self.state, event)
            found.append((at, event))
        if self._reads is not None and len(found) == 1 and self._reads.ignores(self.state, found[0][1]):
            return []
        return found

    def _decide(self, pending: list[tuple[datetime, Event]], now: datetime) -> list[Event]:
        """Answers what comes back at once: touches that could be withdrawn."""
        before, back = self.state, list[Event]()
        done = consume(self._world, self.state, pending, now)
        self.state = done.after
        for event, decision in done.decisions:
            self._watch.decided(before, event, decision)
            before = decision.state
            for effect in decision.effects:
                back += self._perform(effect, decision)
        return back

    def _perform(self, effect: object, decision: Decision) -> Iterable[Event]:
        match effect:
            case SendTouch(touch=touch):
                self._outbox[touch.key] = touch
                self._rounds[touch.key] += 1
            case WithdrawTouch(touch=key) if self._outbox.pop(key, None):
                return (Withheld(f"withheld:{self._turn(key)}", decision.at, key, Gate.WITHDRAWN),)
            case OfferHandOff():
                self._expect(self._answers.is_offered(effect))
            case _:
                pass
        return ()

    def _taken(self) -> list[Touch]:
        taken = list(self._outbox.values())
        self._outbox.clear()
        return taken

    def _deliver(self, touch: Touch, now: datetime) -> Event:
        verdict = may_send(self._world, self.state, touch, now)
        if isinstance(verdict, Keep):
            return Withheld(f"withheld:{self._turn(touch.key)}", now, touch.key, verdict.gate, verdict.until)
        self._expect(self._answers.receives(touch, self.state, now))
        return Sent(f"sent:{self._turn(touch.key)}", now, touch.key)

    def _turn(self, key: str) -> str:
        return f"{key}:{self._rounds[key] - 1}"

    def _expect(self, events: Iterable[Event]) -> None:
        for event in events:
            heapq.heappush(self._inbox, (event.at, event.key, event))


def _under_way(state: ContactState) -> Iterable[Touch]:
    """The touches that lay in the outbox when the state was taken."""
    for enrolment in state.enrolments.values():
        if isinstance(enrolment.position, Sending):
            touch = state.touches.get(enrolment.position.touch)
            if touch is not None and touch.state is TouchState.QUEUED:
                yield touch
