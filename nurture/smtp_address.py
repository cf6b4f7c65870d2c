"""Where mail is handed over, and how an operator writes it: one URL."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

SmtpSecurity = Literal["none", "starttls_if_offered", "starttls", "tls"]

SmtpClient = Literal["pipelined", "plain"]
"""How messages are handed over: see `nurture/providers/smtp.py`."""

LOCAL = ("localhost", "127.0.0.1", "::1")
"""This machine: what is told to it travels nowhere."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over; the password never shows in a repr."""

    host: str
    port: int
    security: SmtpSecurity
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def parse_smtp_url(url: str) -> SmtpServer:
    """Read `smtp://user:password@host:587?starttls=required|optional|never` or `smtps://…`.

    STARTTLS is required unless the host is this machine. ValueError (without the password)
    says what is wrong. Ports default to 587, and to 465 for smtps.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError(
            "this is no SMTP address; write smtp://user:password@host:587 or smtps://user:password@host:465"
        )
    try:
        port = parts.port or (465 if parts.scheme == "smtps" else 587)
    except ValueError:
        raise ValueError(
            f"the port after {parts.hostname} is no number from 1 to 65535; write it like {parts.hostname}:587"
        ) from None
    return SmtpServer(
        host=parts.hostname,
        port=port,
        security=_smtp_security(parts.scheme, parts.hostname, dict(parse_qsl(parts.query))),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def _smtp_security(scheme: str, host: str, options: dict[str, str]) -> SmtpSecurity:
    unknown = sorted(options.keys() - {"starttls"})
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no option of an SMTP address; the only one is starttls")
    if scheme == "smtps":
        return "tls"
    by_default = "optional" if host in LOCAL else "required"
    choices: dict[str, SmtpSecurity] = {
        "required": "starttls",
        "optional": "starttls_if_offered",
        "never": "none",
    }
    chosen = options.get("starttls", by_default)
    if chosen not in choices:
        raise ValueError(f"starttls={chosen} is not known; write starttls=required, optional or never")
    return choices[chosen]
