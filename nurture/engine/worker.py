"""The worker: receipts become events, events and timers become decisions, decisions become mails, until nothing is due.

Several workers may run at once, in one process or on many machines; the leases keep them apart. `settle` runs some of
them phase by phase to a standstill at one instant, as virtual time needs it; `running.py` keeps all phases going at once,
as production does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from nurture.delivery.deliver import Delivery
from nurture.engine.deciding import Decided, Decider
from nurture.engine.hearing import Hearing

Time: TypeAlias = Callable[[], datetime]
"""Business time, read for each set of work, so that a long backlog is not worked off by the hour at which it began."""

Told: TypeAlias = Callable[[], None]
"""Called whenever something was done, from the event loop."""


class Sorts(Protocol):
    """Turns receipts into events: answers how many were looked at."""

    def run_once(self, now: datetime) -> int: ...


def nobody() -> None:
    """Where nobody wants to be told."""


def nothing_is_coming() -> bool:
    """Where what is due is all that there is."""
    return False


@dataclass(frozen=True, slots=True)
class Worker:
    """Does one process's share. Its parts hold no state between two calls.

    With several `hands` it decides for one set of contacts while another is at the database.
    """

    sorter: Sorts
    decider: Decider
    delivery: Delivery
    hands: int = 1

    async def sort(self, time: Time, told: Told = nobody) -> int:
        """Sort every receipt that is there."""
        return await _until_none(lambda: asyncio.to_thread(lambda: self.sorter.run_once(time())), told)

    async def decide(self, time: Time, told: Told = nobody) -> int:
        """Decide for every contact that is due."""

        def look() -> int:
            done: Decided = self.decider.run_once(time())
            return done.contacts + done.faults

        hands = (_until_none(lambda: asyncio.to_thread(look), told) for _ in range(self.hands))
        return sum(await asyncio.gather(*hands))

    async def deliver(
        self,
        time: Time,
        told: Told = nobody,
        more_to_come: Callable[[], bool] = nothing_is_coming,
        *,
        at_once: bool = False,
    ) -> int:
        """Send every message that is due. `more_to_come`: what is due now is not the whole backlog. `at_once`: what comes of
        them is decided on as it is written down."""
        hears = (lambda states: Hearing(self.decider.world(), states, time()).tell) if at_once else None
        return (await self.delivery.run_on(time, told, more_to_come, hears)).claimed


async def settle(workers: Sequence[Worker], now: datetime) -> int:
    """Run the workers until nothing is due at `now`; answers how much was done.

    All finish a phase before any begins the next, so that a contact's inputs of one instant meet in one decision and the
    journal does not depend on how many workers there are.
    """
    total = 0
    while True:
        done = 0
        for phase in (Worker.sort, Worker.decide, Worker.deliver):
            done += sum(await asyncio.gather(*(phase(worker, lambda: now) for worker in workers)))
        if not done:
            return total
        total += done


async def _until_none(once: Callable[[], Awaitable[int]], told: Told) -> int:
    total = 0
    while done := await once():
        total += done
        told()
    return total
