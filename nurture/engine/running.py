"""Production's loop: each phase of each worker goes on by itself, and rings for the one that has work because of it.

    receipts --> sort --ring--> decide --ring--> deliver --ring--.
                                   ^----------------^------------'

So nobody's reply waits until a backlog of mails is sent, a slow mail server does not keep decisions waiting, and while
one phase waits for the database or the network another has the processor. A phase looks when it is rung for, when the
process is woken, and every second in any case: what other processes leave behind is found that way.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from nurture.clock import Clock
from nurture.engine.worker import Worker
from nurture.engine.worlds import NothingApplied
from nurture.storage.database import DatabaseProblem

log = logging.getLogger(__name__)

POLL = 1.0
"""Seconds between two looks when nobody rings."""

AFTER_TROUBLE = 5.0
"""Seconds to leave a database in peace that did not answer."""


Watch: TypeAlias = Callable[[Callable[[], datetime]], datetime]
"""Reads the clock that it is given, and answers what it says, once it has looked whether that can be."""


class _Reading:
    """Business time, read through `watch`; read by several threads."""

    def __init__(self, clock: Clock, watch: Watch | None) -> None:
        self._clock = clock
        self._watch = watch
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            return self._clock.now() if self._watch is None else self._watch(self._clock.now)


class _Bells:
    """Who is to look at once. `deciding` counts those at work on decisions: they make mails."""

    def __init__(self) -> None:
        self.sort, self.decide, self.deliver = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.deciding = 0

    def ring_all(self) -> None:
        for bell in (self.sort, self.decide, self.deliver):
            bell.set()

    def ring_after_mails(self) -> None:
        """What came of mails wakes contacts, or was decided on already and made mails."""
        self.decide.set()
        self.deliver.set()

    def is_deciding(self) -> bool:
        return self.deciding > 0


async def run(
    workers: Sequence[Worker],
    clock: Clock,
    wake: asyncio.Event,
    stop: asyncio.Event,
    watch: Watch | None = None,
) -> None:
    """Work until `stop` is set; look at once when woken, else every second. A database away is waited for.

    The clock is read through `watch`, which sees each reading before it is acted upon.
    """
    time, bells = _Reading(clock, watch), _Bells()

    async def decide(worker: Worker) -> int:
        bells.deciding += 1
        try:
            return await worker.decide(time, bells.deliver.set)
        finally:
            bells.deciding -= 1

    async def deliver(worker: Worker) -> int:
        return await worker.deliver(time, bells.ring_after_mails, bells.is_deciding, at_once=True)

    def duties(worker: Worker) -> list[Awaitable[None]]:
        return [
            _keep(lambda: worker.sort(time, bells.decide.set), bells.sort, stop),
            _keep(lambda: decide(worker), bells.decide, stop),
            _keep(lambda: deliver(worker), bells.deliver, stop),
        ]

    everything = [asyncio.ensure_future(duty) for worker in workers for duty in duties(worker)]
    listening = asyncio.ensure_future(_listen(wake, bells))
    try:
        await _all_or_first_failure(everything)
    finally:
        await _cut_short([listening, *everything])


async def _keep(look: Callable[[], Awaitable[int]], bell: asyncio.Event, stop: asyncio.Event) -> None:
    """Look whenever the bell rings, until `stop`."""
    while not stop.is_set():
        pause = POLL
        bell.clear()  # before looking: whoever rings during the look is heard after it
        try:
            await look()
        except NothingApplied:
            pass
        except DatabaseProblem as problem:
            log.warning("%s", problem)
            pause = AFTER_TROUBLE
        await _first_of(bell, stop, pause)


async def _listen(wake: asyncio.Event, bells: _Bells) -> None:
    while True:
        await wake.wait()
        wake.clear()
        bells.ring_all()


async def _all_or_first_failure(tasks: Sequence[asyncio.Future[None]]) -> None:
    """Wait for all, or raise what the first of them raised."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        task.result()


async def _cut_short(tasks: Sequence[asyncio.Future[None]]) -> None:
    """Let none outlive the loop: each writes down what it has in hand."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _first_of(bell: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    waits = [asyncio.create_task(bell.wait()), asyncio.create_task(stop.wait())]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()
