"""Postmark on the loopback: it takes whatever comes, twice if need be, and can be searched by metadata."""

from tests.sinks.http import HttpSink, Request, Say


class PostmarkSink(HttpSink):
    """No idempotency: what is sent twice counts twice. While `blind`, the search finds nothing."""

    blind = False

    def key_of(self, request: Request) -> str | None:
        if (request.method, request.path) != ("POST", "/email"):
            return None
        return str(request.json["Metadata"]["touch"])

    def take(self, key: str, request: Request) -> Say:
        self.bodies[key] = request.json
        self.taken[key] += 1
        return Say(200, {"ErrorCode": 0, "Message": "OK", "MessageID": f"postmark-{key}", "To": request.json["To"]})

    def answer(self, request: Request) -> Say:
        key = request.query.get("metadata_touch")
        if request.path != "/messages/outbound" or key is None:
            return Say(404)
        count = 0 if self.blind else self.taken[key]
        found = [{"MessageID": f"postmark-{key}", "Metadata": {"touch": key}, "Status": "Sent"}] * count
        return Say(200, {"TotalCount": count, "Messages": found[: int(request.query["count"])]})
