"""The least HTTP server a provider's fake needs: it reads whole requests and can break a connection at any moment."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Say:
    """Take nothing; answer with this, as JSON unless it is bytes."""

    code: int
    body: Mapping[str, Any] | Sequence[Any] | bytes = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DropEarly:
    """Break the connection as soon as the head of the request is there, before its body."""


@dataclass(frozen=True)
class DropBefore:
    """Read the whole request, then break the connection without having taken the message."""


@dataclass(frozen=True)
class DropAfter:
    """Take the message, then break the connection without an answer."""


@dataclass(frozen=True)
class FailAfter:
    """Take the message, then answer with a failure."""

    code: int = 500


@dataclass(frozen=True)
class Late:
    """Take the message, and answer only after some seconds."""

    seconds: float


Doing: TypeAlias = Say | DropEarly | DropBefore | DropAfter | FailAfter | Late


@dataclass(frozen=True)
class Request:
    """A whole request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """Its body."""
        read = self.parsed
        assert isinstance(read, dict)
        return read

    @property
    def parsed(self) -> Any:
        """Its body, which may be an array."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Known:
    """A request that was carried out under a key, and its answer."""

    request: Any
    answer: Say


@dataclass
class HttpSink:
    """`async with ResendSink(script=[…]) as sink:`; each request with messages uses up one behaviour, then all are served well."""

    script: Sequence[Doing] = ()
    port: int = 0
    delay: float = 0.0  # seconds before a message that is served well is answered
    keeps: bool = True  # the requests and bodies; a benchmark's are forgotten
    requests: list[Request] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)  # where there are idempotency keys
    connections: int = 0
    cut_short: int = 0

    def __post_init__(self) -> None:
        self._left = list(self.script)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._under_way: set[str] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await self._server.wait_closed()
        await asyncio.sleep(0.01)  # the handlers of broken connections end in the loop's next turns

    @property
    def url(self) -> str:
        """How a client reaches it."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def behave(self, *doing: Doing) -> None:
        """What to do to the next messages."""
        self._left.extend(doing)

    def answer(self, request: Request) -> Say:
        """What the provider says to a request that no message is in; a subclass knows."""
        return Say(404)

    def key_of(self, request: Request) -> str | None:
        """Our key of the message in this request, of the first where there are several; None when there is none in it."""
        raise NotImplementedError

    def take(self, key: str, request: Request) -> Say:
        """Take the message of a request, or the messages, as the provider does."""
        raise NotImplementedError

    def busy(self, key: str) -> Say | None:
        """What is said to a request while another of the same key is under way; None: nothing of its own."""
        return None

    def remember(self, key: str, request: Any, answer: Say) -> None:
        """A request under an idempotency key was carried out."""
        if self.keeps:
            self.known[key] = Known(request, answer)

    def accept(self, key: str, body: dict[str, Any]) -> None:
        """A message is taken."""
        if self.keeps:
            self.bodies[key] = body
        self.taken[key] += 1

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            while (request := await self._read(reader)) is not None:
                if self.keeps:
                    self.requests.append(request)
                answer = await self._treat(request)
                if answer is None:
                    writer.transport.abort()
                    return
                _write(writer, answer, request.method)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.cut_short += 1
            writer.transport.abort()
        finally:
            self._open.discard(writer)
            with suppress(ConnectionError):
                writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as end:
            if end.partial:
                raise
            return None
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        method, target, _ = first.split(" ")
        if method == "POST" and self._left and isinstance(self._left[0], DropEarly):
            self._left.pop(0)
            raise ConnectionAbortedError
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        parts = urlsplit(target)
        return Request(method, parts.path, {n: v[0] for n, v in parse_qs(parts.query).items()}, headers, body)

    async def _treat(self, request: Request) -> Say | None:
        key = self.key_of(request)
        if key is None:
            return self.answer(request)
        if key in self._under_way and (refusal := self.busy(key)) is not None:
            return refusal
        self._under_way.add(key)
        try:
            return await self._behaved(key, request)
        finally:
            self._under_way.discard(key)

    async def _behaved(self, key: str, request: Request) -> Say | None:
        match self._left.pop(0) if self._left else None:
            case Say() as refusal:
                return refusal
            case DropBefore():
                return None
            case DropAfter():
                self.take(key, request)
                return None
            case FailAfter(code=code):
                self.take(key, request)
                return Say(code, {"message": "Something went wrong."})
            case Late(seconds=seconds):
                answer = self.take(key, request)
                await asyncio.sleep(seconds)
                return answer
            case _:
                answer = self.take(key, request)
                if self.delay:
                    await asyncio.sleep(self.delay)
                return answer


def _write(writer: asyncio.StreamWriter, answer: Say, method: str) -> None:
    body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    body = b"" if method == "HEAD" else body
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **answer.headers}
    lines = [f"HTTP/1.1 {answer.code} Said", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
