"""Handing messages to an SMTP server over a few connections that are kept open, pipelined where the server lets us.

    send -> line (smtp_sending) -> pool (smtp_pool) -> session (smtp_session) on a connection (smtp_connection)

The client is `pipelined` or `plain`. Pipelined, our own code opens a connection (smtp_open), and the envelope of a message
lies behind the final dot of the one before: a round trip a message, however far away the server. Plain, aiosmtplib opens
it (smtp_connect), and a message begins when the one before is answered: two round trips. All else they share. SMTP has no
idempotency key: see `Repeat.PLAIN`.
"""

import asyncio
import ssl
from collections.abc import Mapping
from functools import partial
from math import inf

from nurture.providers import smtp_connect, smtp_open
from nurture.providers.smtp_pool import Pool
from nurture.providers.smtp_sending import Sending
from nurture.providers.smtp_terms import Terms
from nurture.providers.smtp_tls import tls_context
from nurture.providers.transport import Capabilities, MayGo, Outcome, Outgoing, Repeat, always
from nurture.smtp_address import SmtpClient, SmtpServer

LANES: Mapping[SmtpClient, int] = {"pipelined": 2, "plain": 1}
"""Messages that a connection has use for at once: one under way, and one whose envelope may lie behind its dot."""


class SmtpTransport:
    """A `Transport` over SMTP. Belongs to one event loop at a time."""

    def __init__(
        self,
        server: SmtpServer,
        *,
        client: SmtpClient = "pipelined",
        connections: int = 4,
        timeout: float = 60.0,
        messages_per_connection: int = 1000,
        idle: float = 30.0,
        caution: float = 600.0,
        ehlo_name: str = "localhost",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`timeout` bounds one whole message, in seconds, and a message's own deadline bounds it further.

        For `caution` seconds after a connection was lost with an envelope behind a dot, there is none behind any.
        """
        connect = smtp_open.connect if client == "pipelined" else smtp_connect.connect
        self._connect = partial(connect, server, tls or tls_context(server), ehlo_name)
        self._client = client
        self._connections = connections
        self._timeout = timeout
        self._most = messages_per_connection
        self._idle = idle
        self._caution = caution
        self._pool = self._new_pool()

    @property
    def capabilities(self) -> Capabilities:
        """Plain SMTP: a lost answer stays unknown."""
        return Capabilities(Repeat.PLAIN, self._connections, lanes=LANES[self._client])

    async def open(self) -> None:
        """Open a first connection. TransportProblem says why there is none."""
        await self._pool.open()

    async def close(self) -> None:
        """Take leave of the server on every connection."""
        pool, self._pool = self._pool, self._new_pool()
        await pool.close()

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        """Hand one message over, waiting for a connection.

        `may_go` is read just before the final dot is written, when the kernel has the message or surely takes it together
        with the dot: the last instant at which a message can be stopped. Stopping it there costs the connection.
        """
        sending = Sending(message, may_go, asyncio.get_running_loop().create_future())
        pool = self._pool
        pool.take(sending)
        try:
            return await sending.answer
        except asyncio.CancelledError:
            pool.withdraw(sending)
            raise

    def _new_pool(self) -> Pool:
        ahead_from = 0.0 if self._client == "pipelined" else inf
        terms = Terms(self._timeout, self._most, ahead_from, self._caution)
        return Pool(self._connect, self._connections, self._idle, terms)
