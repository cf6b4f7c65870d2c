"""Resend on the loopback: it honours idempotency keys to the letter, and counts how often each message was really taken."""

from collections.abc import Collection, Mapping
from typing import Any

from tests.sinks.http import HttpSink, Request, Say

MOST = 100


class ResendSink(HttpSink):
    """The same key with the same request is answered as before and counts once; with another it is refused; while a request
    under it is under way, so is a second. Of several messages it takes all or none. `refused` holds the keys of messages
    that it does not want.
    """

    refused: Collection[str] = ()

    def key_of(self, request: Request) -> str | None:
        is_message = request.method == "POST" and request.path in ("/emails", "/emails/batch")
        return request.headers.get("idempotency-key") if is_message else None

    def take(self, key: str, request: Request) -> Say:
        known, asked, together = self.known.get(key), request.parsed, request.path == "/emails/batch"
        if known is not None:
            same = known.request == (request.path, asked)
            return known.answer if same else _no(409, "invalid_idempotent_request", "This key has another body.")
        messages = asked if together else [asked]
        if (problem := self._problem(messages, together=together)) is not None:
            return _no(422, "validation_error", problem)
        for message in messages:
            self.accept(tag_of(message), message)
        names = [{"id": f"resend-{tag_of(message)}"} for message in messages]
        answer = Say(200, {"data": names} if together else names[0])
        self.remember(key, (request.path, asked), answer)
        return answer

    def busy(self, key: str) -> Say:
        return _no(409, "concurrent_idempotent_requests", "Another request with this key is under way.")

    def _problem(self, messages: Any, *, together: bool) -> str | None:
        if not isinstance(messages, list) or not 1 <= len(messages) <= MOST:
            return f"A batch has 1 to {MOST} emails."
        for number, message in enumerate(messages):
            if together and "attachments" in message:
                return f"Attachments are not supported in a batch (email {number})."
            if tag_of(message) in self.refused:
                return f"Invalid `to` field (email {number})." if together else "Invalid `to` field."
        return None


def tag_of(message: Mapping[str, Any]) -> str:
    """Our key of a message."""
    return str(message["tags"][0]["value"])


def _no(code: int, name: str, message: str) -> Say:
    return Say(code, {"statusCode": code, "name": name, "message": message})
