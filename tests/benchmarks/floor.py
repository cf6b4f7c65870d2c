"""What the web server itself costs: an application that reads the body, stores nothing and answers at once.

It is served as ours is (event loop, parser, settings), so that the rest of a request is what we do with it.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias

Event: TypeAlias = MutableMapping[str, Any]

STORED: Final = b"stored"
_OK: Final = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"6")]}
_ON: Final = {
    "type": "http.response.start",
    "status": 302,
    "headers": [(b"location", b"https://exemple.example/"), (b"content-length", b"0")],
}


async def floor_app(
    scope: Event, receive: Callable[[], Awaitable[Event]], send: Callable[[Event], Awaitable[None]]
) -> None:
    """302 to a GET, 200 to a body."""
    if scope["type"] != "http":
        return
    if scope["method"] == "GET":
        await send(_ON)
        await send({"type": "http.response.body"})
        return
    while (await receive()).get("more_body"):
        pass
    await send(_OK)
    await send({"type": "http.response.body", "body": STORED})
