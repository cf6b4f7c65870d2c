"""HTTP/1.1 to one server of the loopback over connections that are kept open.

The demo makes ten thousand requests in a minute or two, of which a general client would spend half. This one knows what
our own web answers: a status, headers, and a body of a told length.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlencode, urlsplit

TIMEOUT = 60.0
KEPT = 3.0  # seconds; uvicorn closes after five
NO_BODY = frozenset({204, 304})

Connection: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `headers` have small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Requests to one host. Several at once each have a connection of their own."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._host, self._port = str(parts.hostname), parts.port or 80
        self._free: list[tuple[float, Connection]] = []

    async def get(self, url: str, headers: Mapping[str, str], method: str = "GET") -> Answer:
        """GET, or HEAD."""
        return await self._ask(method, url, headers, b"")

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """POST of a body; its Content-Type is among the headers."""
        return await self._ask("POST", url, headers, body)

    async def submit(self, url: str, headers: Mapping[str, str], fields: Mapping[str, str]) -> Answer:
        """POST as a form of a page does."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._ask("POST", url, {**headers, **kind}, urlencode(fields).encode())

    async def close(self) -> None:
        """Close the connections."""
        free, self._free = self._free, []
        for _, (_, writer) in free:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for _, (_, writer) in free), return_exceptions=True)

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        request = self._request(method, url, headers, body)
        async with asyncio.timeout(TIMEOUT):
            while (kept := self._kept()) is not None:
                try:
                    return await self._exchange(kept, request, method)
                except (ConnectionError, asyncio.IncompleteReadError):
                    continue  # the server closed it meanwhile: ask again, as browsers do
            return await self._exchange(await asyncio.open_connection(self._host, self._port), request, method)

    async def _exchange(self, connection: Connection, request: bytes, method: str) -> Answer:
        reader, writer = connection
        try:
            writer.write(request)
            answer = await _answer(reader, method)
        except BaseException:
            writer.close()
            raise
        if answer.headers.get("connection") == "close":
            writer.close()
        else:
            self._free.append((time.monotonic(), connection))
        return answer

    def _kept(self) -> Connection | None:
        """The connection used last, unless it is so old that the server may be closing it."""
        while self._free:
            used_at, (reader, writer) = self._free.pop()
            if time.monotonic() - used_at < KEPT and not reader.at_eof():
                return reader, writer
            writer.close()
        return None

    def _request(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._host}:{self._port}", "Accept: */*"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "\r\n"]).encode() + body


async def _answer(reader: asyncio.StreamReader, method: str) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    status = int(first.split(" ", 2)[1])
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if method == "HEAD" or status in NO_BODY:
        return Answer(status, headers, b"")
    return Answer(status, headers, await reader.readexactly(int(headers["content-length"])))
