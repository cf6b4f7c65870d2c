"""A path and what each method does there; OPTIONS says which, anything else is a 405 that names them."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive

H = TypeVar("H")
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

ANY: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]


def route(path: str, *, get: Handler | None = None, post: Handler | None = None) -> Route:
    """GET (and so HEAD) and POST of a path."""
    handlers, allowed = by_method(get, post)

    async def endpoint(request: Request) -> Response:
        handler = handlers.get(request.method)
        if handler is not None:
            return await handler(request)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": allowed})
        raise HTTPException(405, headers={"Allow": allowed})

    return Route(path, endpoint, methods=ANY)


def by_method(get: H | None, post: H | None) -> tuple[dict[str, H], str]:
    """Who answers what, and what Allow says of it."""
    handlers = {name: handler for name, handler in (("GET", get), ("HEAD", get), ("POST", post)) if handler}
    return handlers, ", ".join([*handlers, "OPTIONS"])


async def body_of(request: Request, at_most: int) -> bytes:
    """The body; HTTPException 413 as soon as it is known to be longer."""
    return await read_body(request.receive, request.headers.get("content-length", ""), at_most)


async def read_body(receive: Receive, declared: str, at_most: int) -> bytes:
    """The body of a request that declared this length; HTTPException 413 as soon as it is known to be longer."""
    if declared.isascii() and declared.isdecimal() and len(declared) < 19 and int(declared) > at_most:
        raise HTTPException(413)
    body, more = bytearray(), True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise HTTPException(400)
        body += event.get("body", b"")
        if len(body) > at_most:
            raise HTTPException(413)
        more = event.get("more_body", False)
    return bytes(body)
