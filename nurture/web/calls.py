"""A request and its answer as the short way has them: nothing is made of them that nobody reads.

Starlette's own make dictionaries of headers, addresses and cookies first, and put an answer's headers together each time.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from starlette.types import Message, Receive, Scope

from nurture.web.guard import HEADERS
from nurture.web.routing import read_body

NO_CONTENT: Final = 204
RawHeaders: TypeAlias = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `parts` are those of its path: "", "c", TOKEN, "0" of /c/TOKEN/0."""

    scope: Scope
    receive: Receive
    parts: Sequence[str]

    def header(self, name: bytes) -> str:
        """The first header of that name, which is in lower case; empty when there is none."""
        for key, value in self.scope["headers"]:
            if key == name:
                said: str = value.decode("latin-1")
                return said
        return ""

    async def body(self, at_most: int) -> bytes:
        """The body; HTTPException 413 as soon as it is known to be longer."""
        return await read_body(self.receive, self.header(b"content-length"), at_most)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server is told: two messages of ASGI. The same one may be given to any number of calls."""

    start: Message
    end: Message


Handler: TypeAlias = Callable[[Call], Awaitable[Answer]]


def answer(status: int, body: bytes = b"", headers: RawHeaders = ()) -> Answer:
    """An answer with the headers that every answer bears, and its length."""
    length = [(b"content-length", str(len(body)).encode())] if status != NO_CONTENT else []
    return Answer(
        {"type": "http.response.start", "status": status, "headers": [*headers, *_EVERY, *length]},
        {"type": "http.response.body", "body": body},
    )


def raw(headers: Mapping[str, str]) -> RawHeaders:
    """Headers as they are sent."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


_EVERY: Final = raw(HEADERS)
