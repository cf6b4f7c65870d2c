"""The least SMTP server there is: it counts and forgets, so that a benchmark measures the sender.

EHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT; PIPELINING and 8BITMIME. It understands no address and keeps no message. It can
be far away: each answer then leaves a round trip after what it answers has come, however many are under way.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

END = b"\r\n.\r\n"
OK = b"250 2.0.0 OK\r\n"

_REPLIES: Mapping[bytes, bytes] = {
    b"EHLO": b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n",
    b"HELO": OK,
    b"MAIL": OK,
    b"RCPT": OK,
    b"RSET": OK,
    b"NOOP": OK,
    b"DATA": b"354 Go ahead\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
}


PAUSE = 0.5
"""Seconds without a message after which the next one begins a new stretch."""


@dataclass
class Counts:
    """What all connections have seen so far, and since when messages have come without a pause."""

    connections: int = 0
    messages: int = 0
    octets: int = 0
    stretch: int = 0
    stretch_seconds: float = 0.0
    last_at: float = 0.0

    def message(self, at: float) -> None:
        """One more, at this instant of the loop."""
        self.messages += 1
        if at - self.last_at > PAUSE:
            self.stretch, self.stretch_seconds = 0, 0.0
        else:
            self.stretch += 1
            self.stretch_seconds += at - self.last_at
        self.last_at = at


class FastSink(asyncio.Protocol):
    """One connection."""

    def __init__(self, counts: Counts, round_trip: float) -> None:
        self._counts = counts
        self._round_trip = round_trip
        self._on_their_way: deque[bytes] = deque()
        self._rest = b""
        self._in_message = False
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._counts.connections += 1
        transport.write(b"220 sink.example\r\n")

    def data_received(self, data: bytes) -> None:
        came_at = self._loop.time()
        self._rest += data
        replies: list[bytes] = []
        while (reply := self._message() if self._in_message else self._command()) is not None:
            replies.append(reply)
        if replies:
            self._on_their_way.append(b"".join(replies))
            if self._round_trip:
                self._loop.call_at(came_at + self._round_trip, self._arrive)
            else:
                self._arrive()

    def _arrive(self) -> None:
        replies = self._on_their_way.popleft()
        self._transport.write(replies)
        if replies.endswith(_REPLIES[b"QUIT"]):
            self._transport.close()

    def _message(self) -> bytes | None:
        end = self._rest.find(END)
        if end < 0:
            self._counts.octets += max(len(self._rest) - 4, 0)
            self._rest = self._rest[-4:]
            return None
        self._counts.octets += end + 2
        self._counts.message(self._loop.time())
        self._rest = self._rest[end + len(END) :]
        self._in_message = False
        return OK

    def _command(self) -> bytes | None:
        line, found, rest = self._rest.partition(b"\n")
        if not found:
            return None
        verb = line[:4].upper()
        self._in_message = verb == b"DATA"
        # The line end before the message may be the first half of the final dot's (an empty message).
        self._rest = b"\r\n" + rest if self._in_message else rest
        return _REPLIES.get(verb, b"500 5.5.1 What?\r\n")


async def serve(counts: Counts, port: int, round_trip: float = 0.0) -> asyncio.Server:
    """Listen on the loopback; port 0 takes a free one. `round_trip` is in seconds."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: FastSink(counts, round_trip), "127.0.0.1", port, backlog=512)
