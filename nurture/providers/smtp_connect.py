"""Opening one SMTP connection: greeting, encryption, authentication; and what to tell the operator when it fails.

This is aiosmtplib's work; what it raises becomes one sentence with the server's name and a remedy.
"""

import asyncio
import ssl
from typing import cast

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
    SMTPTimeoutError,
)

from nurture.providers.smtp_session import Session
from nurture.providers.transport import TransportProblem
from nurture.smtp_address import SmtpServer


def tls_context(server: SmtpServer) -> ssl.SSLContext:
    """Certificates are verified, except where encryption is a mere bonus (RFC 7435) and no password is at stake."""
    context = ssl.create_default_context()
    if server.security == "starttls_if_offered" and server.username is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def connect(server: SmtpServer, tls: ssl.SSLContext, ehlo_name: str, seconds: float) -> Session:
    """A session ready for messages. Raises TransportProblem."""
    client = _client(server, tls, ehlo_name, seconds)
    try:
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        protocol = client.protocol
        if protocol is None or protocol.transport is None:
            raise ConnectionError("the connection was closed")
        return Session(cast(asyncio.Transport, protocol.transport), client.esmtp_extensions)
    except (SMTPException, OSError, ValueError) as error:
        client.close()
        raise TransportProblem(_sentence(server, error, seconds)) from error
    except asyncio.CancelledError:
        client.close()
        raise


def _client(server: SmtpServer, tls: ssl.SSLContext, ehlo_name: str, timeout: float) -> SMTP:
    start_tls = {"none": False, "starttls_if_offered": None, "starttls": True, "tls": False}[server.security]
    return SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        local_hostname=ehlo_name,
        timeout=timeout,
        use_tls=server.security == "tls",
        start_tls=start_tls,
        tls_context=tls,
    )


def _sentence(server: SmtpServer, error: Exception, timeout: float) -> str:
    place = f"The SMTP server {server.host}:{server.port}"
    causes = (error, error.__cause__, error.__context__)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return f"{place} shows a certificate that cannot be verified ({error}). Correct the host in NURTURE_SMTP_URL."
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return f"{place} does not speak TLS as asked ({error}). Choose smtp:// or smtps:// to fit its port."
    match error:
        case SMTPAuthenticationError():
            return (
                f"{place} refuses the user name or password ({error.code} {error.message}). Correct NURTURE_SMTP_URL."
            )
        case SMTPTimeoutError() | TimeoutError():
            return f"{place} did not answer within {timeout:g} s. Check NURTURE_SMTP_URL and the firewall."
        case SMTPResponseException():
            return f"{place} does not let us in ({error.code} {error.message})."
        case SMTPException() if "STARTTLS" in str(error):
            return (
                f"{place} does not offer STARTTLS. Add ?starttls=never to NURTURE_SMTP_URL only on a network you trust."
            )
        case SMTPException() if "AUTH" in str(error):
            return f"{place} takes no user name on this connection. Remove it from NURTURE_SMTP_URL, or use STARTTLS."
        case _:
            return f"{place} cannot be reached ({error}). Check NURTURE_SMTP_URL, and that the server runs."
