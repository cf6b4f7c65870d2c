"""An alarm that is set for each of many messages and costs a timer only for few of them."""

import asyncio
import time
from collections.abc import Callable


class Alarm:
    """Rings once the instant has passed for which it was set last. Belongs to one event loop.

    What is done long before its time sets no timer and cancels none: a timer that comes too early looks again.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._loop = asyncio.get_running_loop()
        self._until: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = 0.0

    def set(self, until: float) -> None:
        """Ring at `until`, of `time.monotonic()`, instead of any time before."""
        self._until = until
        if self._timer is None or until < self._wakes_at:
            self._wake(until)

    def unset(self) -> None:
        """Do not ring."""
        self._until = None

    def cancel(self) -> None:
        """Never ring again."""
        self._until = None
        if self._timer is not None:
            self._timer.cancel()

    def _wake(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._wakes_at = at
        self._timer = self._loop.call_later(max(at - time.monotonic(), 0), self._look)

    def _look(self) -> None:
        self._timer = None
        if self._until is None:
            return
        if self._until <= time.monotonic():
            self._ring()
        else:
            self._wake(self._until)
