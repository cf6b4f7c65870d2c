"""After a crash: what a dead worker's flight log tells of its last batch, written as if the worker had done it."""

import logging
from datetime import datetime

from nurture.delivery.flights import Flights, Told
from nurture.storage.database import Database
from nurture.storage.doubts import held_under, settle_vanished
from nurture.storage.results import Deferred, NotKnown, Result

log = logging.getLogger(__name__)

NEVER_WENT = "The worker that had it was killed before it left."
WENT = "The worker that had it was killed after it went."


def recover_flights(db: Database, flights: Flights, now: datetime) -> int:
    """Settle what dead workers of this machine left; answers how many messages. Doing it twice changes nothing.

    What had not gone is sent again at once; what had gone without an answer is looked into. Nobody's lease is waited for:
    the lock on the log proves that its worker is dead. A log of before the last boot tells nothing, and its batch waits
    for its lease as that of another machine does. DatabaseProblem: the logs stay.
    """
    found = 0
    for token, told in flights.left_behind():
        if told is not None:
            found += _recover(db, token, told, now)
    return found


def _recover(db: Database, token: int, told: Told, now: datetime) -> int:
    with db.begin() as c:
        settled = settle_vanished(c, token, [_result(key, told, now) for key in held_under(c, token)], now)
    if settled:
        log.warning("a worker was killed: %d messages of its last batch are settled from its log", settled)
    return settled


def _result(key: str, told: Told, now: datetime) -> Result:
    known = told.came.get(key)
    if known is not None:
        return known
    return NotKnown(key, WENT, now) if key in told.going else Deferred(key, now, NEVER_WENT)
