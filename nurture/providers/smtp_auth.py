"""Signing in to an SMTP server (RFC 4954): PLAIN, else LOGIN, else CRAM-MD5, as the server offers them."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from nurture.providers.smtp_replies import NoSmtp, Reply

SIGNED_IN = 235
GO_ON = 334
NOT_HERE = frozenset({500, 502, 504})
"""A mechanism that was offered, and is not there: another may be. A refused password is not told again."""

Ask: TypeAlias = Callable[[bytes], Awaitable[Reply]]


async def sign_in(ask: Ask, offered: str, username: str, password: str) -> Reply | None:
    """The server's last word, 235 where it lets us in; None where it offers nothing that we know. Raises NoSmtp."""
    reply = None
    for name, method in METHODS.items():
        if name in offered.upper().split():
            reply = await method(ask, username.encode(), password.encode())
            if reply.code not in NOT_HERE:
                break
    return reply


async def _plain(ask: Ask, username: bytes, password: bytes) -> Reply:
    return await ask(b"AUTH PLAIN " + b64encode(b"\0" + username + b"\0" + password))


async def _login(ask: Ask, username: bytes, password: bytes) -> Reply:
    reply = await ask(b"AUTH LOGIN")
    for said in (username, password):
        if reply.code != GO_ON:
            break
        reply = await ask(b64encode(said))
    return reply


async def _cram_md5(ask: Ask, username: bytes, password: bytes) -> Reply:
    reply = await ask(b"AUTH CRAM-MD5")
    if reply.code != GO_ON:
        return reply
    try:
        challenge = b64decode(reply.text, validate=True)
    except ValueError:
        raise NoSmtp(f"its challenge {reply.text[:60]!r} is no base64") from None
    return await ask(b64encode(username + b" " + hmac.new(password, challenge, "md5").hexdigest().encode()))


METHODS: Mapping[str, Callable[[Ask, bytes, bytes], Awaitable[Reply]]] = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "CRAM-MD5": _cram_md5,
}
