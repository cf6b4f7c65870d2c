"""The addresses that are asked thousands of times a second, found by one look-up.

Starlette asks every route in turn whether it is meant, and passes a request through half a dozen wrappers, which costs more
than a redirect. Here the first part of the path tells where to look, and the route's own handler answers. Whatever is
elsewhere goes on to the application; what holds for every answer (guard.py) holds for these, too.
"""

from collections import defaultdict
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from nurture.web.guard import answer_error


class Lanes:
    """Answers these routes before the application is asked."""

    def __init__(self, app: ASGIApp, routes: Sequence[Route]) -> None:
        self._app = app
        self._routes: dict[str, list[Route]] = defaultdict(list)
        for route in routes:
            self._routes[_first(route.path)].append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        if scope["type"] == "http":
            for route in self._routes.get(_first(scope["path"]), ()):
                found = route.path_regex.match(scope["path"])
                if found is not None:
                    scope["path_params"] = found.groupdict()
                    response = await _response(route, Request(scope, receive))
                    await response(scope, receive, send)
                    return
        await self._app(scope, receive, send)


async def _response(route: Route, request: Request) -> Response:
    try:
        response: Response = await route.endpoint(request)
    except Exception as error:
        return await answer_error(request, error)
    return response


def _first(path: str) -> str:
    """The first part of a path: "c" of /c/TOKEN/0."""
    return path[1:].partition("/")[0]
