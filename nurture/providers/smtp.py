"""Handing messages to an SMTP server over a few connections that are kept open.

A connection is replaced when the server closes it, when it has carried as many messages as servers like, or when it has
been idle for so long that the server may have forgotten it. SMTP has no idempotency key: see `Repeat.PLAIN`.
"""

import asyncio
import ssl
import time

from nurture.providers.smtp_connect import connect, tls_context
from nurture.providers.smtp_envelope import Envelope, envelope
from nurture.providers.smtp_session import Lost, Session
from nurture.providers.transport import (
    Capabilities,
    MayGo,
    Outcome,
    Outgoing,
    Repeat,
    Stopped,
    TransportProblem,
    TryLater,
    Unknown,
    always,
)
from nurture.smtp_address import SmtpServer

FAREWELL = 2.0  # seconds that a QUIT may take
PAUSE = 5.0  # seconds for which a server that could not be reached is left alone
SPARE = 2.0  # seconds kept of a message's deadline, to write the outcome down


class SmtpTransport:
    """A `Transport` over SMTP. Belongs to one event loop at a time."""

    def __init__(
        self,
        server: SmtpServer,
        *,
        connections: int = 4,
        timeout: float = 60.0,
        messages_per_connection: int = 1000,
        idle: float = 30.0,
        ehlo_name: str = "localhost",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`timeout` bounds one whole message, in seconds, and a message's own deadline bounds it further."""
        self._server = server
        self._tls = tls or tls_context(server)
        self._ehlo_name = ehlo_name
        self._timeout = timeout
        self._most = messages_per_connection
        self._idle = idle
        self._connections = connections
        self._slots = asyncio.Semaphore(connections)  # of one event loop: see `close`
        self._free: list[Session] = []
        self._down: tuple[float, str] | None = None

    @property
    def capabilities(self) -> Capabilities:
        """Plain SMTP: a lost answer stays unknown."""
        return Capabilities(Repeat.PLAIN, self._connections)

    async def open(self) -> None:
        """Open a first connection. TransportProblem says why there is none."""
        self._down = None
        async with self._slots:
            self._free.append(await self._session(fresh=False, seconds=self._timeout))

    async def close(self) -> None:
        """Take leave of the server on every connection."""
        sessions, self._free = self._free, []
        deadline = time.monotonic() + FAREWELL
        await asyncio.gather(*(session.quit(deadline) for session in sessions))
        self._slots = asyncio.Semaphore(self._connections)

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        """Hand one message over, waiting for a free connection.

        `may_go` is read once the kernel has the whole message and before the final dot is written: the last instant at
        which a message can be stopped. Stopping it there costs the connection.
        """
        async with self._slots:
            deadline = min(message.deadline - SPARE, time.monotonic() + self._timeout)
            if deadline <= time.monotonic():
                return Stopped("The message waited too long for a connection.")
            try:
                return await self._deliver(message, may_go, deadline)
            except TransportProblem as problem:
                return TryLater(str(problem))

    async def _deliver(self, message: Outgoing, may_go: MayGo, deadline: float) -> Outcome:
        """Try on a kept connection; if the server had already closed it, once more on a new one."""
        for fresh in (False, True):
            session = await self._session(fresh, deadline - time.monotonic())
            ready = envelope(message, session.extensions)
            if not isinstance(ready, Envelope):
                self._put_back(session)
                return ready
            was_used = session.messages > 0
            try:
                return await session.transact(message, ready, may_go, deadline)
            except Lost as lost:
                if session.dot_sent:
                    return Unknown(str(lost))
                if session.answered or not was_used or fresh:
                    return TryLater(str(lost))
            finally:
                self._put_back(session)
        raise AssertionError("the second try always answers")

    async def _session(self, fresh: bool, seconds: float) -> Session:
        if not fresh and (kept := self._kept()) is not None:
            return kept
        if self._down is not None and time.monotonic() < self._down[0]:
            raise TransportProblem(self._down[1])
        try:
            return await connect(self._server, self._tls, self._ehlo_name, max(min(seconds, self._timeout), 0.1))
        except TransportProblem as problem:
            self._down = (time.monotonic() + PAUSE, str(problem))
            raise

    def _kept(self) -> Session | None:
        """The connection used last, so that those not needed grow old and go."""
        while self._free:
            session = self._free.pop()
            if session.is_alive and time.monotonic() - session.used_at < self._idle:
                return session
            session.leave()
        return None

    def _put_back(self, session: Session) -> None:
        if session.messages >= self._most:
            session.leave()
        elif session.is_alive:
            self._free.append(session)
