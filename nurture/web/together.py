"""Asks the database once for many callers: while one question is under way, those that come are gathered for the next.

What a caller is told was asked after it came, as if it had asked alone; nothing is remembered between questions.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeAlias, TypeVar

Q = TypeVar("Q")
V = TypeVar("V")
_Caller: TypeAlias = tuple[Q, asyncio.Future[V]]

MOST_AT_ONCE: Final = 5_000
"""Things that are asked about at once, so that it takes nobody long; the last caller's are all among them."""


class Together(Generic[Q, V]):
    """Questions that are put at once, by callers of one event loop. `size` tells how many things a question is about."""

    def __init__(self, ask: Callable[[Sequence[Q]], Awaitable[V]], size: Callable[[Q], int] = lambda _: 1) -> None:
        self._ask = ask
        self._size = size
        self._come: deque[_Caller[Q, V]] = deque()
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> V:
        """The answer to this question and perhaps others; raises what asking raised."""
        told: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._come.append((question, told))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_on())
        return await told

    async def _ask_on(self) -> None:
        """Ask until nobody waits; who has left is passed over."""
        while come := self._first_callers():
            try:
                answer = await self._ask([question for question, _ in come])
            except Exception as error:
                for _, told in come:
                    if not told.done():
                        told.set_exception(error)
            else:
                for _, told in come:
                    if not told.done():
                        told.set_result(answer)

    def _first_callers(self) -> list["_Caller[Q, V]"]:
        """As many as are asked for at once, and one at least."""
        taken: list[_Caller[Q, V]] = []
        count = 0
        while self._come and count < MOST_AT_ONCE:
            taken.append(self._come.popleft())
            count += self._size(taken[-1][0])
        return taken
