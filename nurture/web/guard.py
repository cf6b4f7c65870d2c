"""What holds for every answer: its headers, no body to a HEAD, and no traceback to anybody."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nurture.inbound.intake import COME_BACK, Busy
from nurture.storage.database import DatabaseProblem
from nurture.web.render import problem

_LOG = logging.getLogger(__name__)

CONTENT_SECURITY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOR_MACHINES: Final = ("/hooks/", "/events", "/healthz")
SENTENCES: Final[Mapping[int, str]] = {
    400: "The request cannot be read.",
    401: "Sign in: the user, the password or the key is missing or wrong.",
    404: "There is nothing here.",
    405: "This method is not answered here.",
    413: "The body is too big.",
    500: "Something went wrong on our side; it has been noted.",
    503: "Nothing was stored; try again in a few seconds.",
}


class Guard:
    """Wraps the whole application. `headers` are on every answer that does not say otherwise."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = HEADERS) -> None:
        self._app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and complete its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def completed(event: Message) -> None:
            if event["type"] == "http.response.start":
                said = dict(event["headers"])
                event["headers"] = [*event["headers"], *[one for one in self._headers if one[0] not in said]]
            elif event["type"] == "http.response.body" and scope["method"] == "HEAD":
                event = {**event, "body": b""}
            await send(event)

        await self._app(scope, receive, completed)


async def on_http_error(request: Request, error: Exception) -> Response:
    """A 4xx that a handler or the router raised."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    return answer_problem(request, status, headers)


async def on_overload(request: Request, error: Exception) -> Response:
    """Too much at once, or a database that does not answer: come back."""
    wait = error.retry_after if isinstance(error, Busy) else COME_BACK
    _LOG.warning("%s %s answered 503: %s", request.method, _shape(request), error)
    return answer_problem(request, 503, {"Retry-After": f"{max(1, round(wait.total_seconds()))}"})


async def on_crash(request: Request, error: Exception) -> Response:
    """A fault of ours; the server logs its traceback."""
    return answer_problem(request, 500)


HANDLERS: Final[dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]]] = {
    HTTPException: on_http_error,
    Busy: on_overload,
    DatabaseProblem: on_overload,
    PoolTimeout: on_overload,
    Exception: on_crash,
}


def handler_of(error: Exception) -> Callable[[Request, Any], Coroutine[Any, Any, Response]]:
    """Who answers an error; `on_crash` where nobody expected it."""
    return next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)


def answer_problem(request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A sentence for programs, a page for people."""
    if request.url.path.startswith(FOR_MACHINES):
        sentence = SENTENCES.get(status, SENTENCES[400])
        return JSONResponse({"problem": sentence}, status, {"Cache-Control": "no-store", **(headers or {})})
    return problem(request, status, headers)


def _shape(request: Request) -> str:
    """The path without its token: what is logged names nobody."""
    return "/" + request.url.path.lstrip("/").partition("/")[0]
