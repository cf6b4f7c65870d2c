"""The next host, at the edge: it counts what it took by Message-ID, and answers or does not."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from nurture.core.words import Hardness
from nurture.providers.transport import (
    Accepted,
    Again,
    CannotTell,
    MayAllGo,
    MayGo,
    NotSeen,
    Outcome,
    Outgoing,
    RefusedForGood,
    Repeat,
    Seen,
    Sighting,
    Stopped,
    TryLater,
    Unknown,
    always,
)
from tests.chaos.faults import Faults, Life
from tests.chaos.hosts import KEY_LIFETIME, SETTLES, Host
from tests.chaos.virtual import Monotonic


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that was accepted. `at` is business time, `second` the monotonic one at which it was let go."""

    message_id: str
    recipient: str
    at: datetime
    second: float
    sha256: str

    @property
    def key(self) -> str:
        """The message's key, of which its Message-ID is made."""
        return self.message_id.partition("@")[0]


class Sink:
    """Everything that was ever delivered, in order. `clashes` are keys under which other bytes came than before, `refused` those
    of requests with several messages that were refused, for one of them or because they came again without one.
    """

    def __init__(self, now: Callable[[], datetime], seconds: Monotonic, host: Host) -> None:
        self.taken: list[Taken] = []
        self.clashes: list[str] = []
        self.refused: set[str] = set()
        self._keys: dict[str, Taken] = {}
        self._parcels: dict[str, tuple[tuple[str, ...], float]] = {}
        self._now = now
        self._seconds = seconds
        self._is_keyed = host.capabilities.repeat is Repeat.KEYED

    def take(self, message: Outgoing) -> None:
        """Accept a message; from here on it is out, whoever hears of it. A key that is remembered is not delivered again."""
        taken = self._read(message)
        if self.remembers(message.key):
            self.clashes += [message.key] if self._keys[message.key].sha256 != taken.sha256 else []
            return
        self._keys[message.key] = taken
        self.taken.append(taken)

    def take_parcel(self, key: str, messages: Sequence[Outgoing]) -> bool:
        """Accept all that are in a request, once under its key. False: it is remembered with another body."""
        taken = [self._read(message) for message in messages]
        body = tuple(one.sha256 for one in taken)
        known = self.parcel_of(key)
        if known is None:
            self._parcels[key] = (body, self._seconds.at)
            self.taken += taken
        elif known != body:
            self.refused.add(key)
            return False
        return True

    def parcel_of(self, key: str) -> tuple[str, ...] | None:
        """The hashes of what was in the request that is remembered under this key."""
        known = self._parcels.get(key)
        return known[0] if known and self._seconds.at - known[1] < KEY_LIFETIME.total_seconds() else None

    def _read(self, message: Outgoing) -> Taken:
        head = message.data.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").decode()
        line = next(line for line in head.split("\r\n") if line.lower().startswith("message-id:"))
        name = line.partition(":")[2].strip().strip("<>")
        return Taken(name, message.rcpt_to, self._now(), self._seconds.at, hashlib.sha256(message.data).hexdigest())

    def remembers(self, key: str) -> bool:
        """Whether a message under this key would be answered as the one before it."""
        known = self._keys.get(key) if self._is_keyed else None
        return known is not None and self._seconds.at - known.second < KEY_LIFETIME.total_seconds()

    def finds(self, key: str, within: float) -> bool:
        """Whether a search shows the message; what came within so many seconds is not shown yet."""
        return any(t.key == key and self._seconds.at - t.second >= within for t in self.taken)


class SimulatedTransport:
    """A way to the host as a life sees it: an answer may be lost, and what can be done about it is the host's."""

    def __init__(self, sink: Sink, life: Life, faults: Faults, seconds: Monotonic, host: Host) -> None:
        self.capabilities = host.capabilities
        self._sink = sink
        self._life = life
        self._faults = faults
        self._seconds = seconds

    async def open(self) -> None:
        """Always there."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        """As the protocol goes: envelope, bytes, the last question, the final dot, the answer."""
        faults, rates = self._faults, self._faults.rates
        self._life.point("connect", may_pause=True)
        await asyncio.sleep(self._slowly())
        self._life.point("DATA", may_pause=True)
        if faults.happens(rates.later, f"4xx {message.key}"):
            return TryLater("451 4.3.0 Try again")
        if not self._sink.remembers(message.key) and faults.happens(rates.refused, f"5xx {message.key}"):
            return RefusedForGood(Hardness.SOFT, 552, "5.2.2", "552 5.2.2 Mailbox full")
        if self._seconds.at >= message.deadline or not may_go(message):
            return Stopped("Not in time.")
        self._life.point("final dot")
        self._sink.take(message)
        self._life.point("accepted", may_pause=True)
        await asyncio.sleep(self._slowly())
        self._life.point("answer", may_pause=True)
        if faults.happens(rates.lost_answer, f"lost answer {message.key}"):
            return Unknown("The connection broke after the final dot.")
        return Accepted("250 2.0.0 Ok")

    async def send_parcel(self, key: str, messages: Sequence[Outgoing], may_go: MayAllGo) -> Sequence[Outcome]:
        """Several in one request, all or none of them, under its key."""
        faults, rates, many = self._faults, self._faults.rates, len(messages)
        self._life.point("connect", may_pause=True)
        await asyncio.sleep(self._slowly())
        if faults.happens(rates.later, f"429 {key}"):
            return [TryLater("429")] * many
        if self._seconds.at >= min(one.deadline for one in messages):
            return [Stopped("Not in time.")] * many
        if stopped := set(may_go(messages)):
            return [Stopped("Stopped.") if one.key in stopped else Again("Another was.") for one in messages]
        self._life.point("last byte")
        is_new = self._sink.parcel_of(key) is None
        if is_new and faults.happens(rates.refused, f"422 {key}"):
            self._sink.refused.add(key)
            no: Outcome = RefusedForGood(Hardness.SOFT, 422, None, "422") if many == 1 else Again("422", apart=True)
            return [no] * many
        is_same = self._sink.take_parcel(key, messages)
        self._life.point("accepted", may_pause=True)
        await asyncio.sleep(self._slowly())
        self._life.point("answer", may_pause=True)
        if faults.happens(rates.lost_answer, f"lost answer {key}"):
            return [Unknown("The connection broke after the last byte.")] * many
        return [Accepted("200") if is_same else Unknown("409", for_good=True)] * many

    async def find(self, key: str, since: datetime) -> Sighting:
        """As a provider's search: late, and sometimes without an answer."""
        del since
        self._life.point("search", may_pause=True)
        await asyncio.sleep(self._slowly())
        if self._faults.happens(self._faults.rates.later, f"search {key}"):
            return CannotTell("The search did not answer.")
        settled = self._faults.dice.random() * SETTLES.total_seconds()
        return Seen(f"id-{key[:6]}") if self._sink.finds(key, settled) else NotSeen()

    def _slowly(self) -> float:
        slow = self._faults.happens(self._faults.rates.later, "slow host")
        return self._faults.dice.random() * (3.0 if slow else 0.01)
