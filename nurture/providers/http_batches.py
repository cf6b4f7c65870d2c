"""Messages that wait at the same moment, in one request to a provider's HTTP API; each gets an outcome of its own.

    send, send, send …  ->  one queue  ->  couriers, one a connection: load, ask for each, last byte, tell each

Who sends notices nothing of it: a message is asked about just before the request's last byte, with the others of its load.
Where one may not go then, nothing of the request has left, and the others go by another. A load is bounded in messages and in
octets, so memory is, however many wait.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from nurture.providers.http import SPARE, Answer, Api, HttpTransport
from nurture.providers.http_body import LastByte
from nurture.providers.transport import (
    MayGo,
    Outcome,
    Outgoing,
    Stopped,
    TransportProblem,
    TryLater,
    Unknown,
    always,
)

log = logging.getLogger(__name__)


ALIKE = 1.0
"""Seconds by which the time left of messages that travel together may differ: the least of it is the time of all."""


class BatchApi(Api, Protocol):
    """A provider that takes several messages in one request, as a JSON array of what it takes singly.

    `most` messages and `octets` are the bounds of a request.
    """

    batch_path: str
    most: int
    octets: int

    def outcomes(self, answer: Answer, count: int) -> Sequence[Outcome] | None:
        """What an answer means for each of so many messages, in order.

        None: none has left, and it may be the fault of one of them; each is to be sent alone.
        """
        ...


@dataclass(slots=True, eq=False)
class _Waiting:
    """A message, and whoever waits to hear of it. `is_alone`: it must not travel with others."""

    message: Outgoing
    may_go: MayGo
    deadline: float
    outcome: "asyncio.Future[Outcome]"
    content: bytes = b""
    is_alone: bool = False

    def tell(self, outcome: Outcome) -> None:
        """Answer whoever still waits."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)


@dataclass(frozen=True, slots=True)
class _Load:
    """What travels in one request, until an instant of `time.monotonic()`."""

    those: Sequence[_Waiting]
    deadline: float


class BatchTransport(HttpTransport):
    """A `Transport` over HTTP whose `send`s share requests. Belongs to one event loop at a time."""

    _api: BatchApi

    def __init__(self, api: BatchApi, base_url: str, *, connections: int = 4, timeout: float = 30.0) -> None:
        """As `HttpTransport`; `connections` is how many requests are under way at once."""
        super().__init__(api, base_url, connections=connections, timeout=timeout)
        self._waiting: deque[_Waiting] = deque()
        self._couriers: set[asyncio.Task[None]] = set()
        self._setting_out = 0  # couriers that have nothing yet

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        """Hand one message over, with others that wait for a free connection.

        `may_go` and the deadline are read when all of the request but its last byte has been given to the connection.
        """
        told: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(message, may_go, message.deadline - SPARE, told))
        self._call_courier()
        return await told

    async def close(self) -> None:
        """Close the connections. What is under way then has the outcome of a connection that broke."""
        couriers = list(self._couriers)
        for courier in couriers:
            courier.cancel()
        await asyncio.gather(*couriers, return_exceptions=True)
        while self._waiting:
            self._waiting.popleft().tell(TryLater("The transport was closed."))
        self._setting_out = 0
        await super().close()

    def _call_courier(self) -> None:
        """One more, if more waits than those without a load can take."""
        if len(self._waiting) > self._setting_out * self._api.most and len(self._couriers) < self._connections:
            self._setting_out += 1
            self._couriers.add(asyncio.create_task(self._carry()))

    async def _carry(self) -> None:
        """Carry loads until nothing waits. From its last look at what waits until it is gone it gives nobody a turn."""
        try:
            await asyncio.sleep(0)  # who sends in the same turn of the loop goes along
            self._setting_out -= 1
            while load := await self._load():
                self._call_courier()
                await self._deliver(load)
        finally:
            self._couriers.discard(asyncio.current_task())

    async def _load(self) -> _Load | None:
        """The first that waits, and those behind it that fit beside it and have as long as it has."""
        load: list[_Waiting] = []
        octets, deadline = 0, 0.0
        try:
            while self._waiting and len(load) < self._api.most:
                one = self._waiting.popleft()
                if not self._is_ready(one):
                    continue
                ends = min(one.deadline, time.monotonic() + self._timeout)
                deadline = deadline if load else ends
                octets += len(one.content) + 1
                if load and (one.is_alone or not 0 <= ends - deadline < ALIKE or octets > self._api.octets):
                    self._waiting.appendleft(one)
                    break
                load.append(one)
                if one.is_alone:
                    break
                await asyncio.sleep(0)  # to make a request of it took a while, and others have things to do
        except asyncio.CancelledError:
            self._waiting.extendleft(reversed(load))
            raise
        return _Load(load, deadline) if load else None

    def _is_ready(self, one: _Waiting) -> bool:
        """Make its part of a request. False where that cannot be, it is too late, or nobody waits for it any more."""
        if one.outcome.done():
            return False
        if one.deadline <= time.monotonic():
            one.tell(Stopped("The message waited too long for a connection."))
            return False
        try:
            one.content = one.content or self._api.request(one.message)[0]
        except TransportProblem as problem:
            one.tell(TryLater(str(problem)))
            return False
        return True

    async def _deliver(self, load: _Load) -> None:
        """Hand a load over, and tell everybody. Whatever happens, nobody is left waiting."""
        stopped: list[_Waiting] = []

        def may_go() -> bool:
            stopped.extend(one for one in load.those if one.outcome.done() or not one.may_go(one.message))
            return not stopped

        body = LastByte(_joined(load.those), may_go, load.deadline)
        try:
            async with self._slots:
                no = await self._peace(load.deadline)
                path = self._api.path if len(load.those) == 1 else self._api.batch_path
                said = no or await self._post(path, {}, body)
            self._tell(load, said, stopped)
        except asyncio.CancelledError:
            _tell_broken(load, body, "The transport was closed.")
            raise
        except Exception as error:  # a fault of ours concerns this load alone
            log.exception("a request to %s could not be carried out", self._api.name)
            _tell_broken(load, body, f"{type(error).__name__}: {error}")

    def _tell(self, load: _Load, said: Answer | Outcome, stopped: Sequence[_Waiting]) -> None:
        those = load.those
        if isinstance(said, Stopped) and stopped:
            for one in stopped:
                one.tell(said)
            self._once_more([one for one in those if one not in stopped])
            return
        if not isinstance(said, Answer):
            outcomes: Sequence[Outcome] | None = [said] * len(those)
        elif len(those) == 1:
            outcomes = [self._api.outcome(said)]
        else:
            outcomes = self._api.outcomes(said, len(those))
        if outcomes is None:
            self._once_more(those, is_alone=True)
            return
        for one, outcome in zip(those, outcomes, strict=True):
            one.tell(outcome)

    def _once_more(self, those: Sequence[_Waiting], *, is_alone: bool = False) -> None:
        """They have surely not left, and have not been at fault: they are the next."""
        for one in those:
            one.is_alone = is_alone
        self._waiting.extendleft(reversed(those))
        self._call_courier()


def _tell_broken(load: _Load, body: LastByte, why: str) -> None:
    for one in load.those:
        one.tell(Unknown(why) if body.is_out else TryLater(why))


def _joined(those: Sequence[_Waiting]) -> bytes:
    return those[0].content if len(those) == 1 else b"[" + b",".join(one.content for one in those) + b"]"
