"""The worker: receipts become events, events and timers become decisions, decisions become mails, until nothing is due.

Several workers may run at once, in one process or on many machines; the leases keep them apart. `settle` runs some of
them phase by phase to a standstill at one instant: what virtual time needs, and one worker's tick in production.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from nurture.clock import Clock
from nurture.delivery.deliver import Delivery
from nurture.engine.deciding import Decided, Decider
from nurture.engine.worlds import NothingApplied
from nurture.storage.database import DatabaseProblem

log = logging.getLogger(__name__)

POLL = 1.0
"""Seconds between two looks when nobody wakes the worker."""

AFTER_TROUBLE = 5.0
"""Seconds to leave a database in peace that did not answer."""


class Sorts(Protocol):
    """Turns receipts into events: answers how many were looked at."""

    def run_once(self, now: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class Worker:
    """Does one process's share. Its parts hold no state between two calls.

    With several `hands` it decides for one set of contacts while another is at the database.
    """

    sorter: Sorts
    decider: Decider
    delivery: Delivery
    hands: int = 1

    async def sort(self, now: datetime) -> int:
        """Sort every receipt that is there."""
        return await _until_none(lambda: asyncio.to_thread(self.sorter.run_once, now))

    async def decide(self, now: datetime) -> int:
        """Decide for every contact that is due."""

        async def once() -> int:
            done: Decided = await asyncio.to_thread(self.decider.run_once, now)
            return done.contacts + done.faults

        return sum(await asyncio.gather(*(_until_none(once) for _ in range(self.hands))))

    async def deliver(self, now: datetime) -> int:
        """Send every message that is due."""
        return (await self.delivery.run_all(now)).claimed


async def settle(workers: Sequence[Worker], now: datetime) -> int:
    """Run the workers until nothing is due at `now`; answers how much was done.

    All finish a phase before any begins the next, so that a contact's inputs of one instant meet in one decision and the
    journal does not depend on how many workers there are.
    """
    total = 0
    while True:
        done = 0
        for phase in (Worker.sort, Worker.decide, Worker.deliver):
            done += sum(await asyncio.gather(*(phase(worker, now) for worker in workers)))
        if not done:
            return total
        total += done


async def run(
    workers: Sequence[Worker],
    clock: Clock,
    wake: asyncio.Event,
    stop: asyncio.Event,
    watch: Callable[[datetime], None] | None = None,
) -> None:
    """Work until `stop` is set; look at once when woken, else every second. A database away is waited for.

    `watch` is shown each reading of the clock before it is acted upon.
    """
    while not stop.is_set():
        pause = POLL
        wake.clear()  # before looking: whoever wakes during the look is heard after it
        try:
            now = await asyncio.to_thread(clock.now)
            if watch is not None:
                await asyncio.to_thread(watch, now)
            await settle(workers, now)
        except NothingApplied:
            pass
        except DatabaseProblem as problem:
            log.warning("%s", problem)
            pause = AFTER_TROUBLE
        await _first_of(wake, stop, pause)


async def _until_none(once: Callable[[], Awaitable[int]]) -> int:
    total = 0
    while done := await once():
        total += done
    return total


async def _first_of(wake: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    waits = [asyncio.create_task(wake.wait()), asyncio.create_task(stop.wait())]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in waits:
        task.cancel()
