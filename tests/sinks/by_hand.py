"""An SMTP server whose every byte the test says, one conversation a connection, so that moments between two bytes can be met.

    async def first(talk):
        await talk.greet()
        await talk.hear("MAIL", "RCPT", "DATA")
        …

A conversation that returns closes its connection; what was not asked of it fails the test that awaits `over`.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeAlias

from nurture.smtp_address import SmtpSecurity, SmtpServer
from tests.sinks.scripted import server_tls

LIMIT = 1 << 16  # octets that wait unread beyond what the kernel holds
SERVES = ("PIPELINING", "8BITMIME", "SIZE 50000000")


class Talk:
    """One connection, seen from the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.heard: list[str] = []

    async def say(self, *lines: str) -> None:
        """Say these lines in one write."""
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self.writer.drain()

    async def hear(self, *verbs: str) -> list[str]:
        """Wait for commands that begin so, no others; answers them whole."""
        lines = [(await self.reader.readuntil(b"\r\n")).decode().strip() for _ in verbs]
        self.heard += lines
        assert [line[: len(verb)] for line, verb in zip(lines, verbs, strict=True)] == list(verbs)
        return lines

    async def hear_message(self) -> bytes:
        """Wait for a message and its dot."""
        lines: list[bytes] = []
        while (line := await self.reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line)
        return b"".join(lines)

    async def hears_nothing(self) -> bool:
        """Whether nothing more comes for a moment."""
        try:
            async with asyncio.timeout(0.05):
                return not await self.reader.read(1)
        except TimeoutError:
            return True

    async def greet(self, *extensions: str) -> None:
        """Greet, and name these extensions; PIPELINING and the like unless others are given."""
        await self.say("220 hand.example ESMTP")
        await self.offer(*extensions)

    async def offer(self, *extensions: str) -> None:
        """Answer EHLO."""
        await self.hear("EHLO")
        words = ["hand.example", *(extensions or SERVES)]
        await self.say(*(f"250-{word}" for word in words[:-1]), f"250 {words[-1]}")

    async def envelope(self) -> list[str]:
        """Hear an envelope and agree to it."""
        heard = await self.hear("MAIL", "RCPT", "DATA")
        await self.say("250 2.1.0 OK", "250 2.1.5 OK", "354 Go ahead")
        return heard

    async def encrypt(self) -> None:
        """Speak TLS from here on."""
        await self.writer.start_tls(server_tls())

    def break_off(self) -> None:
        """Break the connection."""
        self.writer.transport.abort()


Conversation: TypeAlias = Callable[[Talk], Awaitable[None]]


class ByHand:
    """`async with ByHand(first, second) as server:`; a connection too many is closed at once, and fails the test."""

    def __init__(
        self,
        *conversations: Conversation,
        host: str = "127.0.0.1",
        security: SmtpSecurity = "none",
        limit: int = 1 << 16,
    ) -> None:
        self._left = list(conversations)
        self._host = host
        self._security = security
        self._server: asyncio.Server | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._all_began = asyncio.Event()

    async def __aenter__(self) -> Self:
        implicit: ssl.SSLContext | None = server_tls() if self._security == "tls" else None
        self._server = await asyncio.start_server(self._serve, self._host, 0, ssl=implicit, limit=LIMIT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # the transports of broken connections end in the loop's next turns

    def server(self, username: str | None = None, password: str | None = None) -> SmtpServer:
        """How a client reaches it."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return SmtpServer(self._host, port, self._security, username, password)

    async def over(self) -> None:
        """Wait until all conversations have taken place, and tell what went wrong in them."""
        await self._all_began.wait()
        await asyncio.gather(*self._tasks)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(self._converse(Talk(reader, writer))))

    async def _converse(self, talk: Talk) -> None:
        try:
            assert self._left, "a connection too many"
            conversation = self._left.pop(0)
            if not self._left:
                self._all_began.set()
            await conversation(talk)
        finally:
            talk.writer.close()
