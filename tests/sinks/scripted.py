"""A real SMTP server (aiosmtpd) that does to each recipient what the test has written down.

It runs in the test's own event loop, keeps what it took, and counts connections and Message-IDs.
`certificate.pem` is a key and certificate for localhost that nobody trusts but these tests.
"""

import asyncio
import ssl
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from nurture.smtp_address import SmtpSecurity, SmtpServer

CERTIFICATE = Path(__file__).with_name("certificate.pem")


@dataclass(frozen=True)
class Answer:
    """Answer with this line at MAIL, RCPT or after the final dot ("DOT")."""

    at: str
    line: str


@dataclass(frozen=True)
class DropBeforeDot:
    """Ask for the message, then break the connection."""


@dataclass(frozen=True)
class DropAfterDot:
    """Take the whole message, then break the connection without an answer."""


@dataclass(frozen=True)
class Slow:
    """Take the whole message, and answer only after some seconds."""

    seconds: float


Behaviour: TypeAlias = Answer | DropBeforeDot | DropAfterDot | Slow


@dataclass(frozen=True)
class Taken:
    """A message the server has seen whole, whatever it answered."""

    mail_from: str
    rcpt_to: str
    data: bytes
    options: tuple[str, ...]
    encrypted: bool
    user: str | None

    @property
    def message_id(self) -> str:
        """Its Message-ID as it stands."""
        return str(BytesHeaderParser().parsebytes(self.data)["Message-ID"] or "")


@dataclass
class Sink:
    """`async with Sink(script={address: [behaviour, …]}) as sink:`; after its behaviours an address is served well."""

    script: Mapping[str, Sequence[Behaviour]] = field(default_factory=dict)
    security: SmtpSecurity = "none"
    offers_tls: bool | None = None
    user: tuple[str, str] | None = None
    pipelining: bool = True
    smtputf8: bool = True
    size_limit: int = 33_554_432
    messages_per_connection: int | None = None

    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    commands: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left = defaultdict(list, {address: list(items) for address, items in self.script.items()})
        self._server: asyncio.Server | None = None
        self._open: set[_Connection] = set()
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        implicit = server_tls() if self.security == "tls" else None
        self._server = await loop.create_server(self._connection, "127.0.0.1", 0, ssl=implicit)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.break_connections()
        await self._server.wait_closed()
        await asyncio.sleep(0.01)  # the handlers of broken connections end in the loop's next turns

    @property
    def server(self) -> SmtpServer:
        """How a client reaches it."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        user, password = self.user or (None, None)
        return SmtpServer("127.0.0.1", port, self.security, user, password)

    @property
    def message_ids(self) -> Counter[str]:
        """How often each Message-ID was taken."""
        return Counter(message.message_id for message in self.taken)

    async def until_taken(self, count: int) -> None:
        """Return as soon as so many messages were seen whole, answered or not."""
        while len(self.taken) < count:
            self._news.clear()
            await self._news.wait()

    def break_connections(self) -> None:
        """Break every open connection at once."""
        for connection in list(self._open):
            if connection.transport is not None:
                with suppress(AttributeError):  # of a TLS connection closed already, in Python before 3.11.4
                    connection.transport.abort()  # type: ignore[attr-defined]

    def next_for(self, address: str, *kinds: type[Behaviour], at: str | None = None) -> Behaviour | None:
        """Use up the next behaviour of an address when it is of these kinds."""
        left = self._left[address]
        if not left or not isinstance(left[0], kinds):
            return None
        if isinstance(left[0], Answer) and left[0].at != at:
            return None
        return left.pop(0)

    def _connection(self) -> "_Connection":
        self.connections += 1
        has_tls = self.offers_tls if self.offers_tls is not None else self.security.startswith("starttls")
        return _Connection(
            self,
            hostname="sink.example",
            tls_context=server_tls() if has_tls else None,
            require_starttls=self.security == "starttls",
            auth_required=self.user is not None,
            auth_require_tls=self.user is not None and self.security.startswith("starttls"),
            authenticator=self._authenticate,
            enable_SMTPUTF8=self.smtputf8,
            data_size_limit=self.size_limit,
            loop=asyncio.get_running_loop(),
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self.user, handled=False, auth_data=given[0])

    # What aiosmtpd calls.

    async def handle_EHLO(  # noqa: N802
        self, server: "_Connection", session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self.pipelining else responses

    async def handle_MAIL(  # noqa: N802
        self, server: "_Connection", session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append("MAIL")
        if self.messages_per_connection is not None and server.messages >= self.messages_per_connection:
            asyncio.get_running_loop().call_later(0.01, server.transport.close)
            return "421 4.7.0 Enough for one connection"
        if isinstance(answer := self.next_for(address, Answer, at="MAIL"), Answer):
            return answer.line
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: "_Connection", session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append("RCPT")
        if isinstance(answer := self.next_for(address, Answer, at="RCPT"), Answer):
            return answer.line
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_RSET(self, server: "_Connection", session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.commands.append("RSET")
        return "250 2.0.0 OK"

    async def handle_DATA(self, server: "_Connection", session: Session, envelope: Envelope) -> str:  # noqa: N802
        self._take(server, session, envelope)
        server.messages += 1
        match self.next_for(envelope.rcpt_tos[0], Answer, DropAfterDot, Slow, at="DOT"):
            case Answer(line=line):
                return line
            case DropAfterDot():
                server.transport.abort()
            case Slow(seconds=seconds):
                await asyncio.sleep(seconds)
            case _:
                pass
        return f"250 2.0.0 Ok: queued as Q{len(self.taken)}"

    def _take(self, server: "_Connection", session: Session, envelope: Envelope) -> None:
        self._news.set()
        self.taken.append(
            Taken(
                envelope.mail_from or "",
                envelope.rcpt_tos[0],
                envelope.original_content or b"",
                tuple(option.upper() for option in envelope.mail_options),
                server.transport.get_extra_info("sslcontext") is not None,
                session.auth_data if session.authenticated else None,
            )
        )


class _Connection(SMTP):  # type: ignore[misc]
    """One connection of a sink, which can break between 354 and the final dot."""

    def __init__(self, sink: Sink, **options: Any) -> None:
        super().__init__(sink, **options)
        self.sink = sink
        self.messages = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.sink._open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.sink._open.discard(self)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        recipients = self.envelope.rcpt_tos
        if recipients and self.sink.next_for(recipients[0], DropBeforeDot):
            await self.push("354 Go ahead")
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


def server_tls() -> ssl.SSLContext:
    """The server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def client_tls() -> ssl.SSLContext:
    """A client that trusts the sink's certificate, and nobody else's."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))
