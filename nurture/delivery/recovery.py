"""After a crash or a standstill: what a worker's flight log tells of its last batch, written as if the worker had done it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from nurture.delivery.flights import Flights, Told
from nurture.storage.database import Database
from nurture.storage.doubts import held_under, overdue_tokens, settle_overdue, settle_vanished
from nurture.storage.results import Deferred, NotKnown, Result

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fate:
    """What happened to a worker, and how what it held is settled then."""

    what: str
    settle: Callable[[Connection, int, Sequence[Result], datetime], int]


KILLED = Fate("was killed", settle_vanished)
STOOD_STILL = Fate("stood still beyond its lease", settle_overdue)


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
            found += _recover(db, token, told, KILLED, now)
    return found + _take_overdue(db, flights, now)


def _take_overdue(db: Database, flights: Flights, now: datetime) -> int:
    """Workers that live, yet stood still: from here on they let nothing of these batches go."""
    with db.read() as c:
        tokens = overdue_tokens(c)
    taken = {token: told for token in tokens if (told := flights.take(token)) is not None}
    return sum(_recover(db, token, told, STOOD_STILL, now) for token, told in taken.items())


def _recover(db: Database, token: int, told: Told, fate: Fate, now: datetime) -> int:
    with db.begin() as c:
        results = [_result(key, parcel, told, fate, now) for key, parcel in held_under(c, token)]
        settled = fate.settle(c, token, results, now)
    if settled:
        log.warning("a worker %s: %d messages of its last batch are settled from its log", fate.what, settled)
    return settled


def _result(key: str, parcel: str | None, told: Told, fate: Fate, now: datetime) -> Result:
    known = told.came.get(key)
    if known is not None:
        return known
    if (parcel or key) in told.going:
        return NotKnown(key, f"The worker that had it {fate.what} after it went.", now)
    return Deferred(key, now, f"The worker that had it {fate.what} before it left.")
