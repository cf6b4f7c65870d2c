"""A provider's sink that sees each moment of a request, tells a trap of it, and keeps account of what was really taken.

A message counts from the instant its last byte is read, whether or not anybody heard the answer. What the provider makes
of it, a second one under a known key for instance, is the fake provider's business (`tests/sinks`).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from tests.chaos.smtp_trap import Account, Saw
from tests.sinks.http import HttpSink, Request, Say
from tests.sinks.postmark import PostmarkSink
from tests.sinks.resend import ResendSink

SINKS: Mapping[str, type[HttpSink]] = {"resend": ResendSink, "postmark": PostmarkSink}


@dataclass
class HttpTrap:
    """The provider. `saw` is told of each moment and answers whether the client was just killed.

    `same` is another door to the same provider, which knows what came in there.
    """

    kind: str
    account: Account = field(default_factory=Account)
    saw: Saw = lambda moment: False
    same: "HttpTrap | None" = None
    _sink: HttpSink | None = None

    async def open(self) -> int:
        """Listen on the loopback; answers the port."""
        self._sink = _trapped(SINKS[self.kind], self)
        if self.same is not None and self.same._sink is not None:
            other = self.same._sink
            self._sink.taken, self._sink.bodies, self._sink.known = other.taken, other.bodies, other.known
        await self._sink.__aenter__()
        port = urlsplit(self._sink.url).port
        assert port is not None
        return port

    async def close(self) -> None:
        """Listen no more."""
        assert self._sink is not None
        await self._sink.__aexit__(None, None, None)

    def fatal(self, moment: str) -> None:
        """Hear no more of a client that was killed at this moment."""
        if self.saw(moment):
            raise ConnectionAbortedError(moment)


def _trapped(kind: type[HttpSink], trap: HttpTrap) -> HttpSink:
    class Trapped(kind):  # type: ignore[misc, valid-type]
        """The fake provider, which tells the trap."""

        async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if trap.saw("connect"):
                writer.transport.abort()
                return
            await super()._serve(_Told(reader, trap), writer)

        async def _treat(self, request: Request) -> Say | None:
            is_message = self.key_of(request) is not None
            answer = await super()._treat(request)
            if is_message:
                trap.fatal("taken")
                asyncio.get_running_loop().call_soon(trap.saw, "answered")
            return answer

        def accept(self, key: str, body: dict[str, Any]) -> None:
            super().accept(key, body)
            trap.account.add(key, _recipient(body), orjson.dumps(body))

    return Trapped()


class _Told:
    """A reader that tells of the head and of the middle of a body."""

    def __init__(self, reader: asyncio.StreamReader, trap: HttpTrap) -> None:
        self._reader = reader
        self._trap = trap

    async def readuntil(self, separator: bytes) -> bytes:
        """The head of a request."""
        head = await self._reader.readuntil(separator)
        if head.startswith(b"POST"):
            self._trap.fatal("head")
        return head

    async def readexactly(self, size: int) -> bytes:
        """The body, in two pieces."""
        begun = await self._reader.readexactly(size // 2)
        if size:
            self._trap.fatal("mid-body")
        return begun + await self._reader.readexactly(size - size // 2)


def _recipient(said: Mapping[str, Any]) -> str:
    """The address that the message is for, in either provider's words."""
    to = said.get("to") or said["To"]
    first = str(to[0] if isinstance(to, list) else to)
    return first.rpartition("<")[2].rstrip(">").lower()
