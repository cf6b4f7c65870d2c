"""The next host, at the edge: it counts what it took by Message-ID, and answers or does not."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from nurture.core.words import Hardness
from nurture.providers.transport import (
    Accepted,
    CannotTell,
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
    """Everything that was ever delivered, in order. `clashes` are keys under which other bytes came than before."""

    def __init__(self, now: Callable[[], datetime], seconds: Monotonic, host: Host) -> None:
        self.taken: list[Taken] = []
        self.clashes: list[str] = []
        self._keys: dict[str, Taken] = {}
        self._now = now
        self._seconds = seconds
        self._is_keyed = host.capabilities.repeat is Repeat.KEYED

    def take(self, message: Outgoing) -> None:
        """Accept a message; from here on it is out, whoever hears of it. A key that is remembered is not delivered again."""
        head = message.data.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").decode()
        line = next(line for line in head.split("\r\n") if line.lower().startswith("message-id:"))
        name = line.partition(":")[2].strip().strip("<>")
        taken = Taken(name, message.rcpt_to, self._now(), self._seconds.at, hashlib.sha256(message.data).hexdigest())
        if self.remembers(message.key):
            self.clashes += [message.key] if self._keys[message.key].sha256 != taken.sha256 else []
            return
        self._keys[message.key] = taken
        self.taken.append(taken)

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
