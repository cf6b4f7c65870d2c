"""Opening an SMTP connection: greeting, EHLO, STARTTLS, AUTH, each answered before the next is said.

RFC 5321 §3.1 and §4.1.1.1, RFC 3207, RFC 4954. What cannot be done becomes a sentence for the operator.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from math import inf
from typing import cast

from nurture.providers import smtp_problems as problems
from nurture.providers.smtp_auth import SIGNED_IN, sign_in
from nurture.providers.smtp_connection import Connection
from nurture.providers.smtp_replies import CLOSING, NoSmtp, Reply, ReplyReader
from nurture.providers.smtp_tls import may_tell_password
from nurture.smtp_address import SmtpServer

READY = 220


async def connect(server: SmtpServer, tls: ssl.SSLContext, ehlo_name: str, seconds: float) -> Connection:
    """An open connection, within `seconds`. Raises TransportProblem."""
    dialogue = Dialogue()
    try:
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_connection(lambda: dialogue, server.host, server.port)
            return await _opened(dialogue, server, tls, ehlo_name)
    except ssl.SSLError as error:
        dialogue.abort()
        raise problems.no_tls(server, error) from error
    except TimeoutError as error:
        dialogue.abort()
        raise problems.silent(server, seconds) from error
    except (OSError, ValueError, NoSmtp) as error:  # ValueError: a host that can be no name
        dialogue.abort()
        raise problems.unreachable(server, error) from error
    except BaseException:
        dialogue.abort()
        raise


async def _opened(dialogue: "Dialogue", server: SmtpServer, tls: ssl.SSLContext, ehlo_name: str) -> Connection:
    if server.security == "tls":
        await dialogue.encrypt(tls, server.host)
    if (greeting := await dialogue.reply()).code != READY:
        raise problems.not_let_in(server, greeting)
    extensions = await _greet(dialogue, server, ehlo_name)
    if server.security in ("starttls", "starttls_if_offered") and "starttls" in extensions:
        if (answer := await dialogue.ask(b"STARTTLS")).code != READY:
            raise problems.not_let_in(server, answer)
        await dialogue.encrypt(tls, server.host)
        extensions = await _greet(dialogue, server, ehlo_name)
    elif server.security == "starttls":
        raise problems.no_starttls(server)
    await _sign_in(dialogue, server, extensions)
    return dialogue.connection(extensions)


async def _greet(dialogue: "Dialogue", server: SmtpServer, name: str) -> Mapping[str, str]:
    """What the server can do, by lower-case keyword; nothing where it knows no EHLO."""
    answer = await dialogue.ask(f"EHLO {name}".encode())
    if answer.is_positive:
        return _extensions(answer)
    if answer.code != CLOSING:
        answer = await dialogue.ask(f"HELO {name}".encode())
    if not answer.is_positive:
        raise problems.not_let_in(server, answer)
    return {}


def _extensions(answer: Reply) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in answer.lines[1:]:
        words = f"AUTH {line[5:]}" if line[:5].upper() == "AUTH=" else line  # as servers said it before RFC 2554
        keyword, _, parameters = words.partition(" ")
        found[keyword.lower()] = f"{found.get(keyword.lower(), '')} {parameters}".strip()
    return found


async def _sign_in(dialogue: "Dialogue", server: SmtpServer, extensions: Mapping[str, str]) -> None:
    if server.username is None:
        return
    if not may_tell_password(server, encrypted=dialogue.is_encrypted):
        raise problems.in_the_clear(server)
    said = await sign_in(dialogue.ask, extensions.get("auth", ""), server.username, server.password or "")
    if said is None:
        raise problems.no_login(server)
    if said.code != SIGNED_IN:
        raise problems.wrong_login(server, said.code, said)


class Dialogue(asyncio.Protocol):
    """Commands and their replies, one after the other. `ask` and `reply` raise OSError and NoSmtp."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._beneath: asyncio.Transport | None = None
        self._reader = ReplyReader()
        self._replies: deque[Reply] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._end: Exception | None = None
        self._quickest = inf

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody else can listen."""
        return self._beneath is not None

    @property
    def transport(self) -> asyncio.Transport:
        """What is spoken over."""
        assert self._transport is not None
        return self._transport

    async def ask(self, command: bytes) -> Reply:
        """The server's reply to this command."""
        asked_at = time.monotonic()
        self.transport.write(command + b"\r\n")
        reply = await self.reply()
        self._quickest = min(self._quickest, time.monotonic() - asked_at)
        return reply

    async def reply(self) -> Reply:
        """What the server says next."""
        while not self._replies:
            if self._end is not None:
                raise self._end
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._replies.popleft()

    async def encrypt(self, tls: ssl.SSLContext, host: str) -> None:
        """Go on under TLS. What else was said in the clear may have been said by anybody: it is forgotten."""
        clear = self.transport
        self._replies.clear()
        self._reader = ReplyReader()
        self._transport = await asyncio.get_running_loop().start_tls(clear, self, tls, server_hostname=host)
        self._beneath = clear

    def connection(self, extensions: Mapping[str, str]) -> Connection:
        """The connection, for whoever speaks next."""
        return Connection(self.transport, extensions, self._beneath, self._quickest)

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            with suppress(AttributeError):  # of a TLS connection closed already, in Python before 3.11.4
                self._transport.abort()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take what the server says apart."""
        try:
            self._replies.extend(self._reader.read(data))
        except NoSmtp as problem:
            self._ended(problem)
        self._wake()

    def eof_received(self) -> None:
        """The server will not say anything more."""
        self._ended(ConnectionError("it closed the connection"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._ended(exc or ConnectionError("it closed the connection"))

    def _ended(self, why: Exception) -> None:
        self._end = self._end or why
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
