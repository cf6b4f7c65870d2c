"""One open SMTP connection: commands out in one write, replies in, a message handed over.

aiosmtplib greets, encrypts and authenticates; then this protocol takes its place on the connection, because a message
costs two round trips here instead of four (RFC 2920), one timer instead of eight, and because only whoever writes the
final dot knows whether an answer that never came was about a message that may have left.

    [RSET] MAIL RCPT DATA ->  <- 354    body ->  may_go?  dot ->  <- 250

`dot_sent` is the line that matters: before it a lost connection means that nothing left, after it nobody knows.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from nurture.providers.smtp_answers import Reply, Stage, accepted, refused
from nurture.providers.smtp_envelope import Envelope, stuffed
from nurture.providers.transport import MayGo, Outcome, Outgoing, Stopped

LONGEST_LINE = 8192
MOST_LINES = 200
CLOSING = 421
GO_AHEAD = 354


class Lost(Exception):
    """The connection is gone, or answers what no server should; the text says which."""


class Session(asyncio.Protocol):
    """A connection on which messages are handed over one after the other. Not for two tasks at once."""

    def __init__(self, transport: asyncio.Transport, extensions: Mapping[str, str]) -> None:
        """Take over an open connection whose greeting, encryption and authentication are done."""
        self.extensions = extensions
        self.messages = 0
        self.used_at = time.monotonic()
        self.dot_sent = False
        self.answered = False
        self._pipelining = "pipelining" in extensions
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._rest = b""
        self._texts: list[str] = []
        self._replies: list[Reply] = []
        self._wanted = 0
        self._waiter: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._lost: str | None = None
        self._must_reset = False
        transport.set_protocol(self)
        # "Drained" must mean that the kernel has it all, for what is read just before the dot to be worth something.
        transport.set_write_buffer_limits(high=0)

    @property
    def is_alive(self) -> bool:
        """Whether another message may be tried on it."""
        return self._lost is None and not self._transport.is_closing()

    async def transact(self, message: Outgoing, envelope: Envelope, may_go: MayGo, deadline: float) -> Outcome:
        """Hand one message over. Raises Lost; `dot_sent` then tells whether it may have left."""
        self.dot_sent = self.answered = False
        outcome = await self._ask(envelope, deadline)
        if outcome is None:
            outcome = await self._tell(message, may_go, deadline)
        self.messages += 1
        self.used_at = time.monotonic()
        return outcome

    async def quit(self, deadline: float) -> None:
        """Take leave politely, then close in any case."""
        try:
            await self._exchange([b"QUIT"], deadline)
        except Lost:
            pass
        finally:
            self._transport.close()

    def leave(self) -> None:
        """Say good-bye and close without waiting for an answer."""
        if self.is_alive:
            self._transport.write(b"QUIT\r\n")
            self._lose("We closed the connection.")
        self._transport.close()

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        self._lose("We closed the connection.")
        with suppress(AttributeError):  # of a TLS connection closed already, in Python before 3.11.4
            self._transport.abort()

    async def _ask(self, envelope: Envelope, deadline: float) -> Outcome | None:
        """Send the envelope; None when the server waits for the message."""
        stages = [Stage.MAIL, Stage.RCPT, Stage.DATA]
        commands = [envelope.mail, envelope.rcpt, b"DATA"]
        if self._must_reset:
            commands.insert(0, b"RSET")
        replies = await self._exchange(commands, deadline)
        if self._must_reset and not replies.pop(0).is_positive:
            self._close("The server does not forget the message that failed.")
            raise Lost("The server does not forget the message that failed.")
        self._must_reset = True
        bad = next(((s, r) for s, r in zip(stages, replies, strict=False) if not _expected(s, r)), None)
        if bad is None:
            return None
        if replies[-1].code == GO_AHEAD:
            self.abort()  # a server that asks for a message that it has just refused is not given one
        return refused(*bad)

    async def _tell(self, message: Outgoing, may_go: MayGo, deadline: float) -> Outcome:
        self._transport.write(stuffed(message.data))
        await self._drained(deadline)
        if time.monotonic() >= message.deadline or not may_go(message):
            self.abort()  # the only way not to finish a message that has begun
            return Stopped("The message was stopped just before it left.")
        (reply,) = await self._dot(deadline)
        self._must_reset = not reply.is_positive
        return accepted(reply) if reply.is_positive else refused(Stage.DOT, reply)

    async def _dot(self, deadline: float) -> list[Reply]:
        if self._transport.is_closing():
            raise Lost("The connection broke during the message.")
        self.dot_sent = True
        answer = self._written([b"."])
        if self._transport.is_closing():  # the kernel refused the dot itself: the other side is gone
            self.dot_sent = False
        return await self._replies_to(answer, deadline)

    async def _exchange(self, commands: Sequence[bytes], deadline: float) -> list[Reply]:
        """The replies to `commands`; without PIPELINING it stops after the first refusal."""
        if self._pipelining or len(commands) == 1:
            return await self._round_trip(commands, deadline)
        replies: list[Reply] = []
        for command in commands:
            replies += await self._round_trip([command], deadline)
            if not replies[-1].is_positive:
                break
        return replies

    async def _round_trip(self, commands: Sequence[bytes], deadline: float) -> list[Reply]:
        return await self._replies_to(self._written(commands), deadline)

    def _written(self, commands: Sequence[bytes]) -> asyncio.Future[None]:
        """Write the commands; the future is done when each has its reply in `_replies`."""
        if self._lost is not None:
            raise Lost(self._lost)
        self._replies, self._wanted = [], len(commands)
        self._waiter = waiter = self._loop.create_future()
        self._transport.write(b"\r\n".join(commands) + b"\r\n")
        return waiter

    async def _replies_to(self, waiter: asyncio.Future[None], deadline: float) -> list[Reply]:
        await self._until(waiter, deadline)
        self.answered = True
        replies = self._replies
        if replies[-1].code == CLOSING:
            self._close("The server closed the connection.")
        return replies

    async def _drained(self, deadline: float) -> None:
        if self._lost is not None:
            raise Lost(self._lost)
        if self._writable is not None:
            await self._until(self._writable, deadline)

    async def _until(self, waiter: asyncio.Future[None], deadline: float) -> None:
        timer = self._loop.call_later(max(deadline - time.monotonic(), 0), self._late)
        try:
            await waiter
        except asyncio.CancelledError:
            self.abort()
            raise
        finally:
            timer.cancel()

    def _late(self) -> None:
        self._close("The server did not answer in time.")

    def _close(self, why: str) -> None:
        self._lose(why)
        self._transport.abort()

    def _lose(self, why: str) -> None:
        self._lost = self._lost or why
        self._wanted = 0
        for waiter in (self._waiter, self._writable):
            if waiter is not None and not waiter.done():
                waiter.set_exception(Lost(self._lost))
                waiter.exception()  # nobody may be waiting: that is no fault to be logged
        self._waiter = self._writable = None

    # What the event loop calls.

    def data_received(self, data: bytes) -> None:
        """Take what the server says apart into replies."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            self._line(line)
        if len(self._rest) > LONGEST_LINE or len(self._texts) > MOST_LINES:
            self._close("The server's answer has no end.")

    def _line(self, line: bytes) -> None:
        if not line[:3].isdigit() or line[3:4] not in (b" ", b"-", b"\r", b""):
            self._close(f"The server answered {line[:60]!r}, which is no SMTP.")
            return
        self._texts.append(line[4:].decode("utf-8", "replace").strip())
        if line[3:4] != b"-":
            self._reply(Reply(int(line[:3]), " ".join(self._texts)))
            self._texts = []

    def _reply(self, reply: Reply) -> None:
        if self._wanted == 0:  # unasked: a server that says good-bye (421) before it closes
            self._close(f"The server said {reply}.")
            return
        self._replies.append(reply)
        if reply.code == CLOSING or len(self._replies) == self._wanted:
            self._wanted = 0
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(None)

    def pause_writing(self) -> None:
        """The kernel does not take more for now."""
        if self._writable is None:
            self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        """All that was written is with the kernel."""
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    def eof_received(self) -> None:
        """The server will not say anything more."""
        self._lose("The server closed the connection.")

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._lose(f"The connection broke ({exc})." if exc else "The connection was closed.")


def _expected(stage: Stage, reply: Reply) -> bool:
    return reply.code == GO_AHEAD if stage is Stage.DATA else reply.is_positive
