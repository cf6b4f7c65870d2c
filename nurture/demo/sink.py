"""An SMTP server on the loopback that plays the mail host: it takes mail, knows which addresses are none, and keeps what it took.

It speaks what the engine speaks to any server (RFC 5321, PIPELINING, 8BITMIME, enhanced statuses), one transaction after
the other on each connection.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

END = b"\r\n.\r\n"
OK = b"250 2.0.0 OK\r\n"
LONGEST_COMMAND = 4096

_PATH = re.compile(rb"<([^<>]*)>")

Refusal: TypeAlias = Callable[[str], str | None]
"""The line that refuses an address at RCPT, else None. Asked once for each attempt."""

Taken: TypeAlias = Callable[[str, str, bytes], None]
"""Called with the envelope and the message once it was taken."""


@dataclass(slots=True)
class Sink:
    """What all connections share."""

    refuse: Refusal
    take: Taken
    taken: int = 0
    refused: int = 0
    open: set[asyncio.Transport] = field(default_factory=set)
    server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen on a free port of the loopback; answers which."""
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Close everything."""
        for transport in list(self.open):
            transport.abort()
        if self.server is not None:
            self.server.close()
            await self.server.wait_closed()


class _Connection(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._rest = bytearray()
        self._in_message = False
        self._mail_from: str | None = None
        self._rcpt_to: str | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._sink.open.add(transport)
        transport.write(b"220 hote.exemple.example ESMTP\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        self._sink.open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        replies: list[bytes] = []
        while (reply := self._message() if self._in_message else self._command()) is not None:
            replies.append(reply)
        if replies:
            self._transport.write(b"".join(replies))
            if replies[-1].startswith(b"221"):
                self._transport.close()

    def _message(self) -> bytes | None:
        end = self._rest.find(END)
        if end < 0:
            return None
        # What goes before is the line end of DATA itself: an empty message ends at once (RFC 5321 §4.1.1.4).
        data = bytes(self._rest[: end + 2]).replace(b"\r\n..", b"\r\n.")[2:]
        del self._rest[: end + len(END)]
        self._in_message = False
        assert self._mail_from is not None
        assert self._rcpt_to is not None
        self._sink.taken += 1
        self._sink.take(self._mail_from, self._rcpt_to, data)
        self._forget()
        return f"250 2.0.0 Ok: queued as D{self._sink.taken:07d}\r\n".encode()

    def _command(self) -> bytes | None:
        line, found, rest = self._rest.partition(b"\n")
        if not found:
            return b"500 5.5.2 Line too long\r\n221 2.0.0 Bye\r\n" if len(self._rest) > LONGEST_COMMAND else None
        self._rest = rest
        verb = bytes(line[:4]).upper()
        answer = _ANSWERS.get(verb)
        return answer(self, bytes(line)) if answer is not None else b"502 5.5.1 Not here\r\n"

    def _forget(self) -> None:
        self._mail_from = self._rcpt_to = None

    def _ehlo(self, line: bytes) -> bytes:
        self._forget()
        return b"250-hote.exemple.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n"

    def _mail(self, line: bytes) -> bytes:
        self._mail_from, self._rcpt_to = _path(line), None
        return b"250 2.1.0 OK\r\n"

    def _rcpt(self, line: bytes) -> bytes:
        if self._mail_from is None:
            return b"503 5.5.1 MAIL first\r\n"
        address = _path(line)
        refusal = self._sink.refuse(address)
        if refusal is not None:
            self._sink.refused += 1
            return f"{refusal}\r\n".encode()
        self._rcpt_to = address
        return b"250 2.1.5 OK\r\n"

    def _data(self, line: bytes) -> bytes:
        if self._rcpt_to is None:
            return b"503 5.5.1 RCPT first\r\n"
        self._in_message = True
        self._rest[:0] = b"\r\n"
        return b"354 Go ahead\r\n"

    def _rset(self, line: bytes) -> bytes:
        self._forget()
        return OK

    def _noop(self, line: bytes) -> bytes:
        return OK

    def _quit(self, line: bytes) -> bytes:
        return b"221 2.0.0 Bye\r\n"


_ANSWERS: Mapping[bytes, Callable[[_Connection, bytes], bytes]] = {
    b"EHLO": _Connection._ehlo,
    b"HELO": _Connection._rset,
    b"MAIL": _Connection._mail,
    b"RCPT": _Connection._rcpt,
    b"DATA": _Connection._data,
    b"RSET": _Connection._rset,
    b"NOOP": _Connection._noop,
    b"QUIT": _Connection._quit,
}


def _path(line: bytes) -> str:
    found = _PATH.search(line)
    return found[1].decode("utf-8", "replace") if found else ""
