"""What a worker has in hand: messages whose intents are committed, and what is known of each so far."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nurture.core.program import WhenUnknown
from nurture.core.state import ContactState
from nurture.delivery.flights import Flight
from nurture.providers.transport import Outgoing
from nurture.storage.outbox import OutboxRow
from nurture.storage.put_offs import PutOff
from nurture.storage.results import Deferred, Result

WHEN_STOPPED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Ready:
    """One message whose intent is committed, and what becomes of it should its answer be lost."""

    row: OutboxRow
    message: Outgoing
    first_at: datetime
    policy: WhenUnknown


@dataclass(frozen=True, slots=True)
class Parcel:
    """Messages that go in one request under this key, in this order.

    `left_out` are in doubt because they were in the same request once, and may not be in it now, with what is to be said of
    each unless its answer tells better. `is_sure`: the provider surely remembers what it got under the key.
    """

    key: str
    members: tuple[Ready, ...]
    left_out: Mapping[str, tuple[OutboxRow, Result]] = field(default_factory=dict)
    is_sure: bool = True

    @property
    def rows(self) -> list[OutboxRow]:
        """All that hang together."""
        return [ready.row for ready in self.members] + [row for row, _ in self.left_out.values()]


@dataclass
class Batch:
    """What was claimed at business time `now`, and what is known of it so far. `settled` need not be sent any more, `waiting` not now.

    `searches` are those in doubt about which the provider is asked. `flight` is the log of what goes, where one is kept;
    `in_hand` are those that were let go and not answered yet. `apart` go by themselves the next time; `back` hang together
    with their parcel again, in these places.
    A message leaves `ready` or `parcels` when it is handed over, so that its bytes are forgotten as soon as it is gone; once
    the last has left, the batch `is_taken`.
    `states` are the contacts as they were when it was composed.
    `committed_at` is the instant of time that passes at which the intents, and with them the suppressions, were read.
    """

    token: int
    claimed: int
    now: datetime
    ready: deque[Ready] = field(default_factory=deque)
    parcels: deque[Parcel] = field(default_factory=deque)
    settled: list[Result] = field(default_factory=list)
    waiting: list[PutOff] = field(default_factory=list)
    searches: list[OutboxRow] = field(default_factory=list)
    apart: set[str] = field(default_factory=set)
    back: dict[str, int] = field(default_factory=dict)
    flight: Flight | None = None
    in_hand: set[str] = field(default_factory=set)
    states: Mapping[int, ContactState] = field(default_factory=dict)
    policy: Callable[[OutboxRow], WhenUnknown] = lambda row: WhenUnknown.AT_MOST_ONCE
    committed_at: float = 0.0
    is_taken: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self) -> Ready:
        """The next message that goes by itself."""
        ready = self.ready.popleft()
        self._took()
        return ready

    def take_parcel(self) -> Parcel:
        """The next request of several."""
        parcel = self.parcels.popleft()
        self._took()
        return parcel

    def _took(self) -> None:
        if not self.ready and not self.parcels:
            self.is_taken.set()

    def to_send(self) -> Iterator[Ready]:
        """What has not been handed over yet."""
        yield from self.ready
        for parcel in self.parcels:
            yield from parcel.members

    def stop(self) -> None:
        """What has not been handed over is put off: nothing of it has left, and its intents must say so."""
        rows = [ready.row for ready in self.ready] + [row for parcel in self.parcels for row in parcel.rows]
        self.settled += [stopped(row, self.now) for row in rows]


def stopped(row: OutboxRow, now: datetime) -> Result:
    """What becomes of a message that the worker let go of before it had left."""
    return Deferred(row.key, now + WHEN_STOPPED, "The worker stopped.")
