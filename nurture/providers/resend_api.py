"""Resend's way to take a message: one POST under an idempotency key.

Resend remembers a key for 24 hours and answers a repetition as it answered the first time; the same key with another
body is refused with 409. What is in `tags` comes back with each event and may be seen by the recipient: our opaque key.
Source: resend.com/docs/api-reference (emails, idempotency keys, errors, rate limits).
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import orjson

from nurture.core.words import Hardness
from nurture.providers.http import Answer, retry_after
from nurture.providers.http_parts import parts_of
from nurture.providers.transport import (
    Accepted,
    Capabilities,
    Outcome,
    Outgoing,
    RefusedForGood,
    Repeat,
    TryLater,
    Unknown,
)

TAG: Final = "touch"

KEY_LIFETIME: Final = timedelta(hours=23)
"""Resend says 24 hours. An hour less leaves room for clocks that differ, and for a request that waits on its way."""

_THEIR_ADDRESS: Final = re.compile(r"[`'\"]to[`'\"]|recipient", re.IGNORECASE)
_OUR_FAULTS: Final = frozenset({"invalid_from_address", "invalid_access", "invalid_api_key", "missing_api_key"})
_SOON: Final = timedelta(seconds=5)


class ResendApi:
    """`POST /emails`. The Message-ID becomes one of Resend's own, so `keeps_message_id` is False."""

    name = "Resend"
    path = "/emails"

    def __init__(self, key: str) -> None:
        self._key = key

    def capabilities(self, connections: int) -> Capabilities:
        """A lost answer is asked for again under the same key."""
        return Capabilities(Repeat.KEYED, connections, keeps_message_id=False, key_lifetime=KEY_LIFETIME)

    def sign_in(self) -> Mapping[str, str]:
        """A bearer token."""
        return {"Authorization": f"Bearer {self._key}"}

    def request(self, message: Outgoing) -> tuple[bytes, Mapping[str, str]]:
        """The message as JSON; the Date is Resend's to write, so that a retry has the same bytes."""
        parts = parts_of(message.data)
        body: dict[str, object] = {
            "from": parts.sender,
            "to": [parts.recipient],
            "subject": parts.subject,
            "html": parts.html,
            "text": parts.text,
            "reply_to": parts.reply_to,
            "headers": dict(parts.headers),
            "attachments": [
                {"filename": file.name, "content": file.content, "content_type": file.media_type}
                for file in parts.attachments
            ],
            "tags": [{"name": TAG, "value": message.key}],
        }
        kept = {name: value for name, value in body.items() if value not in (None, [], {})}
        return orjson.dumps(kept), {"Idempotency-Key": message.key}

    def outcome(self, answer: Answer) -> Outcome:
        """What Resend's status and the name of its error say."""
        error, own = str(answer.body.get("name", "")), answer.body.get("id")
        if 200 <= answer.code < 300:
            return Accepted(str(answer), own if isinstance(own, str) else None)
        if answer.code == 429:
            return TryLater(f"Resend asks for fewer requests, or the quota is used up: {answer}", retry_after(answer))
        if answer.code == 409:
            return _key_in_use(error, answer)
        if answer.code in (413, 422, 400, 451) and error not in _OUR_FAULTS:
            return _refused(answer)
        if answer.code >= 500:
            return TryLater(f"Resend failed: {answer}. The same key makes it safe to ask again.", retry_after(answer))
        return TryLater(
            f"Resend does not let us send: {answer}. Check NURTURE_RESEND_KEY and that the sender's domain is verified."
        )


def _key_in_use(error: str, answer: Answer) -> Outcome:
    if error == "concurrent_idempotent_requests":
        return TryLater("Resend is still at an earlier request under this key.", _SOON)
    # An earlier attempt got there with other bytes: that one may have been delivered, this one was not.
    return Unknown(f"Resend knows this message's key with another body, so an earlier attempt may have left: {answer}")


def _refused(answer: Answer) -> Outcome:
    said = str(answer.body.get("message", ""))
    if re.search(r"[`'\"]from[`'\"]|domain", said, re.IGNORECASE):
        return TryLater(f"Resend refuses our sender: {answer}. Verify its domain at Resend.")
    hardness = Hardness.HARD if _THEIR_ADDRESS.search(said) else Hardness.POLICY
    return RefusedForGood(hardness, answer.code, None, str(answer))
