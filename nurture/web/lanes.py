"""The addresses that are asked thousands of times a second, found by one look-up.

Starlette asks every route in turn whether it is meant, and passes a request through half a dozen wrappers, which costs more
than a redirect. Here a look-up finds the handler, which is given the request as the server told it and answers in the server's own
messages (calls.py). Whatever is elsewhere goes on to the application; what holds for every answer (guard.py) holds for
these, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nurture.web.calls import Answer, Call, Handler, answer, raw
from nurture.web.guard import Guard, handler_of, on_crash
from nurture.web.routing import by_method

ANY: Final = "{}"
_NOTHING: Final[Message] = {"type": "http.response.body", "body": b""}


@dataclass(frozen=True, slots=True)
class Lane:
    """A path, and who answers GET (and so HEAD) and POST there. After its first part there may be ANY parts: "/c/{}/{}"."""

    path: str
    get: Handler | None = None
    post: Handler | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    handlers: Mapping[str, Handler]
    allowed: str

    async def answer(self, method: str, call: Call) -> Answer:
        handler = self.handlers.get(method)
        if handler is not None:
            return await handler(call)
        if method == "OPTIONS":
            return answer(204, headers=raw({"Allow": self.allowed}))
        raise HTTPException(405, headers={"Allow": self.allowed})


class Lanes:
    """Answers these paths before the application is asked."""

    def __init__(self, app: ASGIApp, lanes: Sequence[Lane]) -> None:
        self._app = app
        self._fixed: dict[str, _Place] = {}
        self._shaped: dict[tuple[str, int], _Place] = {}
        for lane in lanes:
            place = _Place(*by_method(lane.get, lane.post))
            if ANY in lane.path:
                parts = lane.path.split("/")
                self._shaped[parts[1], len(parts)] = place
            else:
                self._fixed[lane.path] = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        place = None
        if scope["type"] == "http":
            path: str = scope["path"]
            parts = path.split("/")
            place = self._fixed.get(path) or (self._shaped.get((parts[1], len(parts))) if len(parts) > 1 else None)
        if place is None:
            await self._app(scope, receive, send)
            return
        method: str = scope["method"]
        try:
            said = await place.answer(method, Call(scope, receive, parts))
        except Exception as error:
            await _tell(error, scope, receive, send)
        else:
            await send(said.start)
            await send(said.end if method != "HEAD" else _NOTHING)


async def _tell(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    """Tell whoever asked of an error; one that nobody expected is raised again, for the server to log."""
    handler = handler_of(error)
    response = await handler(Request(scope, receive), error)
    await Guard(response)(scope, receive, send)
    if handler is on_crash:
        raise error
