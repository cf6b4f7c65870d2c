"""Turns what was taken in into events of contacts, some hundred receipts at a time.

    claim -> read each (pure) -> match all to contacts (a few statements) -> post and settle in one commit

A receipt that cannot be read is kept with the sentence that says why. One that names a message nobody knows yet is parked
and looked at again for a week; it never makes a contact. Doing any of this twice changes nothing: events are named by what
they tell, so a repeated one is ignored.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from nurture.content.tokens import Tokens
from nurture.core.events import Event
from nurture.inbound.matching import Matches, match
from nurture.inbound.sources import Reading, read_receipt
from nurture.inbound.told import Told
from nurture.inbound.tracking import ToldHit
from nurture.providers.events import NotUnderstood as Unreadable
from nurture.storage.database import Database, DatabaseProblem
from nurture.storage.doubts import settle_by_sign
from nurture.storage.inbox import post_events
from nurture.storage.instance import instance
from nurture.storage.receipts import (
    NotUnderstood,
    Parked,
    ReceiptClaim,
    Settlement,
    Sorted,
    StoredReceipt,
    claim_receipts,
    settle_receipts,
    still_held,
)

BATCH: Final = 200
LEASE: Final = timedelta(minutes=2)
GIVE_UP: Final = timedelta(days=7)
LOOK_AGAIN: Final = timedelta(minutes=1)

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Read:
    """A receipt and what it tells; `problem` where it cannot be read."""

    stored: StoredReceipt
    told: Sequence[Told] = ()
    problem: str = ""


class Sorter:
    """Sorts the receipts of one database. Any number may run at once, in any number of processes."""

    def __init__(
        self, db: Database, tokens: Tokens, *, batch: int = BATCH, lease: timedelta = LEASE, own_tracking: bool = True
    ) -> None:
        self._db = db
        self._batch = batch
        self._lease = lease
        with db.read() as c:
            self._reading = Reading(tokens, instance(c).salt, own_tracking)

    def run_once(self, now: datetime) -> int:
        """Sort what is due by `now`; answers how many receipts were looked at, 0 when nothing is due."""
        with self._db.begin() as c:
            claim = claim_receipts(c, now, self._batch, self._lease)
        read = [self._read(stored) for stored in claim.receipts]
        if read:
            with self._db.read() as c:
                matches = match(c, [told.clues for one in read for told in one.told])
            self._post(claim, read, matches, now)
        return len(read)

    def _read(self, stored: StoredReceipt) -> _Read:
        try:
            return _Read(stored, tuple(read_receipt(stored, self._reading)))
        except Unreadable as why:
            return _Read(stored, problem=str(why))
        except Exception as why:  # one strange body must not keep its siblings from being sorted
            _LOG.exception("receipt %d could not be read", stored.id)
            return _Read(stored, problem=f"Reading it failed ({type(why).__name__}: {str(why)[:200]}).")

    def _post(self, claim: ReceiptClaim, read: Sequence[_Read], matches: Matches, now: datetime) -> None:
        """All in one commit; where that fails, in halves, until the one at fault stands alone."""
        try:
            with self._db.begin() as c:
                held = still_held(c, claim, [one.stored.id for one in read])
                ours = [one for one in read if one.stored.id in held]  # others were taken over, and are sorted there
                _post(c, ours, matches, now)
                settle_receipts(c, claim, [_settlement(one, matches, now) for one in ours], now)
        except DatabaseProblem:
            raise
        except Exception as why:
            if len(read) == 1:
                self._set_aside(claim, read[0], why, now)
                return
            half = len(read) // 2
            self._post(claim, read[:half], matches, now)
            self._post(claim, read[half:], matches, now)

    def _set_aside(self, claim: ReceiptClaim, one: _Read, why: Exception, now: datetime) -> None:
        _LOG.error("receipt %d could not be posted: %s", one.stored.id, why)
        problem = f"Its events could not be stored ({type(why).__name__}: {str(why)[:200]})."
        with self._db.begin() as c:
            settle_receipts(c, claim, [NotUnderstood(one.stored.id, problem)], now)


def _post(c: Connection, read: Sequence[_Read], matches: Matches, now: datetime) -> None:
    """Post with each event the instant at which its receipt came in; a message about which something came was sent."""
    posts = _events_by_instant(read, matches)
    signs, fetched = _signs(read, matches)
    settle_by_sign(c, signs, now, {who for events in posts.values() for who, _ in events}, fetched)
    for received_at, events in sorted(posts.items()):
        post_events(c, events, received_at)


def _signs(read: Sequence[_Read], matches: Matches) -> tuple[dict[str, datetime], set[str]]:
    """The messages that something came back about, each with the first instant; and of which nothing but their links was
    followed.
    """
    signs: dict[str, datetime] = {}
    told_of: set[str] = set()
    for one in read:
        for told in one.told:
            found = matches.find(told.clues)
            if found is not None and found.message:
                came_at = one.stored.received_at
                signs[found.message] = min(came_at, signs.get(found.message, came_at))
                if not isinstance(told, ToldHit):
                    told_of.add(found.message)
    return signs, signs.keys() - told_of


def _events_by_instant(read: Sequence[_Read], matches: Matches) -> Mapping[datetime, list[tuple[int, Event]]]:
    posts: dict[datetime, list[tuple[int, Event]]] = defaultdict(list)
    for one in read:
        for told in one.told:
            found = matches.find(told.clues)
            if found is not None:
                posts[one.stored.received_at] += ((found.contact_id, event) for event in told.events(found))
    return posts


def _settlement(one: _Read, matches: Matches, now: datetime) -> Settlement:
    if one.problem:
        return NotUnderstood(one.stored.id, one.problem)
    if all(matches.find(told.clues) for told in one.told):
        return Sorted(one.stored.id)
    last = one.stored.received_at + GIVE_UP
    if now >= last:
        return NotUnderstood(one.stored.id, "It is about a message that nobody knew within seven days.")
    # The wait doubles: a message whose send is being committed is known within a minute, others perhaps in days.
    until = min(now + max(LOOK_AGAIN, now - one.stored.received_at), last)
    return Parked(one.stored.id, until, "It is about a message that is not known yet.")
