"""What one contact does with a mail, and what sales does with a prospect: drawn by hashes of stable names.

A throw is named by the contact, the content and whether it is a relance, not by the step: whoever opens a mail opens it
in both versions of a campaign that are compared.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from nurture.core.calendar import ONE_ZONE
from nurture.core.effects import OfferHandOff
from nurture.core.events import AutoReplied, Bounced, Event, HandOffAnswered, Replied, Signalled, Suppressed
from nurture.core.program import Content, Program
from nurture.core.state import ContactState, HandOff, Touch
from nurture.core.words import Hardness, Intent, Rejection, SignalKind, Suppression, TouchState
from nurture.core.world import World
from nurture.simulate.dice import Dice
from nurture.simulate.habits import (
    ACCEPTED,
    DAY,
    MINUTE,
    NO_ANSWER,
    acts_at,
    answered_at,
    days_away,
    reads_at,
    speaks_at,
)
from nurture.simulate.rates import OfContent, Rates, spread
from nurture.simulate.reading import pages_of

VISITS = 3
"""Whoever looks around the company's site comes so many times at most, on as many days: an assumption."""


@dataclass(frozen=True)
class Model:
    """The rates in one world, and what is the same for everybody."""

    world: World
    rates: Rates
    seed: int
    pages: Sequence[str]

    @staticmethod
    def of(world: World, rates: Rates, seed: int) -> "Model":
        """The model of a world."""
        return Model(world, rates, seed, pages_of(world))

    def program_of(self, state: ContactState, touch: Touch) -> Program:
        """The version of the campaign that writes."""
        return self.world.program(touch.campaign, state.enrolments[touch.campaign].version)


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return ZoneInfo("Europe/Paris")


