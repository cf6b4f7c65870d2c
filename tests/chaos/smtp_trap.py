"""An SMTP sink that sees each moment of the protocol, tells a trap of it, and keeps account of what it accepted.

A message counts as accepted from the instant its final dot is read, whether or not anybody heard the 250: that is when a
real server has it. It reads in small pieces, so that there is a middle of a message.
"""

import asyncio
import hashlib
import re
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

END = b"\r\n.\r\n"
PIECE = 2048
OK = b"250 2.0.0 OK\r\n"
HELLO = b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n"
MESSAGE_ID = re.compile(rb"^message-id:\s*<([^>]+)>", re.IGNORECASE | re.MULTILINE)
RCPT = re.compile(rb"<([^>]*)>")


@dataclass(frozen=True, slots=True)
class Taken:
    """One acceptance: whose, which bytes, and when by the sink's clock (`time.monotonic`)."""

    address: str
    sha256: str
    at: float


@dataclass
class Account:
    """What the sink accepted, by the message's own name."""

    taken: dict[str, list[Taken]] = field(default_factory=lambda: defaultdict(list))
    last: str = ""
    last_at: float = 0.0

    def add(self, name: str, address: str, data: bytes) -> None:
        """Accept a message."""
        self.last, self.last_at = address, time.monotonic()
        self.taken[name].append(Taken(address, hashlib.sha256(data).hexdigest(), self.last_at))

    @property
    def accepted(self) -> int:
        """How many messages, each once."""
        return len(self.taken)

    @property
    def addresses(self) -> set[str]:
        """Who got anything."""
        return {one.address for those in self.taken.values() for one in those}

    def twice(self) -> tuple[int, int]:
        """How often a message was accepted again: byte for byte the same, and in other bytes."""
        same = other = 0
        for first, *more in self.taken.values():
            again = sum(one.sha256 == first.sha256 for one in more)
            same, other = same + again, other + len(more) - again
        return same, other


Saw = Callable[[str], bool]


@dataclass
class SmtpTrap:
    """The server. `saw` is told of each moment and answers whether the client was just killed.

    `before_354` may hold a connection up for so many seconds before it asks for the message.
    """

    account: Account = field(default_factory=Account)
    saw: Saw = lambda moment: False
    before_354: Callable[[], float] = lambda: 0.0
    before_250: Callable[[], float] = lambda: 0.0
    _server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen on the loopback; answers the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=512)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Listen no more."""
        assert self._server is not None
        self._server.close()


class _Connection(asyncio.BufferedProtocol):
    def __init__(self, sink: SmtpTrap) -> None:
        self._sink = sink
        self._piece = bytearray(PIECE)
        self._rest = bytearray()
        self._body: bytearray | None = None
        self._address = ""
        self._waiting = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._fatal("connect"):
            transport.write(b"220 sink.example\r\n")

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._piece

    def buffer_updated(self, nbytes: int) -> None:
        self._rest += self._piece[:nbytes]
        self._go_on()

    def _go_on(self) -> None:
        while not self._waiting and not self._transport.is_closing() and self._step():
            pass

    def _step(self) -> bool:
        return self._command() if self._body is None else self._message(self._body)

    def _command(self) -> bool:
        line, found, rest = bytes(self._rest).partition(b"\r\n")
        if not found:
            return False
        self._rest = bytearray(rest)
        match line[:4].upper():
            case b"EHLO":
                self._transport.write(HELLO)
                self._fatal("ehlo")
            case b"MAIL":
                self._agree("mail")
            case b"RCPT":
                named = RCPT.search(line)
                self._address = named[1].decode().lower() if named else ""
                self._agree("rcpt")
            case b"DATA":
                self._after(self._sink.before_354(), self._ask)
            case b"QUIT":
                self._transport.write(b"221 2.0.0 Bye\r\n")
                self._transport.close()
            case _:
                self._transport.write(OK)
        return True

    def _agree(self, moment: str) -> None:
        if not self._fatal(moment):
            self._transport.write(OK)

    def _after(self, seconds: float, then: Callable[[], None]) -> None:
        if not seconds:
            then()
            return

        def later() -> None:
            self._waiting = False
            if not self._transport.is_closing():
                then()
                self._go_on()

        self._waiting = True
        asyncio.get_running_loop().call_later(seconds, later)

    def _ask(self) -> None:
        self._body = bytearray(b"\r\n")
        self._transport.write(b"354 Go ahead\r\n")
        self._fatal("354")

    def _message(self, body: bytearray) -> bool:
        begins = max(len(body) - len(END), 0)
        body += self._rest
        self._rest = bytearray()
        end = body.find(END, begins)
        if end < 0:
            if len(body) > PIECE // 2:
                self._fatal("mid-body")
            return False
        data, self._rest = bytes(body[2 : end + 2]), body[end + len(END) :]
        self._body = None
        self._accept(data)
        return True

    def _accept(self, data: bytes) -> None:
        """From here on the message is ours, whatever becomes of the client."""
        named = MESSAGE_ID.search(data)
        self._sink.account.add(named[1].decode() if named else "", self._address, data)
        if not self._fatal("dot"):
            self._after(self._sink.before_250(), self._thank)

    def _thank(self) -> None:
        self._transport.write(OK)
        self._fatal("250")

    def _fatal(self, moment: str) -> bool:
        """Whether the client was killed at this moment: then it is heard no further."""
        killed = self._sink.saw(moment)
        if killed:
            self._transport.abort()
        return killed
