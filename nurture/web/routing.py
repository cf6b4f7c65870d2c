"""A path and what each method does there; OPTIONS says which, anything else is a 405 that names them."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

ANY: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]


def route(path: str, *, get: Handler | None = None, post: Handler | None = None) -> Route:
    """GET (and so HEAD) and POST of a path."""
    handlers = {name: handler for name, handler in (("GET", get), ("HEAD", get), ("POST", post)) if handler}
    allowed = ", ".join([*handlers, "OPTIONS"])

    async def endpoint(request: Request) -> Response:
        handler = handlers.get(request.method)
        if handler is not None:
            return await handler(request)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": allowed})
        raise HTTPException(405, headers={"Allow": allowed})

    return Route(path, endpoint, methods=ANY)


async def body_of(request: Request, at_most: int) -> bytes:
    """The body; HTTPException 413 as soon as it is known to be longer."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdecimal() and len(declared) < 19 and int(declared) > at_most:
        raise HTTPException(413)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > at_most:
                raise HTTPException(413)
    except ClientDisconnect:
        raise HTTPException(400) from None
    return bytes(body)
