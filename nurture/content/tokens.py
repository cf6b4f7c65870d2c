"""Signed tokens for public URLs, so that an address can be neither guessed nor altered.

A token is ``base64url(payload + mac)`` without padding, where the MAC is HMAC-SHA256 over the
purpose and the payload, truncated to 16 bytes (RFC 2104 §5 allows half the hash). The purpose is
length-prefixed inside the MAC: a token for one use is never valid for another.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from nurture.core.mac import mac

MAC_BYTES = 16
LONGEST_TOKEN = 512
SHORTEST_SECRET = 16

MESSAGE_PURPOSE = "message"
TOUCH_BYTES = 16
COMPOSITION_BYTES = 8


class Tokens:
    """Signs and reads tokens with one secret of the instance."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"The token secret has {len(secret)} bytes; give it at least {SHORTEST_SECRET}.")
        self._secret = secret

    def sign(self, purpose: str, payload: bytes) -> str:
        """The token for this payload and purpose: URL-safe ASCII, the same for the same input."""
        return _encode(self.signed(purpose, payload))

    def signed(self, purpose: str, payload: bytes) -> bytes:
        """What the token spells: for a place where base64 would not survive."""
        return payload + self._mac(purpose, payload)

    def read(self, purpose: str, token: str) -> bytes | None:
        """The payload, or None for anything not signed by this secret for this purpose."""
        raw = _decode(token)
        if raw is None or len(raw) < MAC_BYTES:
            return None
        payload, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        return payload if hmac.compare_digest(mac, self._mac(purpose, payload)) else None

    def _mac(self, purpose: str, payload: bytes) -> bytes:
        name = purpose.encode()
        framed = len(name).to_bytes(2, "big") + name + payload
        return mac(self._secret, framed)[:MAC_BYTES]


@dataclass(frozen=True, slots=True)
class MessageToken:
    """Names one message in its links: the touch (32 hex) and the composition (16 hex)."""

    touch: str
    composition: str


def sign_message(tokens: Tokens, message: MessageToken) -> str:
    """The token all links of one message share. Raises ValueError for ids of another shape."""
    touch, composition = bytes.fromhex(message.touch), bytes.fromhex(message.composition)
    if len(touch) != TOUCH_BYTES or len(composition) != COMPOSITION_BYTES:
        raise ValueError(f"{message} does not hold a touch of 32 hex and a composition of 16 hex.")
    return tokens.sign(MESSAGE_PURPOSE, touch + composition)


def read_message(tokens: Tokens, token: str) -> MessageToken | None:
    """The message a link belongs to, or None for a token that is not ours."""
    payload = tokens.read(MESSAGE_PURPOSE, token)
    if payload is None or len(payload) != TOUCH_BYTES + COMPOSITION_BYTES:
        return None
    return MessageToken(payload[:TOUCH_BYTES].hex(), payload[TOUCH_BYTES:].hex())


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(token: str) -> bytes | None:
    """Only the canonical spelling is read: one payload has one token."""
    if not token.isascii() or len(token) > LONGEST_TOKEN:
        return None
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    return raw if _encode(raw) == token else None
