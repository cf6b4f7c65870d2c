"""Why an SMTP server cannot be used, in sentences for the operator: which server, what is wrong, what to do."""

import os
import ssl

from nurture.providers.transport import TransportProblem
from nurture.smtp_address import SmtpServer


def silent(server: SmtpServer, seconds: float) -> TransportProblem:
    """It did not answer in time."""
    return TransportProblem(
        f"{_place(server)} did not answer within {seconds:g} s. Check NURTURE_SMTP_URL and the firewall."
    )


def unreachable(server: SmtpServer, error: object) -> TransportProblem:
    """There is no connection to it."""
    return TransportProblem(
        f"{_place(server)} cannot be reached ({_why(error)}). Check NURTURE_SMTP_URL, and that the server runs."
    )


def no_tls(server: SmtpServer, error: ssl.SSLError) -> TransportProblem:
    """Encryption came to nothing."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return TransportProblem(
            f"{_place(server)} shows a certificate that cannot be verified ({error}). Correct the host in NURTURE_SMTP_URL."
        )
    return TransportProblem(
        f"{_place(server)} does not speak TLS as asked ({error}). Choose smtp:// or smtps:// to fit its port."
    )


def not_let_in(server: SmtpServer, said: object) -> TransportProblem:
    """It answers, and wants nothing of us."""
    return TransportProblem(f"{_place(server)} does not let us in ({said}).")


def no_starttls(server: SmtpServer) -> TransportProblem:
    """Encryption is required, and not offered."""
    return TransportProblem(
        f"{_place(server)} does not offer STARTTLS. Add ?starttls=never to NURTURE_SMTP_URL only on a network you trust."
    )


def in_the_clear(server: SmtpServer) -> TransportProblem:
    """The password would travel unencrypted, and nobody has allowed it."""
    return TransportProblem(
        f"{_place(server)} does not offer STARTTLS, and the password is not told in the clear. "
        "Add ?starttls=never to NURTURE_SMTP_URL only on a network you trust."
    )


def no_login(server: SmtpServer) -> TransportProblem:
    """There is a user name, and no way to tell it."""
    return TransportProblem(
        f"{_place(server)} takes no user name on this connection. Remove it from NURTURE_SMTP_URL, or use STARTTLS."
    )


def wrong_login(server: SmtpServer, code: int, said: object) -> TransportProblem:
    """The user name or password is refused, or was not even looked at: RFC 4954 §6 has 454 for that."""
    if code < 500:
        return TransportProblem(f"{_place(server)} cannot sign us in just now ({said}). It is tried again.")
    return TransportProblem(f"{_place(server)} refuses the user name or password ({said}). Correct NURTURE_SMTP_URL.")


def _why(error: object) -> str:
    """In the words of the system: the clients have their own, with the address once more. A look-up's number is none of its."""
    cause = getattr(error, "__cause__", None) or error
    if not isinstance(cause, OSError) or cause.errno is None:
        return str(error)
    return os.strerror(cause.errno) if cause.errno > 0 else str(cause.strerror)


def _place(server: SmtpServer) -> str:
    return f"The SMTP server {server.host}:{server.port}"
