"""Opening an SMTP connection by aiosmtplib, for the plain client; what it raises becomes a sentence for the operator."""

import asyncio
import ssl
from typing import cast

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPTimeoutError,
)

from nurture.providers import smtp_problems as problems
from nurture.providers.smtp_connection import Connection
from nurture.providers.smtp_replies import CLOSING
from nurture.providers.smtp_tls import may_tell_password
from nurture.providers.transport import TransportProblem
from nurture.smtp_address import SmtpServer


async def connect(server: SmtpServer, tls: ssl.SSLContext, ehlo_name: str, seconds: float) -> Connection:
    """An open connection, within `seconds`. Raises TransportProblem."""
    client = _client(server, tls, ehlo_name, seconds)
    try:
        async with asyncio.timeout(seconds):
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await _greet(client)
            await _sign_in(client, server)
        protocol = client.protocol
        if protocol is None or protocol.transport is None:
            raise ConnectionError("the connection was closed")
        transport = cast(asyncio.Transport, protocol.transport)
        return Connection(transport, client.esmtp_extensions, _beneath(transport))
    except (SMTPException, OSError, ValueError) as error:
        client.close()
        raise _problem(server, error, seconds) from error
    except (asyncio.CancelledError, TransportProblem):
        client.close()
        raise


def _beneath(transport: asyncio.Transport) -> asyncio.Transport | None:
    """What TLS writes to; None where there is none. The library tells of it nowhere, and asyncio under no public name."""
    tls = getattr(transport, "_ssl_protocol", None)
    return cast(asyncio.Transport | None, getattr(tls, "_transport", None))


def _client(server: SmtpServer, tls: ssl.SSLContext, ehlo_name: str, timeout: float) -> SMTP:
    start_tls = {"none": False, "starttls_if_offered": None, "starttls": True, "tls": False}[server.security]
    return SMTP(
        hostname=server.host,
        port=server.port,
        local_hostname=ehlo_name,
        timeout=timeout,
        use_tls=server.security == "tls",
        start_tls=start_tls,
        tls_context=tls,
    )


async def _greet(client: SMTP) -> None:
    try:
        await client.ehlo()
    except SMTPHeloError as refused:
        if refused.code == CLOSING:
            raise
        await client.helo()


async def _sign_in(client: SMTP, server: SmtpServer) -> None:
    if server.username is None:
        return
    if not may_tell_password(server, encrypted=client.get_transport_info("sslcontext") is not None):
        raise problems.in_the_clear(server)
    await client.login(server.username, server.password or "")


def _problem(server: SmtpServer, error: Exception, timeout: float) -> TransportProblem:
    for cause in (error, error.__cause__, error.__context__):
        if isinstance(cause, ssl.SSLError):
            return problems.no_tls(server, cause)
    match error:
        case SMTPAuthenticationError():
            return problems.wrong_login(server, error.code, f"{error.code} {error.message}")
        case SMTPTimeoutError() | TimeoutError():
            return problems.silent(server, timeout)
        case SMTPResponseException():
            return problems.not_let_in(server, f"{error.code} {error.message}")
        case SMTPException() if "AUTH" in str(error) or "authentication" in str(error):
            return problems.no_login(server)
        case SMTPException() if "STARTTLS" in str(error):
            return problems.no_starttls(server)
        case _:
            return problems.unreachable(server, error)
