"""What stands between a claimed message and its mail: brakes, an approval that is missing, budgets that are used up.

All brakes are one mechanism, a row that a person can read. A brake on everything lets nothing be claimed: neither touches
nor notices. A brake on a campaign keeps back its touches; notices go. An approval keeps back only those who entered the
campaign in the hour in which too many did, but for a small share of them (by a hash of campaign and contact) that goes
ahead, so that a mistake is seen in a few mailboxes. It waits for a person, however long: nobody's silence is consent.

What must wait is put aside, so that the claim after it finds others' messages; with no brake on and no budget set, a batch
costs one read of an empty index and, for the approval, a look at who entered lately.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from nurture.core.world import World
from nurture.delivery.budgets import NO_BUDGETS, Budgets
from nurture.storage.brakes import (
    EVERYTHING,
    Brake,
    are_more_than,
    brakes_on,
    hold_brakes,
    last_released,
    newcomers,
    park,
    put_on,
)
from nurture.storage.outbox import OutboxClaim, OutboxRow
from nurture.storage.words import BrakeKind, Purpose

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Held:
    """What may not be sent at this moment; true when there is anything."""

    everything: bool = False
    campaigns: frozenset[str] = frozenset()
    approvals: tuple[Brake, ...] = ()

    def __bool__(self) -> bool:
        return self.everything or bool(self.campaigns) or bool(self.approvals)

    def keeps(self, campaign: str) -> bool:
        """Whether mails of this campaign stand still (empty: a notice)."""
        return self.everything or campaign in self.campaigns


NOTHING_HELD = Held()


def read_brakes(c: Connection) -> Held:
    """What the brakes that are on hold: one statement."""
    return _held(brakes_on(c))


def _held(found: Sequence[Brake]) -> Held:
    if not found:
        return NOTHING_HELD
    approvals = tuple(brake for brake in found if brake.kind is BrakeKind.APPROVAL)
    others = frozenset(brake.campaign for brake in found if brake.kind is not BrakeKind.APPROVAL)
    return Held(EVERYTHING in others, others - {EVERYTHING}, approvals)


def campaign_of(row: OutboxRow) -> str:
    """The campaign whose brake holds the message; none for a notice."""
    return row.campaign if row.purpose is Purpose.TOUCH else ""


@dataclass(frozen=True, slots=True)
class Approval:
    """More than `above` contacts entering a campaign within an hour wait for a person; 0 means never.

    `share` of ten thousand go ahead.
    """

    above: int = 0
    share: int = 100


@dataclass(frozen=True, slots=True)
class Gate:
    """Sorts a claim into what goes on and what waits."""

    approval: Approval = Approval()
    budgets: Budgets = field(default_factory=lambda: NO_BUDGETS)

    def sift(
        self, c: Connection, claim: OutboxClaim, held: Held, world: Callable[[], World], now: datetime
    ) -> OutboxClaim:
        """The part of the claim that may go on, in the claim's own transaction; the rest is put aside."""
        if held:
            held = _held(hold_brakes(c))
        if self.approval.above:
            held = self._with_approvals(c, claim.rows, held, now)
        kept = _kept(c, claim.rows, held) if held else set()
        if kept:
            park(c, claim.token, kept)
            claim = replace(claim, rows=tuple(row for row in claim.rows if row.key not in kept))
        return self.budgets.take(c, claim, world, now) if self.budgets else claim

    def _with_approvals(self, c: Connection, rows: Sequence[OutboxRow], held: Held, now: datetime) -> Held:
        waiting = {brake.campaign for brake in held.approvals} | held.campaigns
        campaigns = sorted({row.campaign for row in rows if row.purpose is Purpose.TOUCH} - waiting)
        if not campaigns:
            return held
        approved = last_released(c, {BrakeKind.APPROVAL})
        for campaign in campaigns:
            since = max(now - HOUR, approved.get(campaign, now - HOUR))
            if are_more_than(c, campaign, since, self.approval.above):
                held = self._ask(c, campaign, since, held, now)
        return held

    def _ask(self, c: Connection, campaign: str, since: datetime, held: Held, now: datetime) -> Held:
        why = (
            f"More than {self.approval.above:,} contacts entered {campaign} within an hour: "
            f"{self.approval.share / 100:g} % of them are written to, the others once it is approved."
        )
        brake = Brake(campaign, BrakeKind.APPROVAL, now, "nurture", why, since, self.approval.share)
        if put_on(c, brake):
            log.warning("%s `nurture approve %s` lets them go.", why, campaign)
        return replace(held, approvals=(*held.approvals, brake))


def _kept(c: Connection, rows: Sequence[OutboxRow], held: Held) -> set[str]:
    """The keys of what must wait for a campaign's brake; one on all mail is heeded where the intents are committed."""
    touches = [row for row in rows if row.purpose is Purpose.TOUCH]
    kept = {row.key for row in touches if row.campaign in held.campaigns}
    for brake in held.approvals:
        theirs = [row for row in touches if row.campaign == brake.campaign and not goes_ahead(brake, row.contact_key)]
        if theirs and brake.starts is not None:
            new = newcomers(c, brake.campaign, brake.starts, {row.contact_id for row in theirs})
            kept |= {row.key for row in theirs if row.contact_id in new}
    return kept


def goes_ahead(brake: Brake, contact_key: str) -> bool:
    """Whether the contact is of the share that does not wait: the same on every machine and every day."""
    digest = hashlib.sha256(f"{brake.campaign}:{contact_key}".encode()).digest()
    return int.from_bytes(digest[:4]) % WHOLE < brake.share
