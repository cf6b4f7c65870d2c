"""Takes in what comes from outside and answers only once it is stored: what was answered is never lost.

One thread writes, and whatever arrives while it commits goes into the next commit together: a durable commit costs the
same for one receipt and for five hundred. Commits begin no oftener than every few milliseconds, so that they are few when
much comes; one that took longer is followed almost at once, and what comes alone is written at once. What waits is bounded in
number and in bytes; beyond that the caller is told to come back, so that a flood costs patience and not memory.
"""

import asyncio
import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from nurture.clock import Clock
from nurture.storage.database import Database
from nurture.storage.receipts import Receipt, receive

GATHER: Final = timedelta(milliseconds=5)
TURN: Final = 0.001
"""Seconds between commits in which others who write to SQLite get their turn, however much comes in."""

MOST_IN_A_COMMIT: Final = 1_000
MOST_BYTES_IN_A_COMMIT: Final = 16 * 1024 * 1024
MOST_WAITING: Final = 5_000
MOST_BYTES_WAITING: Final = 128 * 1024 * 1024
COME_BACK: Final = timedelta(seconds=5)

_LOG = logging.getLogger(__name__)


class Busy(Exception):
    """There is more than can be stored just now; nothing of this call was kept. Try again after `retry_after`."""

    def __init__(self, retry_after: timedelta = COME_BACK) -> None:
        super().__init__(f"Too much is coming in at once; try again in {retry_after.total_seconds():.0f} seconds.")
        self.retry_after = retry_after


@dataclass(slots=True)
class _Parcel:
    receipts: Sequence[Receipt]
    size: int
    loop: asyncio.AbstractEventLoop
    stored: asyncio.Future[None]


class Intake:
    """Stores receipts for any number of callers. Close it to write what still waits and end its thread."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        most_waiting: int = MOST_WAITING,
        most_bytes: int = MOST_BYTES_WAITING,
        gather: timedelta = GATHER,
    ) -> None:
        self._db = db
        self._clock = clock
        self._most_waiting = most_waiting
        self._most_bytes = most_bytes
        self._gather = gather.total_seconds()
        self._parcels: deque[_Parcel] = deque()
        self._lock = threading.Lock()
        self._come = threading.Condition(self._lock)
        self._waiting = 0
        self._bytes = 0
        self._closed = False
        self._writer = threading.Thread(target=self._write_all, name="intake", daemon=True)
        self._writer.start()

    async def accept(self, receipts: Sequence[Receipt]) -> None:
        """Return once the commit that holds these receipts is durable; a repeated one counts as stored.

        Raises Busy when too much waits, and whatever the database raised when it could not be written.
        """
        if receipts:
            await self.hand_in(receipts)

    def hand_in(self, receipts: Sequence[Receipt]) -> asyncio.Future[None]:
        """What `accept` waits for. A caller that does not wait to the end, or ends it, takes nothing back."""
        loop = asyncio.get_running_loop()
        parcel = _Parcel(receipts, sum([len(receipt.body) for receipt in receipts]), loop, loop.create_future())
        with self._lock:
            # One parcel is always taken: a body that may be posted must be storable.
            full = self._waiting + len(receipts) > self._most_waiting or self._bytes + parcel.size > self._most_bytes
            if self._closed or (full and self._waiting):
                raise Busy
            self._waiting += len(receipts)
            self._bytes += parcel.size
            self._parcels.append(parcel)
            if len(self._parcels) == 1:  # else the writer knows already that there is something
                self._come.notify()
        return parcel.stored

    def close(self) -> None:
        """Take no more, write what waits, and end."""
        with self._come:
            self._closed = True
            self._come.notify()
        self._writer.join()

    def _write_all(self) -> None:
        next_at = time.monotonic()
        while parcels := self._gathered(next_at):
            began = time.monotonic()
            self._write(parcels)
            next_at = max(began + self._gather, time.monotonic() + TURN)

    def _gathered(self, not_before: float) -> list[_Parcel]:
        """What is to be written next; nothing once the intake was closed and everything is written."""
        with self._come:
            while not self._parcels and not self._closed:
                self._come.wait()
            self._come.wait_for(lambda: self._closed, not_before - time.monotonic())
            return self._first_parcels()

    def _first_parcels(self) -> list[_Parcel]:
        """As many as one commit takes; whole ones, and so one at least."""
        taken: list[_Parcel] = []
        count = size = 0
        while self._parcels and count < MOST_IN_A_COMMIT and size < MOST_BYTES_IN_A_COMMIT:
            taken.append(self._parcels.popleft())
            count += len(taken[-1].receipts)
            size += taken[-1].size
        return taken

    def _write(self, parcels: list[_Parcel]) -> None:
        problem: BaseException | None = None
        try:
            now = self._clock.now()
            with self._db.begin() as c:
                receive(c, [receipt for parcel in parcels for receipt in parcel.receipts], now)
        except BaseException as error:  # whatever it is, the callers are waiting for it
            _LOG.warning("what came in could not be stored: %s", error)
            problem = error
        with self._lock:
            self._waiting -= sum(len(parcel.receipts) for parcel in parcels)
            self._bytes -= sum(parcel.size for parcel in parcels)
        _tell(parcels, problem)


def _tell(parcels: list[_Parcel], problem: BaseException | None) -> None:
    """Wake each event loop once, however many of its callers wait."""
    waiting: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = defaultdict(list)
    for parcel in parcels:
        waiting[parcel.loop].append(parcel.stored)
    for loop, futures in waiting.items():
        try:
            loop.call_soon_threadsafe(_settle, futures, problem)
        except RuntimeError:  # the loop is closed: its callers are gone, their receipts are settled all the same
            _LOG.info("nobody waits any more for what was taken in")


def _settle(futures: list[asyncio.Future[None]], problem: BaseException | None) -> None:
    """Tell the callers; one that has left is passed over."""
    for future in futures:
        if future.done():
            continue
        if problem is None:
            future.set_result(None)
        else:
            future.set_exception(problem)
