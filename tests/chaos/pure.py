"""The reference without database, workers or mail: a course's inputs given to the pure core at the same instants."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import TypeAlias

from nurture.core.decide import may_send
from nurture.core.effects import Decision, SendTouch, WithdrawTouch
from nurture.core.events import Event, Sent, Withheld
from nurture.core.gates import Keep
from nurture.core.state import ContactState, Touch
from nurture.core.words import Gate
from nurture.engine.inputs import consume
from tests.chaos.campaigns import WORLD

Entry: TypeAlias = tuple[int, datetime, str, str, list[tuple[str, str, dict[str, object]]]]
Received: TypeAlias = tuple[datetime, Event]

OUTCOMES = frozenset({"sent", "withheld", "refused", "send_unknown"})


class Pure:
    """One contact, tick by tick; delivery takes every touch at once."""

    def __init__(self, state: ContactState, received: list[Received]) -> None:
        self.journal: list[Entry] = []
        self._state = state
        self._received = sorted(received, key=lambda item: item[0])
        self._queued: dict[str, Touch] = {}
        self._rounds: Counter[str] = Counter()

    def tick(self, now: datetime) -> None:
        """What the engine does until nothing is due at this instant."""
        pending = [item for item in self._received if item[0] <= now]
        self._received = [item for item in self._received if item[0] > now]
        while True:
            done = consume(WORLD, self._state, pending, now)
            self._state, pending = done.after, []
            withdrawn: list[Event] = []
            for event, decision in done.decisions:
                self._write(event, decision)
                withdrawn += self._heed(decision)
            pending = [(now, event) for event in withdrawn]
            if not pending:
                pending = [(now, self._deliver(touch, now)) for touch in self._queued.values()]
                self._queued.clear()
            if not pending:
                return

    def _heed(self, decision: Decision) -> list[Event]:
        back: list[Event] = []
        for effect in decision.effects:
            match effect:
                case SendTouch(touch=touch):
                    self._queued[touch.key] = touch
                    self._rounds[touch.key] += 1
                case WithdrawTouch(touch=key) if self._queued.pop(key, None):
                    name = f"withheld:{key}:{self._rounds[key] - 1}"
                    back.append(Withheld(name, decision.at, key, Gate.WITHDRAWN))
                case _:
                    pass
        return back

    def _deliver(self, touch: Touch, now: datetime) -> Event:
        turn = f"{touch.key}:{self._rounds[touch.key] - 1}"
        verdict = may_send(WORLD, self._state, touch, now)
        if isinstance(verdict, Keep):
            return Withheld(f"withheld:{turn}", now, touch.key, verdict.gate, verdict.until)
        return Sent(f"sent:{turn}", now, touch.key)

    def _write(self, event: Event, decision: Decision) -> None:
        because = [(b.reason.value, b.subject, dict(b.detail)) for b in decision.because]
        self.journal.append((decision.state.seq, decision.at, event.kind, event.key, because))


def played(
    states: dict[int, ContactState], facts: dict[int, list[Received]], ticks: list[datetime]
) -> dict[str, list[Entry]]:
    """The journals by contact key."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for who, state in states.items():
        pure = Pure(state, facts.get(who, []))
        for now in ticks:
            pure.tick(now)
        found[state.key] = pure.journal
    return found
