"""Whether a post was signed by its sender, by the scheme of Svix that Resend uses (also called Standard Webhooks).

Signed are the post's id, its timestamp and its raw body. While a secret is being changed there are several signatures,
and one that fits is enough. Sources: docs.svix.com (verifying payloads manually), resend.com/docs/webhooks.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from nurture.core.mac import mac

AHEAD: Final = timedelta(minutes=5)
OLD: Final = timedelta(days=3)
"""A sender that could not reach us repeats a post for more than a day and may sign with the first time, so that the usual
five minutes would lose what happened during an outage. Against replays the signed id stands: it is kept once."""

MOST_SIGNATURES: Final = 10


def signed_id(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> str | None:
    """The id of an authentic post, by which it is the same when it is repeated; None for any other."""
    name, stamp = headers.get("svix-id", ""), headers.get("svix-timestamp", "")
    key = _key(secret)
    if not key or not 0 < len(name) <= 200 or not _is_timely(stamp, now):
        return None
    wanted = sign(name, stamp, body, key)
    given = headers.get("svix-signature", "").split(" ")[:MOST_SIGNATURES]
    return name if any(hmac.compare_digest(one.encode(), wanted) for one in given) else None


def sign(name: str, stamp: str, body: bytes, key: bytes) -> bytes:
    """The signature that a post with this id and timestamp must bear."""
    signed = f"{name}.{stamp}.".encode() + body
    return b"v1," + base64.b64encode(mac(key, signed))


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_timely(stamp: str, now: datetime) -> bool:
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    age = now.timestamp() - int(stamp)
    return -AHEAD.total_seconds() <= age <= OLD.total_seconds()
