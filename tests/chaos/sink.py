"""The next host, at the edge: it counts what it took by Message-ID, and answers or does not."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from nurture.core.words import Hardness
from nurture.providers.transport import (
    Accepted,
    Capabilities,
    MayGo,
    Outcome,
    Outgoing,
    RefusedForGood,
    Repeat,
    Stopped,
    TryLater,
    Unknown,
    always,
)
from tests.chaos.faults import Faults, Life
from tests.chaos.virtual import Monotonic


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that was accepted. `at` is business time, `second` the monotonic one at which it was let go."""

    message_id: str
    recipient: str
    at: datetime
    second: float

    @property
    def key(self) -> str:
        """The message's key, of which its Message-ID is made."""
        return self.message_id.partition("@")[0]


class Sink:
    """Everything that was ever accepted, in order."""

    def __init__(self, now: Callable[[], datetime], seconds: Monotonic) -> None:
        self.taken: list[Taken] = []
        self._now = now
        self._seconds = seconds

    def take(self, message: Outgoing) -> None:
        """Accept a message; from here on it is out, whoever hears of it."""
        head = message.data.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").decode()
        line = next(line for line in head.split("\r\n") if line.lower().startswith("message-id:"))
        name = line.partition(":")[2].strip().strip("<>")
        self.taken.append(Taken(name, message.rcpt_to, self._now(), self._seconds.at))


class PlainTransport:
    """Plain SMTP as a life sees it: no second look at what was sent, and an answer that may be lost."""

    capabilities = Capabilities(Repeat.PLAIN, connections=2)

    def __init__(self, sink: Sink, life: Life, faults: Faults, seconds: Monotonic) -> None:
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
        if faults.happens(rates.refused, f"5xx {message.key}"):
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

    def _slowly(self) -> float:
        slow = self._faults.happens(self._faults.rates.later, "slow host")
        return self._faults.dice.random() * (3.0 if slow else 0.01)
