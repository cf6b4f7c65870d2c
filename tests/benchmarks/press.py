"""The crowd at the door: requests made beforehand, sent over kept connections by a process of its own.

Raw HTTP/1.1 on asyncio's protocols, because a client library costs more than the server that is measured. A connection
has one request under way, as a browser's or a provider's has. `rate=None` asks for the next answer as soon as one came;
else requests are due at a steady pace, and what is told of each is the time since it was due: a server that falls behind
cannot hide it by being asked less.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import cast

import uvloop

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of the server on a port of the loopback."""

    port: int
    requests: Sequence[bytes]
    connections: int
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of it. `waits` are the seconds that each answer took, in ascending order; `used` the processor seconds of the
    crowd itself.
    """

    seconds: float
    used: float
    statuses: dict[int, int]
    waits: Sequence[float]

    @property
    def per_s(self) -> float:
        """Answers a second."""
        return len(self.waits) / self.seconds

    def quantile_ms(self, share: float) -> float:
        """The wait that this share of the answers did not exceed."""
        return round(1000 * self.waits[min(len(self.waits) - 1, int(share * len(self.waits)))], 1)


class Press:
    """The process that asks."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def ask(self, load: Load) -> Heard:
        """Send all requests, and wait for all answers."""
        return self._pool.submit(_ask, load).result()


@contextmanager
def running_press() -> Iterator[Press]:
    """A process that is ready to ask; spawned, so that it has nothing of this one's memory."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield Press(pool)


def _ask(load: Load) -> Heard:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_Crowd(load).run())


class _Crowd:
    def __init__(self, load: Load) -> None:
        self._load = load
        self._next = iter(load.requests)
        self._open = len(load.requests)
        self._idle: deque[_Connection] = deque()
        self._due: deque[tuple[float, bytes]] = deque()
        self._waits: list[float] = []
        self._statuses: Counter[int] = Counter()

    async def run(self) -> Heard:
        loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = loop.create_future()
        for _ in range(self._load.connections):
            _, connection = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._load.port)
            self._idle.append(connection)
        started, at_work = time.perf_counter(), time.process_time()
        connections = list(self._idle)
        if self._load.rate is None:
            while self._idle and self._hand_out(self._idle[0]):
                self._idle.popleft()
        else:
            await self._pace(started, self._load.rate)
        await self._done
        seconds, used = time.perf_counter() - started, time.process_time() - at_work
        for connection in connections:
            connection.leave()
        return Heard(seconds, used, dict(self._statuses), sorted(self._waits))

    def heard(self, connection: "_Connection", status: int, waited: float) -> None:
        """An answer came; its connection is free."""
        self._statuses[status] += 1
        self._waits.append(waited)
        self._open -= 1
        if not self._hand_out(connection):
            self._idle.append(connection)
        if self._open == 0 and not self._done.done():
            self._done.set_result(None)

    def lost(self, connection: "_Connection") -> None:
        """The server hung up: on a connection that was of no use for a while, or else the figure would mean nothing."""
        if connection in self._idle:
            self._idle.remove(connection)
        elif not self._done.done():
            self._done.set_exception(ConnectionError("the server closed a connection without an answer"))

    def _hand_out(self, connection: "_Connection") -> bool:
        if self._load.rate is not None:
            if self._due:
                connection.send(*self._due.popleft())
                return True
            return False
        request = next(self._next, None)
        if request is not None:
            connection.send(time.perf_counter(), request)
        return request is not None

    async def _pace(self, started: float, rate: float) -> None:
        """Put each request where a free connection finds it, at its time."""
        for n, request in enumerate(self._next):
            due = started + n / rate
            while (rest := due - time.perf_counter()) > 0:  # noqa: ASYNC110 - a time, not an event, is waited for
                await asyncio.sleep(rest)
            self._due.append((due, request))
            while self._idle and self._due:
                self._idle.popleft().send(*self._due.popleft())


class _Connection(asyncio.Protocol):
    def __init__(self, crowd: _Crowd) -> None:
        self._crowd = crowd
        self._buffer = b""
        self._since = 0.0
        self._left = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's has its methods, and not its name

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._left:
            self._crowd.lost(self)

    def send(self, since: float, request: bytes) -> None:
        """Ask; what is measured begins at `since`."""
        self._since = since
        self._transport.write(request)

    def leave(self) -> None:
        """Hang up."""
        self._left = True
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(END_OF_HEAD)
        if head < 0 or len(self._buffer) < head + len(END_OF_HEAD) + _length(self._buffer[:head]):
            return
        status, self._buffer = int(self._buffer[9:12]), b""
        self._crowd.heard(self, status, time.perf_counter() - self._since)


def _length(head: bytes) -> int:
    at = head.lower().find(LENGTH)
    return int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
