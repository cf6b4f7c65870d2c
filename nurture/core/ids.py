"""Derived ids and choices: keyed hashes of stable names, so that every run, worker and database agrees."""

from collections.abc import Sequence

from nurture.core.mac import mac
from nurture.core.program import Variant
from nurture.core.teams import Member

WHOLE = 10_000
"""Shares are counted in hundredths of a percent."""


def derive(salt: bytes, *parts: str) -> str:
    """32 hex characters that name `parts`; 128 bits of HMAC-SHA256."""
    return mac(salt, "\x1f".join(parts).encode())[:16].hex()


def contact_key(salt: bytes, address: str) -> str:
    """The name of a contact in journals and hashes, from the first address it was known by (normalised)."""
    return derive(salt, "contact", address)


def touch_key(salt: bytes, contact: str, campaign: str, rotation: int, step: str, part: str) -> str:
    """The name of one intended message."""
    return mac(salt, f"touch\x1f{contact}\x1f{campaign}\x1f{rotation}\x1f{step}\x1f{part}".encode())[:16].hex()


def share(salt: bytes, *parts: str) -> int:
    """A number from 0 to 9999, evenly spread over contacts."""
    return int.from_bytes(mac(salt, "\x1f".join(parts).encode())[:8]) % WHOLE


def pick_variant(salt: bytes, variants: Sequence[Variant], campaign: str, step: str, contact: str) -> Variant | None:
    """The variant this contact gets at this step, in every version and rotation."""
    if not variants:
        return None
    point = share(salt, "variant", campaign, step, contact)
    for variant in variants:
        point -= variant.share
        if point < 0:
            return variant
    return variants[-1]


def pick_owner(salt: bytes, members: Sequence[Member], contact: str) -> Member:
    """The salesperson of a contact by rendezvous hashing: adding one member moves only what it takes over."""
    return max(members, key=lambda m: (derive(salt, "owner", contact, m.address), m.address))