class Reader:
    """One contact: how keen it is, and what it does."""

    def __init__(self, model: Model, state: ContactState) -> None:
        self._model = model
        self._own = Dice(model.seed, (state.key,))
        self._keen = self._own.throw("keen")
        self._written_to = any(t.state in (TouchState.SENT, TouchState.BOUNCED) for t in state.touches.values())

    def receives(self, touch: Touch, state: ContactState, now: datetime) -> Iterator[Event]:
        """What comes of a mail, some of it weeks later; each event's `at` is when it happens."""
        content = self._model.world.catalogue.get(touch.content)
        relance = touch.thread is not None
        dice = self._own.of(touch.content, "relance" if relance else "", str(touch.rotation))
        first, self._written_to = not self._written_to, True
        if first and self._own.throw("bounces") < self._model.rates.people.bounced:
            at = now + timedelta(hours=dice.between("bounce", 1, 20))
            yield Bounced(f"bounced:{touch.key}", at, Hardness.HARD, touch.key)
            return
        program = self._model.program_of(state, touch)
        zone = _zone(state.zone or ONE_ZONE.get(state.country) or program.cadence.zone)
        if content is not None:
            rates = self._model.rates.of(content.kind, content.stage, state.persona, relance=relance)
            document = _is_document(content, program.language)
            yield from self._reads(touch, content, rates, document, dice, now, zone)
        yield from self._speaks(touch, dice, now, zone)

    def _reads(
        self,
        touch: Touch,
        content: Content,
        rates: OfContent,
        document: bool,
        dice: Dice,
        now: datetime,
        zone: ZoneInfo,
    ) -> Iterator[Event]:
        """One throw says how far the person goes with the mail: nowhere, to open it, or to press its button."""
        far = dice.throw("goes")
        if far >= spread(rates.opened, self._keen):
            return
        at = reads_at(dice, now, zone).astimezone(UTC)
        yield _did(SignalKind.OPENED, touch.content, at, touch)
        if far >= spread(rates.clicked, self._keen):
            return
        at = acts_at(dice, at)
        yield _did(SignalKind.DOWNLOADED if document else SignalKind.CLICKED, content.id, at, touch)
        yield from self._books(touch, content, rates, dice, at)
        yield from self._looks_around(touch, dice, at)

    def _books(self, touch: Touch, content: Content, rates: OfContent, dice: Dice, at: datetime) -> Iterator[Event]:
        if content.starts_at is None or content.ends_at is None or at >= content.starts_at:
            return
        if dice.throw("registers") < rates.registered:
            yield _did(SignalKind.REGISTERED, content.id, at + 5 * MINUTE, touch)
            if dice.throw("attends") < rates.attended:
                yield _did(SignalKind.ATTENDED, content.id, content.ends_at + 5 * MINUTE, touch)

    def _looks_around(self, touch: Touch, dice: Dice, at: datetime) -> Iterator[Event]:
        if not self._model.pages or dice.throw("browses") >= self._model.rates.people.visited:
            return
        page = dice.pick("page", self._model.pages)
        for n in range(1 + int(dice.between("times", 0, VISITS))):
            yield _did(SignalKind.VISITED, page, at + n * DAY + 20 * MINUTE, touch, n)

    def _speaks(self, touch: Touch, dice: Dice, now: datetime, zone: ZoneInfo) -> Iterator[Event]:
        """One throw: an objection, a complaint, an answer of a person or of a machine, or nothing."""
        people, said = self._model.rates.people, dice.throw("speaks")
        for share, event in (
            (people.unsubscribed, self._leaves),
            (people.complained, self._complains),
            (people.replied, self._replies),
            (people.away, self._is_away),
        ):
            if said < share:
                yield event(touch, dice, now, zone)
                return
            said -= share

    def _leaves(self, touch: Touch, dice: Dice, now: datetime, zone: ZoneInfo) -> Event:
        at = speaks_at(dice, now, zone).astimezone(UTC)
        return Suppressed(f"unsubscribed:{touch.key}", at, Suppression.UNSUBSCRIBED, touch.key)

    def _complains(self, touch: Touch, dice: Dice, now: datetime, zone: ZoneInfo) -> Event:
        at = speaks_at(dice, now, zone).astimezone(UTC)
        return Suppressed(f"complained:{touch.key}", at, Suppression.COMPLAINED, touch.key)

    def _replies(self, touch: Touch, dice: Dice, now: datetime, zone: ZoneInfo) -> Event:
        wanted = dice.throw("interested") < self._model.rates.people.interested
        at = speaks_at(dice, now, zone).astimezone(UTC)
        return Replied(f"replied:{touch.key}", at, Intent.INTERESTED if wanted else Intent.OTHER, touch.key)

    def _is_away(self, touch: Touch, dice: Dice, now: datetime, zone: ZoneInfo) -> Event:
        back = (now + days_away(dice) * DAY).astimezone(zone).date()
        return AutoReplied(f"away:{touch.key}", now + MINUTE, back, touch.key)

    def is_offered(self, offer: OfferHandOff) -> Iterator[Event]:
        """What the salesperson answers."""
        given: HandOff = offer.hand_off
        team = self._model.world.teams[given.team]
        dice = self._own.of("sales", str(given.offered_at.date()))
        said = dice.weigh("answer", self._model.rates.sales)
        if said != NO_ANSWER:
            rejection = None if said == ACCEPTED else Rejection(said)
            at = answered_at(dice, given.offered_at, _zone(team.cadence.zone)).astimezone(UTC)
            yield HandOffAnswered(f"answered:{given.key}", at, given.key, rejection)


def _did(signal: SignalKind, about: str, at: datetime, touch: Touch, nth: int = 0) -> Signalled:
    return Signalled(f"{signal}:{touch.key}:{about}:{nth}", at, signal, about, source="simulated", touch=touch.key)


def _is_document(content: Content, language: str) -> bool:
    """Whether its button fetches a file; else it opens a page."""
    translation = content.translation(language)
    return translation is not None and translation.asset is not None
