"""One round of the outbox: prepare a batch, hand it over, write down what came of it.

    prepare (thread)           send (this loop, all connections at once)         record (thread)
    claim -> may_send ->       transport, may_go just before each final dot  ->  states, attempts and events
    compose -> intents         each going and outcome in the flight log          in one transaction, and
                                                                                 what is decided on them

The next batch begins when the last message of this one is in hand, so that no connection waits for another's answer.
Every step run twice changes nothing: what has an intent is not claimed again, and a result is only written by whoever
still holds the message.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from nurture.clock import passing
from nurture.delivery.batch import Batch, Ready, stopped
from nurture.delivery.brakes import Gate, campaign_of, read_brakes
from nurture.delivery.carrying import Carrier
from nurture.delivery.compose import Composer
from nurture.delivery.flights import Flights
from nurture.delivery.flow import Flow
from nurture.delivery.last_look import EVERY, Halted, LastLook
from nurture.delivery.library import Library
from nurture.delivery.outcomes import Attempt, result_of
from nurture.delivery.prepare import Preparation, braked, waits
from nurture.delivery.recording import Hears, Report, record
from nurture.delivery.recovery import recover_flights
from nurture.delivery.searches import find
from nurture.providers.transport import MayGo, Outcome, Outgoing, Stopped, Transport, TryLater, Unknown
from nurture.storage.database import Database

AT_ONCE = 1.0
"""Seconds' worth of messages in a batch. While one is sent the next has its intents, too, and the last is being written
down, so that a worker that vanishes with its flight log leaves three seconds' mails unknown at most, however slow the server
and large a batch may be."""

FEWEST = 8
"""Messages in a batch for each connection, however slow the server is."""

OCTETS = 8_000_000
"""Of messages in a batch; about three batches are in the process at once."""


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
        octets: int = OCTETS,
        lease: timedelta = timedelta(minutes=5),
        halted: Halted = read_brakes,
        gate: Gate | None = None,
        flights: Flights | None = None,
        flow: Flow | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        passing: Callable[[], float] = passing,
    ) -> None:
        """`library` answers with the authors' files as they are now; it is called in a thread, once a batch.

        A batch has at most `batch_size` messages and about `octets`, by the size of those before.
        `flights` are this machine's flight logs; without them everything of a batch that vanishes is unknown. `flow` says
        how much may go where just now; without one all goes. `monotonic` is the clock of the deadlines that the transport
        heeds, `passing` that of leases.
        """
        self._db = db
        self._transport = transport
        self._batch_size = batch_size
        self._halted = halted
        self._pace = 0.0  # messages a second, as the last batch went
        self._octets = octets
        self._size = 1.0  # octets of a message of the last batch, on average
        self._flights = flights
        self._may_be_logs = flights is not None
        self._flow = flow
        self._lease = lease.total_seconds()
        self._passing = passing
        self._carrier = Carrier(transport, flow, passing)
        self._can, gates = transport.capabilities, gate or Gate()
        self._preparation = Preparation(
            db,
            library,
            composer,
            lease=lease,
            halted=halted,
            gate=gates,
            can=self._can,
            flights=flights,
            flow=flow,
            monotonic=monotonic,
            passing=passing,
        )

    async def run_once(self, now: datetime) -> Report:
        """Deliver one batch of what is due. DatabaseProblem: nothing was sent that no intent stands for."""
        await self._recover(now)
        ahead = self._prepare(lambda: now)
        try:
            batch = await asyncio.shield(ahead)
        except asyncio.CancelledError:
            await self._put_off(ahead)
            raise
        return Report() if batch is None else await self._deliver(batch)

    async def run_all(self, now: datetime) -> Report:
        """Deliver everything that is due at `now`."""
        return await self.run_on(lambda: now)

    async def run_on(
        self,
        clock: Callable[[], datetime],
        told: Callable[[], None] = lambda: None,
        more_to_come: Callable[[], bool] = lambda: False,
        hears: Hears | None = None,
    ) -> Report:
        """Deliver until nothing is due: while a batch is on its way, the next is prepared and the last written down.

        `clock` is read for each batch, in a thread; `told` is called when what came of one is written down. Unless
        `more_to_come`, a claim that finds less than it asked for has found the whole backlog. Whoever `hears` decides on what
        came of them.
        """
        await self._recover(await asyncio.to_thread(clock))
        total = Report()
        ahead = self._prepare(clock, more_to_come)
        under_way: deque[asyncio.Task[Report]] = deque()
        try:
            while (batch := await asyncio.shield(ahead)) is not None:
                ahead = self._prepare(clock, more_to_come)
                under_way.append(await self._set_out(batch, told, hears))
                while len(under_way) > 1 or (under_way and under_way[0].done()):
                    total += await _next_of(under_way)
            while under_way:
                total += await _next_of(under_way)
        except BaseException as reason:
            if isinstance(reason, asyncio.CancelledError):
                for task in under_way:
                    task.cancel()
            await self._put_off(ahead)
            if under_way:
                await asyncio.wait(under_way)
            raise
        return total

    async def _set_out(self, batch: Batch, told: Callable[[], None], hears: Hears | None) -> asyncio.Task[Report]:
        """Begin to deliver a batch, and come back when the last of it has been taken in hand: the next may begin behind it."""

        async def deliver() -> Report:
            report = await self._deliver(batch, hears)
            told()
            return report

        task = asyncio.create_task(deliver())
        task.add_done_callback(lambda _: batch.is_taken.set())
        try:
            await batch.is_taken.wait()
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait([task])
            raise
        return task

    async def _recover(self, now: datetime) -> None:
        """Before the first batch: what a predecessor that was killed in this place has left."""
        if self._may_be_logs and self._flights is not None:
            await asyncio.to_thread(recover_flights, self._db, self._flights, now)
            self._may_be_logs = False

    def _prepare(
        self, clock: Callable[[], datetime], more_to_come: Callable[[], bool] = lambda: False
    ) -> "asyncio.Task[Batch | None]":
        most, is_all = self._most(), not more_to_come()
        return asyncio.create_task(asyncio.to_thread(lambda: self._preparation.prepare(clock(), most, is_all=is_all)))

    def _most(self) -> int:
        """How many messages may become intents together."""
        fewest = FEWEST * self._can.connections
        most = min(self._batch_size, max(fewest, round(self._pace * AT_ONCE)), max(1, round(self._octets / self._size)))
        return most if self._flow is None else self._flow.most(most)

    async def _put_off(self, ahead: "asyncio.Task[Batch | None]") -> None:
        """A batch prepared in vain, because the worker stops: nothing of it has left, and its intents must say so."""
        await asyncio.wait([ahead])
        batch = None if ahead.cancelled() or ahead.exception() is not None else ahead.result()
        if batch is not None:
            batch.stop()
            await self._record(batch)

    async def _deliver(self, batch: Batch, hears: Hears | None = None) -> Report:
        """Also when the worker is told to stop, what is known by then is written down: it must not become "unknown"."""
        try:
            await self._hand_over(batch)
            await self._search(batch)
        except BaseException:
            await _to_its_end(self._record(batch))
            raise
        return await _to_its_end(self._record(batch, hears))

    async def _record(self, batch: Batch, hears: Hears | None = None) -> Report:
        try:
            return await record(self._db, batch, hears)
        finally:
            self._may_be_logs = self._may_be_logs or (batch.flight is not None and not batch.flight.is_done)

    async def _hand_over(self, batch: Batch) -> None:
        campaigns = {ready.row.key: campaign_of(ready.row) for ready in batch.to_send()}
        if not campaigns:
            return
        self._size = sum(len(ready.message.data) for ready in batch.to_send()) / len(campaigns)
        read_at = batch.committed_at
        look = LastLook(self._db, campaigns, self._halted, read_at, read_at + self._lease, self._passing)
        if self._passing() - read_at > EVERY:
            await look.again()
        watch = asyncio.create_task(look.watch())
        hands = min(self._can.at_once, len(batch.ready))
        try:
            began = self._passing()
            async with asyncio.TaskGroup() as group:
                for _ in range(hands):
                    group.create_task(self._send(batch, look))
                for _ in range(self._carrier.hands(batch)):
                    group.create_task(self._carrier.carry(batch, look))
                await batch.is_taken.wait()
                self._pace = len(campaigns) / max(self._passing() - began, 0.001)
        finally:
            watch.cancel()
            batch.stop()

    async def _send(self, batch: Batch, look: LastLook) -> None:
        while batch.ready:
            if look.is_stale:  # the process was suspended, or the machine is
                await look.again()
                continue  # another hand may have taken the last meanwhile
            ready = batch.take()
            wait = self._flow.ask(ready.message.rcpt_to) if self._flow is not None else None
            if wait is None:
                await self._try(batch, ready, look)
            else:
                batch.waiting.append(waits(ready.row, wait, batch.now))
            look.gone(ready.row.key)

    async def _try(self, batch: Batch, ready: Ready, look: LastLook) -> None:
        """Hand one message over, and note what came of it: in the batch, and in its log."""
        try:
            outcome = await self._sent(batch, ready, look)
        except BaseException:
            if ready.row.key not in batch.in_hand:  # the worker was told to stop before this one was let go
                batch.settled.append(stopped(ready.row, batch.now))
            raise
        if isinstance(outcome, Stopped) and look.held.keeps(campaign_of(ready.row)):
            batch.waiting.append(braked(ready.row, batch.now))
            batch.in_hand.discard(ready.row.key)
            return
        attempt = Attempt(ready.row, ready.first_at, ready.policy, self._can)
        result = result_of(outcome, attempt, look, batch.now)
        batch.settled.append(result)
        batch.in_hand.discard(ready.row.key)
        if batch.flight is not None:
            batch.flight.came(result)

    async def _sent(self, batch: Batch, ready: Ready, look: LastLook) -> Outcome:
        """The transport's answer; the flow hears of it, also when the worker is told to stop.

        What failed while this process stood still says nothing about the server.
        """
        outcome: Outcome | None = None
        began = self._passing()
        try:
            outcome = await self._transport.send(ready.message, _letting_go(batch, look.may_go))
        finally:
            if self._flow is not None:
                is_ours = isinstance(outcome, Unknown | TryLater) and look.stood_still(began)
                self._flow.heard(ready.message.rcpt_to, None if is_ours else outcome)
        return outcome

    async def _search(self, batch: Batch) -> None:
        """Ask the provider about messages in doubt, as many at once as there are connections."""
        waiting = deque(batch.searches)

        async def ask() -> None:
            while waiting:
                batch.settled.append(await find(self._transport, waiting.popleft(), batch.now))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._can.connections, len(waiting))):
                group.create_task(ask())


def _letting_go(batch: Batch, may_go: MayGo) -> MayGo:
    """`may_go` that notes in the batch and in its log what it lets go; what cannot be written there may not go."""

    def goes(message: Outgoing) -> bool:
        if not may_go(message) or (batch.flight is not None and not batch.flight.going(message.key)):
            return False
        batch.in_hand.add(message.key)
        return True

    return goes


async def _next_of(under_way: deque[asyncio.Task[Report]]) -> Report:
    """What the first of them tells, which goes on whatever becomes of whoever waits."""
    report = await asyncio.shield(under_way[0])
    under_way.popleft()
    return report


async def _to_its_end(work: Coroutine[Any, Any, Report]) -> Report:
    """Its answer; who is told to stop meanwhile stops when it is done."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
