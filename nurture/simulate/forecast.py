"""What comes next for one contact if nothing happens: its own timers, run to their end by the same rules."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nurture.core.effects import Because, Decision, OfferHandOff
from nurture.core.events import Event
from nurture.core.reasons import Reason
from nurture.core.state import ContactState, Touch
from nurture.core.world import World
from nurture.simulate.course import Course
from nurture.simulate.mailings import mailings_to

HORIZON = timedelta(weeks=52)
"""How far ahead one looks; what would come later is not told."""

UNTOLD = frozenset({Reason.RECORDED, Reason.STALE, Reason.SENT, Reason.WAIT_OVER})
"""Reasons that say nothing of what a person would see: a mail that is queued is sent at once."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What will be decided at an instant, and why."""

    at: datetime
    because: tuple[Because, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What comes, in order, and where the contact stands when nothing more does."""

    steps: tuple[Foreseen, ...]
    after: ContactState


class Nobody:
    """Neither the contact nor sales does anything."""

    def receives(self, touch: Touch, state: ContactState, now: datetime) -> Iterable[Event]:
        """Nothing comes of a mail."""
        return ()

    def is_offered(self, offer: OfferHandOff) -> Iterable[Event]:
        """Nor of a hand-off."""
        return ()


@dataclass
class _Notes:
    steps: list[Foreseen] = field(default_factory=list)

    def happened(self, state: ContactState, event: Event) -> None:
        """Facts that wait to be decided are told by what comes of them."""

    def decided(self, before: ContactState, event: Event, decision: Decision) -> None:
        """One of the things to come."""
        told = tuple(because for because in decision.because if because.reason not in UNTOLD)
        if told:
            self.steps.append(Foreseen(decision.at, told))


def foresee(world: World, state: ContactState, pending: Iterable[tuple[datetime, Event]], now: datetime) -> Forecast:
    """Everything that follows from now on of what is known now: no answer, no click, no edit, mail sent at once."""
    notes = _Notes()
    end = now + HORIZON
    course = Course(world, state, [*pending, *mailings_to(world, state, now, end)], Nobody(), notes)
    course.run(now, end)
    return Forecast(tuple(notes.steps), course.state)
