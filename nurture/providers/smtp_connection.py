"""An SMTP connection that is open: greeted, encrypted and authenticated; and whether the kernel has what was written to it."""

import asyncio
import select
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress


class Connection:
    """`extensions` are by lower-case name. `beneath` is what TLS writes to, and `round_trip` the seconds an answer takes,
    where that is known.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        extensions: Mapping[str, str],
        beneath: asyncio.Transport | None = None,
        round_trip: float = 0.0,
    ) -> None:
        self.transport = transport
        self.extensions = extensions
        self.round_trip = round_trip
        self._beneath = beneath
        self._socket = transport.get_extra_info("socket")
        self._ear = select.poll()
        self._ear.register(self._socket.fileno(), select.POLLIN)

    def speak_to(self, protocol: asyncio.BaseProtocol) -> None:
        """From now on `protocol` hears what the server says, and `resume_writing` each time the kernel may have it all."""
        self.transport.set_protocol(protocol)
        self.transport.set_write_buffer_limits(high=0)
        if self._beneath is not None:
            self._beneath.set_write_buffer_limits(high=0)
            tls = self._beneath.get_protocol()
            assert isinstance(tls, asyncio.BufferedProtocol)
            self._beneath.set_protocol(_Beneath(tls, protocol.resume_writing))

    def has_news(self) -> bool:
        """Whether the server has said something, or has hung up, that nobody has heard yet."""
        return bool(self._ear.poll(0))

    @property
    def unwritten(self) -> int:
        """Octets that the kernel does not have yet."""
        own = self.transport.get_write_buffer_size()
        return own if self._beneath is None else own + self._beneath.get_write_buffer_size()

    def room(self) -> int:
        """Octets that the kernel surely takes at once when it has nothing to send; 0 where that cannot be known.

        Half of its buffer, because it counts its own overhead in; it only ever lets the buffer grow.
        """
        if self.transport.get_extra_info("sslcontext") is not None:
            return 0
        size: int = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        return size // 2

    @property
    def is_closing(self) -> bool:
        """Whether nothing more can be written."""
        return self.transport.is_closing() or (self._beneath is not None and self._beneath.is_closing())

    def close(self) -> None:
        """Close; what was written before still goes."""
        if not self.transport.is_closing():
            self.transport.close()

    def abort(self) -> None:
        """Close at once; what the kernel does not have is thrown away."""
        with suppress(AttributeError):  # of a TLS connection closed already, in Python before 3.11.4
            self.transport.abort()


class _Beneath(asyncio.BufferedProtocol):
    """Between the socket and TLS, which tells nobody above it when its own bytes are with the kernel."""

    def __init__(self, tls: asyncio.BufferedProtocol, resumed: Callable[[], None]) -> None:
        self._tls = tls
        self._resumed = resumed

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._tls.get_buffer(sizehint)  # type: ignore[return-value]

    def buffer_updated(self, nbytes: int) -> None:
        self._tls.buffer_updated(nbytes)

    def pause_writing(self) -> None:
        self._tls.pause_writing()

    def resume_writing(self) -> None:
        self._tls.resume_writing()
        self._resumed()

    def eof_received(self) -> bool | None:
        return self._tls.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._tls.connection_lost(exc)
