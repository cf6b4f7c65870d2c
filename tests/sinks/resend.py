"""Resend on the loopback: it honours idempotency keys, and counts how often each message was really taken."""

from typing import Any

from tests.sinks.http import HttpSink, Request, Say


class ResendSink(HttpSink):
    """The same key with the same body is answered as before and counts once; with another body it is refused."""

    def key_of(self, request: Request) -> str | None:
        return request.headers.get("idempotency-key") if (request.method, request.path) == ("POST", "/emails") else None

    def take(self, key: str, request: Request) -> Say:
        known: dict[str, Any] | None = self.bodies.get(key)
        if known is not None and known != request.json:
            return Say(409, {"name": "invalid_idempotent_request", "message": "This key has another body."})
        if known is None:
            self.accept(key, request.json)
        return Say(200, {"id": f"resend-{key}"})
