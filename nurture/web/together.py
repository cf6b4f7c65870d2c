"""Asks the database once for many callers: while one question is under way, those that come are gathered for the next.

What a caller is told was asked after it came, as if it had asked alone; nothing is remembered between questions.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from typing import Final, Generic, TypeAlias, TypeVar

K = TypeVar("K")
V = TypeVar("V")
_Caller: TypeAlias = tuple[Collection[K], asyncio.Future[V]]

MOST_AT_ONCE: Final = 5_000
"""Things that a question is about, so that none takes long; the last caller's are all among them."""


class Together(Generic[K, V]):
    """A question that is put for any number of things at once, by callers of one event loop."""

    def __init__(self, ask: Callable[[frozenset[K]], Awaitable[V]]) -> None:
        self._ask = ask
        self._come: deque[_Caller[K, V]] = deque()
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, about: Collection[K] = ()) -> V:
        """The answer, about these and perhaps others; raises what asking raised."""
        told: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._come.append((about, told))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_on())
        return await told

    async def _ask_on(self) -> None:
        """Ask until nobody waits; who has left is passed over."""
        while come := self._first_callers():
            try:
                answer = await self._ask(frozenset[K]().union(*(about for about, _ in come)))
            except Exception as error:
                for _, told in come:
                    if not told.done():
                        told.set_exception(error)
            else:
                for _, told in come:
                    if not told.done():
                        told.set_result(answer)

    def _first_callers(self) -> list["_Caller[K, V]"]:
        """As many as one question is put for, and one at least."""
        taken: list[_Caller[K, V]] = []
        count = 0
        while self._come and count < MOST_AT_ONCE:
            taken.append(self._come.popleft())
            count += len(taken[-1][0])
        return taken
