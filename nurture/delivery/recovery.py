"""After a crash or a standstill: what a worker's flight log tells of its last batch, written as if the worker had done it."""

import logging
from datetime import datetime

from nurture.delivery.flights import Flights, Told
from nurture.storage.database import Database
from nurture.storage.doubts import held_under, overdue_tokens, settle_overdue, settle_vanished
from nurture.storage.results import Deferred, NotKnown, Result

log = logging.getLogger(__name__)

NEVER_WENT = "The worker that had it was killed before it left."
WENT = "The worker that had it was killed after it went."
STOOD_STILL = "The worker that had it stood still beyond its lease, before it left."
WENT_AND_STOOD_STILL = "The worker that had it stood still beyond its lease, after it went."


def recover_flights(db: Database, flights: Flights, now: datetime) -> int:
    """Settle what dead workers of this machine left, and what those that live hold beyond their lease.

    Answers how many messages. Doing it twice changes nothing. What had not gone is sent again at once; what had gone
    without an answer is looked into. Of the dead nobody's lease is waited for: the lock on the log proves it. A log of
    before the last boot tells nothing, and its batch waits for its lease as that of another machine does.
    DatabaseProblem: the logs stay.
    """
    found = 0
    for token, told in flights.left_behind():
        if told is not None:
            found += _recover(db, token, told, now)
    return found + _take_overdue(db, flights, now)


def _take_overdue(db: Database, flights: Flights, now: datetime) -> int:
    """Workers that live, yet stood still: from here on they let nothing of these batches go."""
    with db.read() as c:
        tokens = overdue_tokens(c)
    taken = {token: told for token in tokens if (told := flights.take(token)) is not None}
    return sum(_take(db, token, told, now) for token, told in taken.items())


def _take(db: Database, token: int, told: Told, now: datetime) -> int:
    with db.begin() as c:
        results = [_result(key, told, now, STOOD_STILL, WENT_AND_STOOD_STILL) for key in held_under(c, token)]
        settled = settle_overdue(c, token, results, now)
    if settled:
        log.warning("a worker stood still beyond its lease: %d messages were taken from it", settled)
    return settled


def _recover(db: Database, token: int, told: Told, now: datetime) -> int:
    with db.begin() as c:
        results = [_result(key, told, now, NEVER_WENT, WENT) for key in held_under(c, token)]
        settled = settle_vanished(c, token, results, now)
    if settled:
        log.warning("a worker was killed: %d messages of its last batch are settled from its log", settled)
    return settled


def _result(key: str, told: Told, now: datetime, never_went: str, went: str) -> Result:
    known = told.came.get(key)
    if known is not None:
        return known
    return NotKnown(key, went, now) if key in told.going else Deferred(key, now, never_went)
