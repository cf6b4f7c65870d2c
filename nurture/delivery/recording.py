"""Writing down what came of a batch: what was sent is sent, so a database that is away is waited for."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from nurture.core.state import ContactState
from nurture.delivery.batch import Batch
from nurture.storage import results
from nurture.storage.database import Database, DatabaseProblem
from nurture.storage.inbox import post_events
from nurture.storage.parcels import regroup
from nurture.storage.put_offs import put_off
from nurture.storage.results import Result, Tell, commit_results

log = logging.getLogger(__name__)

AGAIN = (0.5, 1, *[2] * 20)
"""Seconds between the attempts to write down what was sent, while the database is away: long pauses would outlast it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one round did; `claimed` is their sum unless another worker took something over."""

    claimed: int = 0
    sent: int = 0
    withheld: int = 0
    refused: int = 0
    retried: int = 0
    unknown: int = 0
    waiting: int = 0

    def __add__(self, other: "Report") -> "Report":
        return Report(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


COUNTED: Mapping[type[Result], str] = {
    results.Accepted: "sent",
    results.HeldBack: "withheld",
    results.TurnedDown: "refused",
    results.Deferred: "retried",
    results.NotKnown: "unknown",
    results.LeftOpen: "unknown",
    results.NeverLeft: "retried",
}


Hears: TypeAlias = Callable[[Mapping[int, ContactState]], Tell]
"""Who decides on outcomes in the transaction that writes them: called before each, with the contacts as they were read for it."""


async def record(db: Database, batch: Batch, hears: Hears | None = None) -> Report:
    """Write down what came of the batch, and let go of its log: it is needed no more, unless something is in hand still.

    The contacts are decided for at once where somebody `hears`, and wait for it else.

    DatabaseProblem: it could not be written down, and what its log tells is all that is known.
    """
    try:
        report = await _recorded(db, batch, hears)
    except BaseException:
        if batch.flight is not None:
            batch.flight.abandon()
        raise
    if batch.flight is not None and batch.in_hand:
        batch.flight.abandon()  # the worker was told to stop in the midst of these: the log knows which had gone
    elif batch.flight is not None:
        batch.flight.done()
    return report


async def _recorded(db: Database, batch: Batch, hears: Hears | None) -> Report:
    for pause in AGAIN:
        try:
            return await asyncio.to_thread(_written, db, batch, hears)
        except DatabaseProblem:
            await asyncio.sleep(pause)
    return await asyncio.to_thread(_written, db, batch, None)


def _written(db: Database, batch: Batch, hears: Hears | None) -> Report:
    if hears is not None:
        try:
            return _write(db, batch, hears(batch.states))
        except DatabaseProblem:
            raise
        except Exception as reason:  # whatever it is, what was sent is written down
            log.warning("a batch is written down before it is decided on: %s: %s", type(reason).__name__, reason)
    return _write(db, batch, post_events)


def _write(db: Database, batch: Batch, tell: Tell) -> Report:
    with db.begin() as c:
        written = commit_results(c, batch.token, batch.settled, batch.now, tell)  # first: it locks contacts
        waiting = put_off(c, batch.token, batch.waiting)
        regroup(c, written, batch.apart, batch.back)
    return _report(batch, [result for result in batch.settled if result.key in written], len(waiting))


def _report(batch: Batch, written: Iterable[Result], waiting: int) -> Report:
    counts = Counter(COUNTED[type(result)] for result in written)
    return Report(claimed=batch.claimed, waiting=waiting, **counts)
