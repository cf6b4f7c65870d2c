"""Postmark's way to take a message by HTTP, and to be asked whether it has it.

Postmark has no idempotency keys. It does keep our key as metadata for as long as it keeps messages (45 days unless
changed). Source: postmarkapp.com/developer/api (email, messages). That its search filters by one `metadata_…` field, and how
soon it knows a message, was not read there, so neither is relied on: a message listed counts only if it bears our key, and
one that is missing only after a long while.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import httpx
import orjson

from nurture.core.words import Hardness
from nurture.providers.http import SHOWN, Answer, retry_after, strange
from nurture.providers.http_batches import BatchTransport
from nurture.providers.http_parts import parts_of
from nurture.providers.postmark import METADATA
from nurture.providers.transport import (
    Accepted,
    CannotTell,
    Capabilities,
    NotSeen,
    Outcome,
    Outgoing,
    RefusedForGood,
    Repeat,
    Seen,
    Sighting,
    TryLater,
    Unknown,
)

SEARCH_SETTLES: Final = timedelta(minutes=15)
"""Postmark's pages do not say how soon a message can be found. A quarter of an hour is our own, careful guess: finding
nothing sooner than that says nothing."""

_INVALID: Final = 300
_INACTIVE: Final = 406
_TO: Final = re.compile(r"['\"]To['\"]")
_FIELDS: Final = frozenset({"x-pm-message-stream", "x-pm-trackopens", "x-pm-tracklinks", f"x-pm-metadata-{METADATA}"})


class PostmarkApi:
    """`POST /email` for one message, `POST /email/batch` for several: its bounds are 500 of them and 50 MB, ours lower, so that
    what is under way takes little memory and an answer that is lost leaves few to be searched for.
    """

    name = "Postmark"
    path = "/email"
    batch_path = "/email/batch"
    most = 100
    octets = 2_000_000

    def __init__(self, token: str, stream: str) -> None:
        self._token = token
        self._stream = stream

    def capabilities(self, connections: int) -> Capabilities:
        """A lost answer is looked up. Postmark keeps our Message-ID, because each message asks for it."""
        return Capabilities(Repeat.SEARCHABLE, connections * self.most, search_settles=SEARCH_SETTLES)

    def sign_in(self) -> Mapping[str, str]:
        """The server's token."""
        return {"X-Postmark-Server-Token": self._token}

    def request(self, message: Outgoing) -> tuple[bytes, Mapping[str, str]]:
        """The message as JSON. What its X-PM- headers say over SMTP is said by fields."""
        parts = parts_of(message.data)
        headers = {name: value for name, value in parts.headers if name.lower() not in _FIELDS}
        headers.setdefault("X-PM-KeepID", "true")
        body: dict[str, object] = {
            "From": parts.sender,
            "To": parts.recipient,
            "ReplyTo": parts.reply_to,
            "Subject": parts.subject,
            "HtmlBody": parts.html,
            "TextBody": parts.text,
            "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
            "Attachments": [
                {"Name": file.name, "Content": file.content, "ContentType": file.media_type}
                for file in parts.attachments
            ],
            "Metadata": {METADATA: message.key},
            "MessageStream": parts.by_name.get("x-pm-message-stream", self._stream),
            "TrackOpens": False,
            "TrackLinks": "None",
        }
        return orjson.dumps({name: value for name, value in body.items() if value not in (None, [])}), {}

    def outcome(self, answer: Answer) -> Outcome:
        """What Postmark's status and ErrorCode say."""
        own, error = answer.body.get("MessageID"), answer.body.get("ErrorCode")
        if answer.code < 300:
            is_taken = answer.code == 200 and type(error) is int and error == 0 and isinstance(own, str) and own
            return Accepted(str(answer), str(own)) if is_taken else strange("Postmark", answer)
        if answer.code == 429:
            return TryLater(f"Postmark asks for fewer requests: {answer}", retry_after(answer))
        if answer.code >= 500:
            return Unknown(f"Postmark failed after it had the whole message, and may have sent it: {answer}")
        return _refused(answer, error)

    def outcomes(self, answer: Answer, count: int) -> Sequence[Outcome] | None:
        """Postmark answers a batch with 200 and an item a message, in order; with anything else it took none.

        Whatever it found wrong with the whole (413, 422) may be one message's doing.
        """
        if answer.code in (401, 403, 429) or answer.code >= 500:
            return [self.outcome(answer)] * count
        if answer.code >= 300:
            return None
        if len(answer.items) != count:
            return [strange("Postmark", answer)] * count
        return [self._outcome_of(item) for item in answer.items]

    def _outcome_of(self, item: object) -> Outcome:
        if not isinstance(item, dict) or not isinstance(error := item.get("ErrorCode"), int):
            return Unknown("Postmark's answer to the batch does not say what became of this message.")
        said = orjson.dumps(item).decode()[:SHOWN]
        return self.outcome(Answer(422 if error else 200, {}, item, said))


def _refused(answer: Answer, error: object) -> Outcome:
    said = str(answer.body.get("Message", ""))
    if error == _INACTIVE:  # suppressed at Postmark: it bounced, complained or was taken off
        return RefusedForGood(Hardness.HARD, answer.code, None, str(answer))
    if error == _INVALID and _TO.search(said):
        return RefusedForGood(Hardness.HARD, answer.code, None, str(answer))
    if answer.code == 413 or (error == _INVALID and "From" not in said):
        return RefusedForGood(Hardness.POLICY, answer.code, None, str(answer))
    return TryLater(
        f"Postmark does not let us send: {answer}. Check NURTURE_POSTMARK_TOKEN, the message stream and the sender."
    )


class PostmarkTransport(BatchTransport):
    """A `Searchable` transport."""

    async def find(self, key: str, since: datetime) -> Sighting:
        """Whether Postmark has a message of this key, of any date: a key is never used twice, so `since` adds nothing,
        and Postmark would read it in another zone than ours. Means something once `search_settles` is over.
        """
        query = {"count": "1", "offset": "0", f"metadata_{METADATA}": key}
        try:
            async with self._slots, asyncio.timeout(self._timeout):
                answer = await self.answer_to(self.client.build_request("GET", "/messages/outbound", params=query))
        except (httpx.HTTPError, TimeoutError) as error:
            return CannotTell(f"Postmark could not be asked ({str(error) or type(error).__name__}).")
        return sighting(answer, key)


def sighting(answer: Answer, key: str) -> Sighting:
    """What a search answered. A list that is not about our key alone is no answer."""
    total, found = answer.body.get("TotalCount"), answer.body.get("Messages")
    if answer.code != 200 or not isinstance(total, int) or not isinstance(found, list):
        return CannotTell(f"Postmark's search answered {answer}")
    if total == 0 and not found:
        return NotSeen()
    first = found[0] if found else None
    metadata = first.get("Metadata") if isinstance(first, dict) else None
    if not isinstance(first, dict) or not isinstance(metadata, dict) or metadata.get(METADATA) != key:
        return CannotTell("Postmark's search answered with a message that does not bear the key.")
    own = first.get("MessageID")
    return Seen(own if isinstance(own, str) else None)
