"""One round of the outbox: prepare a batch, hand it over, write down what came of it.

    prepare (thread)           send (this loop, all connections at once)         record (thread)
    claim -> may_send ->       transport, may_go just before each final dot  ->  states, attempts and events
    compose -> intents                                                           in one transaction

Every step run twice changes nothing: what has an intent is not claimed again, and a result is only written by whoever
still holds the message.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from nurture.delivery.compose import Composer
from nurture.delivery.last_look import Halted, LastLook, never_halted
from nurture.delivery.library import Library
from nurture.delivery.outcomes import WHEN_STOPPED, result_of
from nurture.delivery.prepare import Batch, Preparation, Ready
from nurture.providers.transport import Transport
from nurture.storage import results
from nurture.storage.database import Database
from nurture.storage.results import Result, commit_results, recover_stale


@dataclass(frozen=True, slots=True)
class Report:
    """What one round did; `claimed` is their sum unless another worker took something over."""

    claimed: int = 0
    sent: int = 0
    withheld: int = 0
    refused: int = 0
    retried: int = 0
    unknown: int = 0

    def __add__(self, other: "Report") -> "Report":
        return Report(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


class Delivery:
    """The outbox of one worker. `run_once` is not for two tasks at once; several workers have a `Delivery` each."""

    def __init__(
        self,
        db: Database,
        library: Callable[[], Library],
        transport: Transport,
        composer: Composer,
        *,
        batch_size: int = 500,
        lease: timedelta = timedelta(minutes=5),
        halted: Halted = never_halted,
    ) -> None:
        """`library` answers with the authors' files as they are now; it is called in a thread, once a batch."""
        self._db = db
        self._transport = transport
        self._halted = halted
        self._preparation = Preparation(db, library, composer, batch_size=batch_size, lease=lease, halted=halted)

    async def run_once(self, now: datetime) -> Report:
        """Deliver one batch of what is due. DatabaseProblem: nothing was sent that no intent stands for."""
        batch = await asyncio.to_thread(self._preparation.prepare, now)
        if batch is None:
            return Report()
        try:
            await self._hand_over(batch, now)
        finally:
            # Also when the worker is told to stop: what is known by now must not become "unknown".
            written = await asyncio.shield(asyncio.to_thread(self._record, batch, now))
        return _report(batch, written)

    async def recover(self, now: datetime) -> int:
        """Own up to intents of workers that vanished: those messages may have gone out. Answers how many."""
        return await asyncio.to_thread(self._recover, now)

    async def _hand_over(self, batch: Batch, now: datetime) -> None:
        waiting = iter(batch.ready)
        look = LastLook(self._db, {ready.row.key for ready in batch.ready}, self._halted)
        watch = asyncio.create_task(look.watch())
        hands = min(self._transport.capabilities.connections, len(batch.ready))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(hands):
                    group.create_task(self._send(waiting, batch, look, now))
        finally:
            watch.cancel()
            batch.settled += [results.Deferred(r.row.key, now + WHEN_STOPPED, "The worker stopped.") for r in waiting]

    async def _send(self, waiting: Iterator[Ready], batch: Batch, look: LastLook, now: datetime) -> None:
        for ready in waiting:
            outcome = await self._transport.send(ready.message, look.may_go)
            look.gone(ready.row.key)
            batch.settled.append(result_of(outcome, ready.row, look, now))

    def _record(self, batch: Batch, now: datetime) -> Sequence[Result]:
        with self._db.begin() as c:
            written = commit_results(c, batch.token, batch.settled, now)
        return [result for result in batch.settled if result.key in written]

    def _recover(self, now: datetime) -> int:
        with self._db.begin() as c:
            return recover_stale(c, now)


def _report(batch: Batch, written: Sequence[Result]) -> Report:
    report = Report(claimed=batch.claimed)
    for result in written:
        report += _counted(result)
    return report


def _counted(result: Result) -> Report:
    match result:
        case results.Accepted():
            return Report(sent=1)
        case results.HeldBack():
            return Report(withheld=1)
        case results.TurnedDown():
            return Report(refused=1)
        case results.Deferred():
            return Report(retried=1)
        case results.NotKnown():
            return Report(unknown=1)
        case _:
            assert_never(result)
