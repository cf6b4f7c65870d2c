"""Postmark on the loopback: it takes whatever comes, twice if need be, singly or in batches, and can be searched by metadata."""

from collections.abc import Mapping
from typing import Any

from tests.sinks.http import HttpSink, Request, Say


class PostmarkSink(HttpSink):
    """No idempotency: what is sent twice counts twice. While `blind`, the search finds nothing. `refused` holds the keys of
    messages that it does not want, with its ErrorCode for each.
    """

    blind = False
    refused: Mapping[str, int] = {}

    def key_of(self, request: Request) -> str | None:
        if request.method != "POST":
            return None
        match request.path:
            case "/email":
                return _key(request.json)
            case "/email/batch":
                return _key(request.parsed[0])
            case _:
                return None

    def take(self, key: str, request: Request) -> Say:
        if request.path == "/email/batch":
            return Say(200, [self._take(message) for message in request.parsed])
        answer = self._take(request.json)
        return Say(422 if answer["ErrorCode"] else 200, answer)

    def _take(self, message: dict[str, Any]) -> dict[str, Any]:
        key = _key(message)
        if key in self.refused:
            return {"ErrorCode": self.refused[key], "Message": "No."}
        self.accept(key, message)
        return {"ErrorCode": 0, "Message": "OK", "MessageID": f"postmark-{key}", "To": message["To"]}

    def answer(self, request: Request) -> Say:
        key = request.query.get("metadata_touch")
        if request.path != "/messages/outbound" or key is None:
            return Say(404)
        count = 0 if self.blind else self.taken[key]
        found = [{"MessageID": f"postmark-{key}", "Metadata": {"touch": key}, "Status": "Sent"}] * count
        return Say(200, {"TotalCount": count, "Messages": found[: int(request.query["count"])]})


def _key(message: Mapping[str, Any]) -> str:
    return str(message["Metadata"]["touch"])
