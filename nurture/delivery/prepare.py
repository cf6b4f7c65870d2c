"""The first half of a delivery: from the outbox to intents that are committed. Database and composing, no network."""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from nurture.content.bounded import NoCompiler
from nurture.core.gates import GO, Keep, Verdict, may_send
from nurture.core.words import Gate
from nurture.core.world import World
from nurture.delivery.compose import Composed, Composer, Sources
from nurture.delivery.last_look import Halted
from nurture.delivery.library import Library
from nurture.delivery.specs import CannotCompose
from nurture.providers.transport import Outgoing
from nurture.storage.compositions import store_compositions
from nurture.storage.database import Database, DatabaseProblem
from nurture.storage.hand_offs import find_hand_off
from nurture.storage.load import Loaded, load_contacts
from nurture.storage.outbox import OutboxClaim, OutboxRow, claim_outbox, commit_intents, release_outbox
from nurture.storage.results import Deferred, HeldBack, Result, commit_results
from nurture.storage.threads import load_threads
from nurture.storage.words import Purpose

log = logging.getLogger(__name__)

UNDECIDED = timedelta(minutes=5)
AFTER_TROUBLE = timedelta(minutes=1)
SHOWN = 500


@dataclass(frozen=True, slots=True)
class Ready:
    """One message whose intent is committed."""

    row: OutboxRow
    message: Outgoing


@dataclass
class Batch:
    """What was claimed, and what is known of it so far. `settled` need not be sent any more.

    A message leaves `ready` when it is handed over, so that its bytes are forgotten as soon as it is gone.
    `committed_at` is the instant of `time.monotonic()` at which the intents, and with them the suppressions, were read.
    """

    token: int
    claimed: int
    ready: deque[Ready] = field(default_factory=deque)
    settled: list[Result] = field(default_factory=list)
    committed_at: float = 0.0


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
    ) -> None:
        self._db = db
        self._library = library
        self._composer = composer
        self._lease = lease
        self._halted = halted
        self._stored: set[str] = set()

    def prepare(self, now: datetime, most: int) -> Batch | None:
        """Claim what is due, `most` of it at once, ask whether it may go, compose it, commit the intents.

        None: nothing to do, or halted.
        """
        claim = self._claim(now, most)
        if claim is None or not claim.rows:
            return None
        batch = Batch(claim.token, len(claim.rows))
        try:
            composed = self._compose(claim, batch, now)
            self._commit(batch, composed)
        except BaseException:
            self._give_back(claim, now)
            raise
        return batch

    def _claim(self, now: datetime, most: int) -> OutboxClaim | None:
        with self._db.begin() as c:
            if self._halted(c):
                return None
            return claim_outbox(c, now, most, self._lease)

    def _give_back(self, claim: OutboxClaim, now: datetime) -> None:
        """Nothing of it has left, also where the answer to the commit of the intents was lost."""
        vain = [Deferred(row.key, now + AFTER_TROUBLE, "The batch could not be prepared.") for row in claim.rows]
        with suppress(DatabaseProblem), self._db.begin() as c:
            release_outbox(c, claim.token)
            commit_results(c, claim.token, vain, now)

    def _compose(self, claim: OutboxClaim, batch: Batch, now: datetime) -> list[tuple[OutboxRow, Composed]]:
        """Those that can be made and may go; what became of the others is in `batch.settled`."""
        with self._db.read() as c:
            contacts = load_contacts(c, {row.contact_id for row in claim.rows}, now)
            sources = _sources(c, claim.rows)
        library = self._library()
        composed: list[tuple[OutboxRow, Composed]] = []
        for row in claim.rows:
            contact = contacts.get(row.contact_id)
            if contact is None:
                continue  # erased since the claim, and its messages with it
            made = self._one(library, row, contact, sources, now)
            if isinstance(made, Composed):
                composed.append((row, made))
            else:
                batch.settled.append(made)
        return composed

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
            return self._composer.compose(library, row, contact.state, sources, now)
        except NoCompiler as trouble:  # the machine's, and no strike against the contact or the template
            return Deferred(row.key, now + AFTER_TROUBLE, str(trouble))
        except CannotCompose as problem:
            return HeldBack(row.key, Gate.FAULT, None, str(problem)[:SHOWN])
        except Exception as error:  # a fault of ours stops this message, not the batch
            log.exception("message %s could not be composed", row.key)
            return HeldBack(row.key, Gate.FAULT, None, f"{type(error).__name__}: {error}"[:SHOWN])

    def _commit(self, batch: Batch, composed: Sequence[tuple[OutboxRow, Composed]]) -> None:
        """In one transaction: the compositions, the intents, and a last look at the suppressions and the switch."""
        batch.committed_at = time.monotonic()
        deadline = batch.committed_at + self._lease.total_seconds()
        new = {made.compiled.name: made.compiled for _, made in composed if made.is_shared}
        new = {name: compiled for name, compiled in new.items() if name not in self._stored}
        with self._db.begin() as c:
            if self._halted(c):
                release_outbox(c, batch.token)
                return
            store_compositions(c, [(name, compiled.skeleton.to_json()) for name, compiled in new.items()])
            permits = commit_intents(c, batch.token, [made.intent for _, made in composed], lease=self._lease)
        self._stored |= new.keys()
        batch.ready.extend(Ready(row, _outgoing(made, deadline)) for row, made in composed if row.key in permits.go)
        batch.settled += [
            HeldBack(key, Gate.SUPPRESSED, None, ", ".join(sorted(reasons)))
            for key, reasons in permits.suppressed.items()
        ]


def _outgoing(made: Composed, deadline: float) -> Outgoing:
    return Outgoing(made.intent.key, made.mail_from, made.rcpt_to, made.data, deadline)


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
    return Sources(threads, {key: prospect for key, prospect in found.items() if prospect is not None})
