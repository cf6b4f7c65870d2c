"""Signed addresses of ours, so that a reply or a bounce names its message: `reply+<token>@`, `bounce+<token>@`.

Mail hosts may lower-case what stands before the @, which base64 does not survive. So the same signed token as in links is
spelt in base32 here: 32 bytes become 52 letters, and with its purpose the local part stays under the 64 that RFC 5321
§4.5.3.1.1 allows.
"""

from base64 import b32decode, urlsafe_b64encode
from enum import StrEnum

from nurture.content.tokens import MAC_BYTES, TOUCH_BYTES, Tokens

LETTERS = 52


class LocalPart(StrEnum):
    """What comes back to such an address; also the purpose its token is bound to."""

    REPLY = "reply"
    BOUNCE = "bounce"
    UNSUBSCRIBE = "unsubscribe"


def signed_address(tokens: Tokens, what: LocalPart, touch: str, domain: str) -> str:
    """The address that names this touch (32 hex)."""
    signed = tokens.signed(what, bytes.fromhex(touch))
    return f"{what}+{_spelt(signed)}@{domain}"


_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = tuple(range(5 * (LETTERS - 2), -1, -10))
_PADDING = 5 * LETTERS - 8 * (TOUCH_BYTES + MAC_BYTES)


def _spelt(signed: bytes) -> str:
    """Base32 as RFC 4648 §6 has it, two letters at a time: the standard library's costs four times as much."""
    bits = int.from_bytes(signed, "big") << _PADDING
    return "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])


def touch_of_token(tokens: Tokens, what: LocalPart, token: str) -> str | None:
    """The touch that a token found after the + names, whatever became of its case; None for any other text."""
    if len(token) != LETTERS or not token.isascii():
        return None
    try:
        raw = b32decode(token.upper() + "=" * (-LETTERS % 8))
    except ValueError:
        return None
    payload = tokens.read(what, urlsafe_b64encode(raw).rstrip(b"=").decode("ascii"))
    return payload.hex() if payload is not None and len(payload) == TOUCH_BYTES else None


def touch_of_address(tokens: Tokens, what: LocalPart, address: str) -> str | None:
    """The touch that an address of ours names; None for any other address."""
    purpose, _, token = address.partition("@")[0].partition("+")
    return touch_of_token(tokens, what, token) if purpose.lower() == what else None
