"""A set of due contacts: claimed, loaded, decided in memory, committed in one transaction.

One bad contact harms nobody else: a decision that fails sets that contact aside with the sentence; a commit that fails is
tried again in halves until the culprit stands alone.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError

from nurture.core.world import World
from nurture.engine.inputs import consume
from nurture.storage.claims import Claim, claim_contacts, release, set_aside
from nurture.storage.database import Database, DatabaseProblem
from nurture.storage.load import Loaded, load_contacts
from nurture.storage.save import Outcome, commit_decisions

log = logging.getLogger(__name__)

SET_ASIDE = timedelta(hours=1)
"""How long a contact whose decision failed is left alone before it is tried again."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a round did. `faults` are contacts set aside."""

    contacts: int = 0
    decisions: int = 0
    faults: int = 0

    def __add__(self, other: "Decided") -> "Decided":
        return Decided(self.contacts + other.contacts, self.decisions + other.decisions, self.faults + other.faults)


@dataclass(frozen=True, slots=True)
class Decider:
    """Decides for the contacts of one database, `batch` at a time, under leases of the given length."""

    db: Database
    world: Callable[[], World]
    batch: int
    lease: timedelta

    def run_once(self, now: datetime) -> Decided:
        """Decide for what is due by `now`; an answer of no contacts means that nothing is.

        An error of the database is raised once the contacts were given back.
        """
        world = self.world()
        with self.db.begin() as c:
            claim = claim_contacts(c, now, self.batch, self.lease)
        if not claim.ids:
            return Decided()
        try:
            with self.db.read() as c:
                loaded = load_contacts(c, claim.ids, now)
            outcomes, faults = decide_all(world, loaded, now)
            faults |= dict.fromkeys(set(claim.ids) - loaded.keys(), "cannot be read: see the log")
            done = self._commit(claim, outcomes, world, now)
        except (DatabaseProblem, OperationalError):
            self._give_back(claim)
            raise
        self._set_aside(claim, faults, now)
        return done + Decided(faults=len(faults))

    def _commit(self, claim: Claim, outcomes: Sequence[Outcome], world: World, now: datetime) -> Decided:
        if not outcomes:
            return Decided()
        try:
            with self.db.begin() as c:
                written = commit_decisions(c, claim, outcomes, world, now)
        except (DatabaseProblem, OperationalError):
            raise
        except Exception as error:
            return self._bisect(claim, outcomes, world, now, error)
        decided = sum(len(outcome.decisions) for outcome in outcomes if outcome.contact_id in written)
        return Decided(len(written), decided)

    def _bisect(
        self, claim: Claim, outcomes: Sequence[Outcome], world: World, now: datetime, error: Exception
    ) -> Decided:
        if len(outcomes) == 1:
            log.error("contact %s could not be stored", outcomes[0].before.key, exc_info=error)
            self._set_aside(claim, {outcomes[0].contact_id: f"cannot be stored: {error}"}, now)
            return Decided(faults=1)
        half = len(outcomes) // 2
        first = self._commit(claim, outcomes[:half], world, now)
        return first + self._commit(claim, outcomes[half:], world, now)

    def _set_aside(self, claim: Claim, faults: Mapping[int, str], now: datetime) -> None:
        if faults:
            with self.db.begin() as c:
                set_aside(c, claim, faults, now + SET_ASIDE)

    def _give_back(self, claim: Claim) -> None:
        try:
            with self.db.begin() as c:
                release(c, claim)
        except (DatabaseProblem, OperationalError):
            log.warning("the database is away: what was claimed is due again when its lease ends")


def decide_all(world: World, loaded: Mapping[int, Loaded], now: datetime) -> tuple[list[Outcome], dict[int, str]]:
    """Decide each contact in memory; those whose decision failed come apart, with a sentence."""
    outcomes: list[Outcome] = []
    faults: dict[int, str] = {}
    for who, contact in loaded.items():
        try:
            done = consume(world, contact.state, contact.pending, now)
        except Exception as error:
            log.exception("contact %s could not be decided", contact.state.key)
            faults[who] = f"cannot be decided: {type(error).__name__}: {error}"
            continue
        outcomes.append(Outcome(who, contact.state, done.after, done.events, done.decisions))
    return outcomes, faults
