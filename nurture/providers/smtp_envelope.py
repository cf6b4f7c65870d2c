"""The envelope of a message as SMTP commands, and the message as bytes that may follow DATA.

RFC 5321 §4.1.1 (commands) and §4.5.2 (dot-stuffing), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8), RFC 1870 (SIZE).
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from nurture.core.words import Hardness
from nurture.domains import ascii_domain
from nurture.providers.transport import Outgoing, RefusedForGood

# No control, space or angle bracket can end the command or add a parameter to it.
_ADDRESS = re.compile(r'[^\x00-\x20\x7f-\xa0<>"\\@]+@[^\x00-\x20\x7f-\xa0<>"\\@]+')

# As many figures as RFC 1870 §4 allows; more are no bound.
_LIMIT = re.compile(r"[0-9]{1,20}")


def envelope(message: Outgoing, extensions: Mapping[str, str]) -> bytes | RefusedForGood:
    """MAIL, RCPT and DATA, a line each, for this message on a server with these extensions (lower case).

    RefusedForGood says why it cannot be sent there.
    """
    sender, recipient = _sender(message.mail_from), _path(message.rcpt_to, "5.1.3")
    if isinstance(sender, RefusedForGood):
        return sender
    if isinstance(recipient, RefusedForGood):
        return recipient
    options = _options(message, extensions, not (sender + recipient).isascii())
    if isinstance(options, RefusedForGood):
        return options
    return b"MAIL FROM:<%b>%b\r\nRCPT TO:<%b>\r\nDATA\r\n" % (sender.encode(), options, recipient.encode())


def stuffed(data: bytes) -> bytes:
    """The message with leading dots doubled, ending in a line end; the final dot is not part of it."""
    if data.rfind(b"\r\n.") >= 0:  # from behind, because that search skips what cannot match: a third of the time
        data = data.replace(b"\r\n.", b"\r\n..")
    if data.startswith(b"."):
        data = b"." + data
    return data if data.endswith(b"\r\n") else data + b"\r\n"


@lru_cache(maxsize=64)  # a few write to everybody
def _sender(address: str) -> str | RefusedForGood:
    return _path(address, "5.1.7")


def _path(address: str, status: str) -> str | RefusedForGood:
    """The address for the envelope, its domain in ASCII; the null sender is the empty string."""
    if not address and status == "5.1.7":
        return address
    if not _ADDRESS.fullmatch(address):
        hardness = Hardness.HARD if status == "5.1.3" else Hardness.POLICY
        return RefusedForGood(hardness, 553, status, f"{address!r} is no address that SMTP can carry.")
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{ascii_domain(domain)}"
    except ValueError:
        return RefusedForGood(Hardness.HARD, 553, status, f"{domain!r} is no domain name.")


def _options(message: Outgoing, extensions: Mapping[str, str], international: bool) -> bytes | RefusedForGood:
    options = b""
    if international:
        if "smtputf8" not in extensions:
            return _cannot("5.6.7", "The server does not take addresses outside ASCII (no SMTPUTF8).")
        options += b" SMTPUTF8"
    if not message.data.isascii():
        if "8bitmime" not in extensions:
            return _cannot("5.6.3", "The message has 8-bit bytes and the server does not take them (no 8BITMIME).")
        options += b" BODY=8BITMIME"
    if "size" in extensions:
        limit = extensions["size"]
        if _LIMIT.fullmatch(limit) and 0 < int(limit) < len(message.data):
            return _cannot("5.3.4", f"The message has {len(message.data)} bytes and the server takes {limit}.")
        options += b" SIZE=%d" % len(message.data)
    return options


def _cannot(status: str, text: str) -> RefusedForGood:
    return RefusedForGood(Hardness.POLICY, 554, status, text)
