"""Handing messages to a provider's HTTP API: one request a message (more in `http_batches`), over a few connections that
are kept.

What is alike for all providers is here: when a message may still be stopped, which failure means what, and how long
everyone pauses when the provider asks for it. What a request looks like and what an answer means is an `Api`'s.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import httpx
import orjson

from nurture.providers.http_body import Halt, LastByte
from nurture.providers.transport import (
    Capabilities,
    MayGo,
    Outcome,
    Outgoing,
    Stopped,
    TransportProblem,
    TryLater,
    Unknown,
    always,
)

SPARE = 2.0  # seconds kept of a message's deadline, to write the outcome down
IDLE = 4.0  # seconds after which a connection is not trusted to be open still: shorter than servers keep theirs
SHOWN = 500
LARGEST = 1_000_000  # octets of an answer that are read: one to a hundred messages has a twentieth
POOL = 4  # that part of the time-out is waited for a free connection, of which there is one for each message


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer, read whole. `body` is empty where it was no JSON object, `items` where it was no JSON array."""

    code: int
    headers: Mapping[str, str]
    body: Mapping[str, object]
    text: str
    items: Sequence[object] = ()

    def __str__(self) -> str:
        return f"{self.code} {self.text}"[:SHOWN]


class Api(Protocol):
    """What differs between providers. Pure: no network, no clock."""

    name: str
    path: str

    def capabilities(self, connections: int) -> Capabilities:
        """What the transport can do."""
        ...

    def sign_in(self) -> Mapping[str, str]:
        """The headers of every request."""
        ...

    def request(self, message: Outgoing) -> tuple[bytes, Mapping[str, str]]:
        """The JSON and its own headers. The same message gives the same bytes. TransportProblem for what is refused."""
        ...

    def outcome(self, answer: Answer) -> Outcome:
        """What an answer to a whole request means."""
        ...


