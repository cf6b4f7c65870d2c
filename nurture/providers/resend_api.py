"""Resend's way to take messages: one, or up to a hundred, by a POST under an idempotency key.

Resend remembers a key for 24 hours and answers a repetition as it answered the first time; the same key with another
body is refused with 409. Of several in one request it takes all or none (its "strict" validation, which is what it does
unless asked otherwise), and none that has a file with it. What is in `tags` comes back with each event and may be seen by the recipient: our opaque key.
Source: resend.com/docs/api-reference (emails, batch emails, idempotency keys, errors, rate limits).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import orjson

from nurture.core.words import Hardness
from nurture.providers.http import Answer, retry_after, strange
from nurture.providers.http_parts import parts_of
from nurture.providers.transport import (
    Accepted,
    Again,
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
_REFUSED: Final = frozenset({400, 413, 422, 451})
_FILE: Final = b"Content-Disposition: attachment"
_OUR_FAULTS: Final = frozenset({"invalid_from_address", "invalid_access", "invalid_api_key", "missing_api_key"})
_UNDER_WAY: Final = "concurrent_idempotent_requests"


class ResendApi:
    """`POST /emails` for one message, `POST /emails/batch` for several: its bound is a hundred of them, that of octets is ours,
    so that what is under way takes little memory.

    The Message-ID becomes one of Resend's own, so `keeps_message_id` is False.
    """

    name = "Resend"
    path = "/emails"
    batch_path = "/emails/batch"
    most = 100
    octets = 5_000_000

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
        return orjson.dumps(kept), self.key_header(message.key)

    def key_header(self, key: str) -> dict[str, str]:
        """Under which a request is carried out once."""
        return {"Idempotency-Key": key}

    def takes(self, data: bytes) -> bool:
        """Not with a file. Words that only look like one do no harm: the message goes by itself."""
        return _FILE not in data

    def outcome(self, answer: Answer) -> Outcome:
        """What Resend's status and the name of its error say.

        Where nobody knows whether it carried out the request, only asking for it again under its key tells, so that a
        failure leaves the message in doubt.
        """
        error, own = str(answer.body.get("name", "")), answer.body.get("id")
        if 200 <= answer.code < 300:
            return Accepted(str(answer), own) if own and isinstance(own, str) else strange("Resend", answer)
        if answer.code >= 500 or error == _UNDER_WAY:
            return Unknown(f"Resend may have carried out the request, or still may: {answer}")
        if answer.code == 429:
            return TryLater(f"Resend asks for fewer requests, or the quota is used up: {answer}", retry_after(answer))
        if answer.code == 409:  # an earlier attempt got there with other bytes: it may have left, this one did not
            said = f"Resend knows this key with another body, so an earlier attempt may have left: {answer}"
            return Unknown(said, for_good=True)
        if answer.code in _REFUSED and error not in _OUR_FAULTS:
            return _refused(answer)
        return TryLater(
            f"Resend does not let us send: {answer}. Check NURTURE_RESEND_KEY and that the sender's domain is verified."
        )

    def outcomes(self, answer: Answer, count: int) -> Sequence[Outcome]:
        """What an answer says of each in one request."""
        if 200 <= answer.code < 300:
            return _taken(answer, count)
        error = str(answer.body.get("name", ""))
        if answer.code in _REFUSED and error not in _OUR_FAULTS and count > 1:
            return [Again(f"Resend refused a request with several messages: {answer}", apart=True)] * count
        return [self.outcome(answer)] * count


def _taken(answer: Answer, count: int) -> Sequence[Outcome]:
    """Its names for the messages, in order. Where there are more or fewer, nobody knows whose they are."""
    items = answer.body.get("data")
    if not isinstance(items, list):
        return [strange("Resend", answer)] * count
    names = [item.get("id") for item in items if isinstance(item, dict)]
    if len(names) != count or not all(isinstance(name, str) for name in names):
        return [Unknown(f"Resend got {count} messages, and its answer is not about as many: {answer}")] * count
    return [Accepted(f"{answer.code} {name}", name) for name in names]


def _refused(answer: Answer) -> Outcome:
    said = str(answer.body.get("message", ""))
    if re.search(r"[`'\"]from[`'\"]|domain", said, re.IGNORECASE):
        return TryLater(f"Resend refuses our sender: {answer}. Verify its domain at Resend.")
    hardness = Hardness.HARD if _THEIR_ADDRESS.search(said) else Hardness.POLICY
    return RefusedForGood(hardness, answer.code, None, str(answer))
