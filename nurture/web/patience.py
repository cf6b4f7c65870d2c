"""Ends waits that take too long: one timer for all that began within a tenth of a second, where each of its own would cost
a tenth of a redirect.
"""

import asyncio
from typing import Any, Final

GRAIN: Final = 0.1


class Patience:
    """For the callers of one event loop."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._begun: list[asyncio.Future[Any]] = []
        self._next = 0.0

    def limit(self, waiting: asyncio.Future[Any]) -> None:
        """Let this end with TimeoutError if it lasts longer than so many seconds (and a tenth at most)."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._next:
            self._begun, self._next = [], loop.time() + GRAIN
            loop.call_later(self._seconds + GRAIN, _end, self._begun)
        self._begun.append(waiting)


def _end(begun: list[asyncio.Future[Any]]) -> None:
    for waiting in begun:
        if not waiting.done():
            waiting.set_exception(TimeoutError())
