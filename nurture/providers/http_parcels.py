"""Several messages in one request to a provider's HTTP API, all or none of them, under one idempotency key.

Unlike the requests of `http_batches`, in which whatever waits travels together, these are made by whoever calls: the key and
the messages, in their order, are written down before, so that the very same request can be made again after a crash.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from nurture.providers.http import SPARE, Answer, Api, HttpTransport
from nurture.providers.http_body import LastByte
from nurture.providers.transport import (
    Again,
    Capabilities,
    MayAllGo,
    Outcome,
    Outgoing,
    Parcels,
    Stopped,
    TransportProblem,
    TryLater,
)


class ParcelApi(Api, Protocol):
    """A provider that takes several messages in one request under a key, as a JSON array of what it takes singly.

    `most` messages and `octets` are the bounds of a request.
    """

    batch_path: str
    most: int
    octets: int

    def takes(self, data: bytes) -> bool:
        """Whether this message may be in one."""
        ...

    def key_header(self, key: str) -> dict[str, str]:
        """What bears the key."""
        ...

    def outcomes(self, answer: Answer, count: int) -> Sequence[Outcome]:
        """What an answer means for each of so many messages, in order."""
        ...


class ParcelTransport(HttpTransport):
    """A `Parcelling` transport. Belongs to one event loop at a time."""

    _api: ParcelApi

    def __init__(self, api: ParcelApi, base_url: str, *, connections: int = 4, timeout: float = 30.0) -> None:
        """As `HttpTransport`; `connections` is how many requests are under way at once."""
        super().__init__(api, base_url, connections=connections, timeout=timeout)

    @property
    def capabilities(self) -> Capabilities:
        """As the provider's API allows."""
        api = self._api
        can = api.capabilities(self._connections * api.most)
        return replace(can, parcels=Parcels(api.most, api.octets, api.takes))

    async def send_parcel(self, key: str, messages: Sequence[Outgoing], may_go: MayAllGo) -> Sequence[Outcome]:
        """Hand them over in one request, waiting for a free connection and for as long as the provider asked for peace.

        `may_go` and the deadline are read when all of the request but its last byte has been given to the connection.
        """
        stopped: set[str] = set()

        def may_all_go() -> bool:
            stopped.update(may_go(messages))
            return not stopped

        async with self._slots:
            deadline = min(min(one.deadline for one in messages) - SPARE, time.monotonic() + self._timeout)
            if (no := await self._peace(deadline)) is not None:
                return [no] * len(messages)
            parts, problems = await self._parts(messages)
            if problems:
                return [
                    problems.get(one.key) or Again("Another message of its request cannot be sent.") for one in messages
                ]
            body = LastByte(b"[" + b",".join(parts) + b"]", may_all_go, deadline)
            said = await self._post(self._api.batch_path, self._api.key_header(key), body)
        if isinstance(said, Answer):
            return self._api.outcomes(said, len(messages))
        if isinstance(said, Stopped) and stopped:
            others = Again("Another message of its request was stopped.")
            return [said if one.key in stopped else others for one in messages]
        return [said] * len(messages)

    async def _parts(self, messages: Sequence[Outgoing]) -> tuple[list[bytes], dict[str, Outcome]]:
        """Each as JSON, and what is said of those that cannot be."""
        parts: list[bytes] = []
        problems: dict[str, Outcome] = {}
        for one in messages:
            try:
                parts.append(self._api.request(one)[0])
            except TransportProblem as problem:
                problems[one.key] = TryLater(str(problem))
            await asyncio.sleep(0)  # to make a request of it took a while, and others have things to do
        return parts, problems
