"""Whom to believe on an encrypted connection, and whether a password may be told on one that is not."""

import ssl

from nurture.smtp_address import LOCAL, SmtpServer


def tls_context(server: SmtpServer) -> ssl.SSLContext:
    """Certificates are verified, except where encryption is a mere bonus (RFC 7435) and no password is at stake."""
    context = ssl.create_default_context()
    if server.security == "starttls_if_offered" and server.username is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def may_tell_password(server: SmtpServer, *, encrypted: bool) -> bool:
    """Whether the user name and password may be told: in the clear only to this machine, or where the operator says so.

    That STARTTLS is not offered says nothing: whoever stands between may have taken the offer away.
    """
    return encrypted or server.security == "none" or server.host in LOCAL
