"""The first half of a delivery: from the outbox to intents that are committed. Database and composing, no network."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from nurture.clock import passing
from nurture.content.bounded import NoCompiler
from nurture.content.branching import Undecided
from nurture.core.gates import GO, Keep, Verdict, may_send
from nurture.core.words import Gate
from nurture.core.world import World
from nurture.delivery.batch import Batch
from nurture.delivery.brakes import Gate as Brakes
from nurture.delivery.brakes import Held, campaign_of
from nurture.delivery.budgets import NO_BUDGETS
from nurture.delivery.compose import Composed, Composer, Sources
from nurture.delivery.doubt import NO_ANSWER, Way, doubt_of, policy_of, settling, way
from nurture.delivery.flights import Flights
from nurture.delivery.flow import Flow, Wait
from nurture.delivery.last_look import Halted
from nurture.delivery.library import Library
from nurture.delivery.parcels import Packing, gathered, has_parcel, undivided
from nurture.delivery.specs import CannotCompose
from nurture.providers.transport import Capabilities
from nurture.storage.compositions import store_compositions
from nurture.storage.contacts import addresses_of
from nurture.storage.database import Database, DatabaseProblem
from nurture.storage.hand_offs import find_hand_off
from nurture.storage.load import Loaded, load_contacts
from nurture.storage.outbox import OutboxClaim, OutboxRow, claim_outbox, commit_intents, release_outbox
from nurture.storage.parcels import leave_out
from nurture.storage.put_offs import PutOff, put_off
from nurture.storage.results import CAME_BACK, Accepted, Deferred, HeldBack, LeftOpen, Result
from nurture.storage.threads import load_threads
from nurture.storage.words import Purpose

log = logging.getLogger(__name__)

UNDECIDED = timedelta(minutes=5)
AFTER_TROUBLE = timedelta(minutes=1)
SHOWN = 500
ROUNDS = 3
"""How often a batch is gone through: mails that branch are decided after the first, subjects they answer after the second."""
CLAIMS = 20
"""How many claims in a row may be put aside whole before the worker looks whether it is to stop."""


class Preparation:
    """Prepares batches, one at a time."""

    def __init__(
        self,
        db: Database,
        library: Callable[[], Library],
        composer: Composer,
        *,
        lease: timedelta,
        halted: Halted,
        gate: Brakes,
        can: Capabilities,
        flights: Flights | None = None,
        flow: Flow | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        passing: Callable[[], float] = passing,
    ) -> None:
        self._db = db
        self._library = library
        self._composer = composer
        self._lease = lease
        self._halted = halted
        self._gate = gate
        self._can = can
        self._flights = flights
        self._flow = flow
        self._monotonic = monotonic
        self._passing = passing
        self._stored: set[str] = set()
        self._in_vain: list[OutboxClaim] = []  # given up, which the database does not know yet

    def prepare(self, now: datetime, most: int, *, is_all: bool = True) -> Batch | None:
        """Claim what is due, `most` of it at once, ask whether it may go, compose it, commit the intents.

        None: nothing to do, or halted, or nothing may go yet. `is_all`: nobody is making more of it just now, so that a
        claim which finds less has found the end of a backlog.
        """
        while self._in_vain:
            self._give_up(self._in_vain[-1], now)
            self._in_vain.pop()
        claim = self._claim(now, most, is_all) if most else None
        if claim is None or not claim.rows:
            return None
        batch = Batch(claim.token, len(claim.rows), now)
        try:
            left = _open(claim, batch)
            worth = left.rows if self._flow is None else self._worth(self._flow, left.rows, batch, now)
            worth = undivided(left, worth, batch, self._can)
            packing = Packing(batch, self._can)
            composed = packing.sort_out(worth, self._compose(worth, batch, now))
            batch.flight = self._flights.open(claim.token) if self._flights is not None and composed else None
            self._commit(batch, packing, composed, now)
        except BaseException:
            self._give_back(claim, now)
            if batch.flight is not None:
                batch.flight.abandon()  # where the database was not told either, the log tells that nothing went
            raise
        return batch

    def _claim(self, now: datetime, most: int, is_all: bool) -> OutboxClaim | None:
        """What is left of a claim once the brakes and budgets have put aside what must wait."""
        for _ in range(CLAIMS):
            with self._db.begin() as c:
                held = self._halted(c)
                if held.everything:
                    return None
                claim = claim_outbox(c, now, most, self._lease)
                if self._flow is not None:
                    self._flow.claimed(len(claim.rows), most if is_all else len(claim.rows))
                if not claim.rows:
                    return None
                claim = self._sifted(c, claim, held, now)
            if claim.rows:
                return claim
        return None

    def _sifted(self, c: Connection, claim: OutboxClaim, held: Held, now: datetime) -> OutboxClaim:
        """What may go on; of a request in doubt all of it, which was counted against the budgets when it first went."""
        claim = self._gate.sift(c, claim, held, lambda: self._library().world, now)
        if self._can.parcels is None:
            return claim
        gate = replace(self._gate, budgets=NO_BUDGETS)
        return gathered(c, claim, lambda more: gate.sift(c, more, held, lambda: self._library().world, now), now)

    def _give_back(self, claim: OutboxClaim, now: datetime) -> None:
        """Nothing of it has left; a database that is away is told as soon as it is back."""
        try:
            self._give_up(claim, now)
        except DatabaseProblem:
            self._in_vain.append(claim)

    def _give_up(self, claim: OutboxClaim, now: datetime) -> None:
        """Also where the answer to the commit of the intents was lost: they stand, and are no attempts."""
        until = now + AFTER_TROUBLE
        vain = [PutOff(row.key, until, "The batch could not be prepared.", row.state) for row in claim.rows]
        with self._db.begin() as c:
            release_outbox(c, claim.token)
            put_off(c, claim.token, vain)

    def _worth(self, flow: Flow, rows: Sequence[OutboxRow], batch: Batch, now: datetime) -> Sequence[OutboxRow]:
        """Those that may go just now; the others wait, and are due later for every worker."""
        told = flow.waits(row.address for row in rows)
        batch.waiting = [waits(row, wait, now) for row, wait in zip(rows, told, strict=True) if wait is not None]
        return [row for row, wait in zip(rows, told, strict=True) if wait is None]

    def _compose(self, rows: Sequence[OutboxRow], batch: Batch, now: datetime) -> list[tuple[OutboxRow, Composed]]:
        """Those that can be made and may go; what became of the others is in `batch.settled`."""
        with self._db.read() as c:
            contacts = load_contacts(c, {row.contact_id for row in rows}, now)
            sources = _sources(c, rows)
        batch.states = {who: contact.state for who, contact in contacts.items()}
        library = self._library()
        batch.policy = partial(policy_of, library.world)
        composed: list[tuple[OutboxRow, Composed]] = []
        left = [(row, contacts[row.contact_id]) for row in rows if row.contact_id in contacts]  # else erased since
        trouble = "Other mails of its kind took too long; it is made with the next."
        for rounds_left in reversed(range(ROUNDS)):
            undecided: list[Undecided] = []
            again: list[tuple[OutboxRow, Loaded]] = []
            for row, contact in left:
                made = self._made(library, row, contact, sources, now)
                if isinstance(made, Composed):
                    composed.append((row, made))
                elif isinstance(made, Undecided):
                    undecided.append(made)
                    again.append((row, contact))
                elif isinstance(made, OutboxRow):
                    batch.searches.append(made)
                else:
                    batch.settled.append(made)
            left = again
            if not (undecided and rounds_left):
                break
            try:
                self._composer.decide(undecided)
            except NoCompiler as why:
                trouble = str(why)
                break
        batch.settled += [Deferred(row.key, now + AFTER_TROUBLE, trouble) for row, _ in left]
        return composed

    def _made(
        self, library: Library, row: OutboxRow, contact: Loaded, sources: Sources, now: datetime
    ) -> Composed | Undecided | OutboxRow | Result:
        try:
            found = self._looked_into(library, row, contact, sources, now) if row.doubts else None
            return found or self._one(library, row, contact, sources, now)
        except Undecided as undecided:
            return undecided

    def _looked_into(
        self, library: Library, row: OutboxRow, contact: Loaded, sources: Sources, now: datetime
    ) -> Composed | OutboxRow | Result:
        """What is to be done about a message in doubt: the same bytes again, a search, or a sentence."""
        doubt = doubt_of(row, policy_of(library.world, row), now)
        match way(self._can, doubt, now):
            case Way.LEAVE:
                return LeftOpen(row.key, None, NO_ANSWER)
            case Way.SEARCH:
                settled_at = doubt.since + settling(self._can)
                return row if settled_at <= now else LeftOpen(row.key, settled_at, "The provider is asked later.")
            case Way.REPEAT:
                made = self._one(library, row, contact, sources, now)
        if isinstance(made, Composed) and (row.intent is None or row.intent.sha256 != made.intent.sha256):
            return LeftOpen(row.key, None, f"It would not be the same message any more. {NO_ANSWER}")
        return made

    def _one(
        self, library: Library, row: OutboxRow, contact: Loaded, sources: Sources, now: datetime
    ) -> Composed | Result:
        if contact.pending:
            # The engine decides first; only a contact it cannot decide gets this far.
            return Deferred(row.key, now + UNDECIDED, "What happened to the contact could not be decided yet.")
        try:
            verdict = _verdict(library.world, row, contact, now)
            if isinstance(verdict, Keep):
                return HeldBack(row.key, verdict.gate, verdict.until)
            return self._composer.compose(library, row, contact.state, sources, _date(row, now))
        except NoCompiler as trouble:  # the machine's, and no strike against the contact or the template
            return Deferred(row.key, now + AFTER_TROUBLE, str(trouble))
        except CannotCompose as problem:
            return HeldBack(row.key, Gate.FAULT, None, str(problem)[:SHOWN])
        except Undecided:
            raise
        except Exception as error:  # a fault of ours stops this message, not the batch
            log.exception("message %s could not be composed", row.key)
            return HeldBack(row.key, Gate.FAULT, None, f"{type(error).__name__}: {error}"[:SHOWN])

    def _commit(
        self, batch: Batch, packing: Packing, composed: Sequence[tuple[OutboxRow, Composed]], now: datetime
    ) -> None:
        """In one transaction: the compositions, the intents, and a last look at the suppressions and the switch."""
        batch.committed_at = self._passing()
        deadline = self._monotonic() + self._lease.total_seconds()
        new = {made.compiled.name: made.compiled for _, made in composed if made.is_shared}
        new = {name: compiled for name, compiled in new.items() if name not in self._stored}
        with self._db.begin() as c:
            held = self._halted(c)
            if held.everything:
                release_outbox(c, batch.token)
                return
            composed = packing.fix(_let_go(held, batch, composed, now))
            store_compositions(c, [(name, compiled.skeleton.to_json()) for name, compiled in new.items()])
            intents, is_wide = [made.intent for _, made in composed], any(has_parcel(*one) for one in composed)
            permits = commit_intents(c, batch.token, intents, lease=self._lease, parcels=is_wide)
            packing.hold_back(composed, permits.suppressed)
            leave_out(c, batch.token, packing.out_of_parcels())
        self._stored |= new.keys()
        packing.finish(composed, permits.go, deadline)


def _open(claim: OutboxClaim, batch: Batch) -> OutboxClaim:
    """Without messages in doubt that something came back about while they were last in hand: they were sent."""
    sent = {row.key: row.seen_at for row in claim.rows if row.doubts and row.seen_at is not None}
    if not sent:
        return claim
    batch.settled += [Accepted(key, seen_at, CAME_BACK) for key, seen_at in sent.items()]
    return replace(claim, rows=tuple(row for row in claim.rows if row.key not in sent))


def _date(row: OutboxRow, now: datetime) -> datetime:
    """A message has the date of its first intent, however often it is tried: that is part of its bytes."""
    return now if row.intent is None else row.intent.date


def waits(row: OutboxRow, wait: Wait, now: datetime) -> PutOff:
    """The message as it was claimed, due again when it is worth trying."""
    return PutOff(row.key, now + timedelta(seconds=wait.seconds), wait.why, row.state)


def braked(row: OutboxRow, now: datetime) -> PutOff:
    """The message as it was claimed, due at once: the next claim puts it aside until the brake is released."""
    return PutOff(row.key, now, "A brake came on.", row.state)


def _let_go(
    held: Held, batch: Batch, composed: Sequence[tuple[OutboxRow, Composed]], now: datetime
) -> Sequence[tuple[OutboxRow, Composed]]:
    """Without those whose campaign was paused since the claim: they go back to the queue, as they came."""
    if not held.campaigns:
        return composed
    paused = sorted((braked(row, now) for row, _ in composed if held.keeps(campaign_of(row))), key=lambda one: one.key)
    batch.waiting += paused
    keys = {one.key for one in paused}
    return [(row, made) for row, made in composed if row.key not in keys]


def _verdict(world: World, row: OutboxRow, contact: Loaded, now: datetime) -> Verdict:
    """Notices bypass cadence; what bars them is read with the intent."""
    if row.purpose is not Purpose.TOUCH:
        return GO
    touch = contact.state.touches.get(row.key)
    if touch is None or (touch.campaign, row.version) not in world.programs:
        return Keep(Gate.WITHDRAWN)
    return may_send(world, contact.state, touch, now)


def _sources(c: Connection, rows: Sequence[OutboxRow]) -> Sources:
    threads = load_threads(c, {row.thread for row in rows if row.thread is not None})
    wanted = sorted({row.subject for row in rows if row.purpose is Purpose.HAND_OFF})
    found = {key: find_hand_off(c, key) for key in wanted}
    about = {row.contact_id for row in rows if row.purpose is Purpose.NOTIFY}
    addresses = addresses_of(c, about) if about else {}
    return Sources(threads, {key: prospect for key, prospect in found.items() if prospect is not None}, addresses)