class HttpTransport:
    """A `Transport` over HTTP. Belongs to one event loop at a time."""

    def __init__(self, api: Api, base_url: str, *, connections: int = 4, timeout: float = 30.0) -> None:
        """`timeout` bounds one whole message, in seconds, and a message's own deadline bounds it further."""
        self._api = api
        self._base_url = base_url.rstrip("/")
        self._connections = connections
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None
        self._retired: list[httpx.AsyncClient] = []
        self._slots = asyncio.Semaphore(connections)
        self._paused_until = 0.0

    @property
    def capabilities(self) -> Capabilities:
        """As the provider's API allows."""
        return self._api.capabilities(self._connections)

    async def open(self) -> None:
        """Make sure that something answers at the address. Says nothing about the key, which only a message proves."""
        try:
            async with asyncio.timeout(self._timeout):
                await self.client.head("/")
        except (httpx.HTTPError, TimeoutError) as error:
            raise TransportProblem(self._unreachable(error)) from error

    async def close(self) -> None:
        """Close the connections."""
        self._retire()
        retired, self._retired = self._retired, []
        self._slots = asyncio.Semaphore(self._connections)
        for client in retired:
            await client.aclose()

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        """Hand one message over, waiting for a free connection and for as long as the provider asked for peace.

        `may_go` and the deadline are read when all of the request but its last byte has been given to the connection.
        """
        try:
            content, headers = self._api.request(message)
        except TransportProblem as problem:
            return TryLater(str(problem))
        async with self._slots:
            deadline = min(message.deadline - SPARE, time.monotonic() + self._timeout)
            if (no := await self._peace(deadline)) is not None:
                return no
            body = LastByte(content, lambda: may_go(message), deadline)
            said = await self._post(self._api.path, headers, body)
        return self._api.outcome(said) if isinstance(said, Answer) else said

    @property
    def client(self) -> httpx.AsyncClient:
        """The one client, made when it is first needed."""
        if self._client is None:
            self._client = httpx.AsyncClient(
                base_url=self._base_url,
                headers={"Accept": "application/json", "User-Agent": "nurture", **self._api.sign_in()},
                limits=httpx.Limits(max_connections=self._connections, keepalive_expiry=IDLE),
                timeout=httpx.Timeout(self._timeout, pool=self._timeout / POOL),
                trust_env=False,
            )
        return self._client

    async def answer_to(self, request: httpx.Request) -> Answer:
        """What is answered, as much of it as is read. Raises httpx.HTTPError; for how long it may take is the caller's."""
        response = await self.client.send(request, stream=True)
        content = b""
        try:
            async for part in response.aiter_bytes():
                content += part
                if len(content) > LARGEST:
                    break
        finally:
            await response.aclose()
        return read(response.status_code, response.headers, content)

    async def _peace(self, deadline: float) -> Outcome | None:
        """Wait for as long as the provider asked for peace. An outcome: that would be too long, or it is too late already."""
        if (waiting := self._paused_until - time.monotonic()) > 0:
            if time.monotonic() + waiting >= deadline:
                return TryLater(f"{self._api.name} asked for a pause.", timedelta(seconds=waiting))
            await asyncio.sleep(waiting)
        return Stopped("The message waited too long for a connection.") if deadline <= time.monotonic() else None

    async def _post(self, path: str, headers: Mapping[str, str], body: LastByte) -> Answer | Outcome:
        """The provider's answer to a whole request; an outcome where there was none."""
        fixed = {"Content-Type": "application/json", "Content-Length": str(len(body.content))}
        request = self.client.build_request("POST", path, content=body, headers={**headers, **fixed})
        try:
            async with asyncio.timeout(body.deadline - time.monotonic()):
                answer = await self.answer_to(request)
        except Halt as halt:
            return Stopped(str(halt))
        except httpx.PoolTimeout as error:
            self._retire()
            return TryLater(self._unreachable(error))
        except (httpx.HTTPError, TimeoutError) as error:
            if body.is_out:
                return Unknown(f"{self._api.name} had the whole message, and its answer was lost ({_named(error)}).")
            return TryLater(self._unreachable(error))
        if not body.is_out:
            return TryLater(f"{self._api.name} answered {answer} before it had the whole message.")
        self._heed(answer)
        return answer

    def _retire(self) -> None:
        """Begin anew: no message waits for a connection here, unless requests that were cut short have kept theirs."""
        if self._client is not None:
            self._retired.append(self._client)
            self._client = None

    def _heed(self, answer: Answer) -> None:
        """Leave the provider alone when it says that its patience is used up."""
        pause = retry_after(answer) if answer.code == 429 else _until_reset(answer)
        if pause is not None:
            self._paused_until = max(self._paused_until, time.monotonic() + pause.total_seconds())

    def _unreachable(self, error: Exception) -> str:
        return f"{self._api.name} cannot be reached at {self._base_url} ({_named(error)}). Check the network."


def read(code: int, headers: Mapping[str, str], content: bytes) -> Answer:
    """The answer taken apart; one that is larger, or deeper, than any of a provider's is no JSON."""
    try:
        body = orjson.loads(content) if len(content) <= LARGEST else None
    except ValueError:
        body = None
    own = body if isinstance(body, dict) else {}
    items = body if isinstance(body, list) else ()
    return Answer(code, headers, own, content[: 4 * SHOWN].decode("utf-8", "replace")[:SHOWN], items)


def strange(api: str, answer: Answer) -> Unknown:
    """It says yes, and not as this provider does: a page of somebody else's, who may have handed the message on."""
    setting = f"NURTURE_{api.upper()}_API_URL"
    return Unknown(f"This is no answer of {api}'s to a message; check that {setting} is its API's address: {answer}")


def retry_after(answer: Answer) -> timedelta | None:
    """How long a `Retry-After` in seconds asks us to wait (RFC 9110 §10.2.3), an hour at most."""
    return _seconds(answer.headers.get("retry-after"))


def _until_reset(answer: Answer) -> timedelta | None:
    if answer.headers.get("ratelimit-remaining") != "0":
        return None
    return _seconds(answer.headers.get("ratelimit-reset"))


def _seconds(said: str | None) -> timedelta | None:
    if said is None or not said.isascii() or not said.isdigit():
        return None
    return timedelta(seconds=min(int(said[:9]), 3600))


def _named(error: Exception) -> str:
    return str(error) or type(error).__name__
