"""An event loop on virtual time, whose threads are none: what runs, and in which order, follows from the seed alone."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class Monotonic:
    """Seconds that pass only when they are let pass: the sim's `time.monotonic`."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        """The present second."""
        return self.at


class _Loop(asyncio.SelectorEventLoop):
    """Goes to the next timer at once when nothing else is to be done."""

    def __init__(self, seconds: Monotonic) -> None:
        self._seconds = seconds
        super().__init__()

    def time(self) -> float:
        return self._seconds.at

    def _run_once(self) -> None:
        if not self._ready:
            if not self._scheduled:
                raise RuntimeError("Nothing is to be done and nothing is waited for: somebody waits for ever.")
            self._seconds.at = max(self._seconds.at, self._scheduled[0].when())
        super()._run_once()  # type: ignore[misc]


class _Inline(ThreadPoolExecutor):
    """Runs a job in the loop itself, after a delay, so that jobs of two workers come in an order that the seed chose."""

    def __init__(self, loop: asyncio.AbstractEventLoop, delay: Callable[[], float]) -> None:
        super().__init__(1)
        self._loop = loop
        self._delay = delay

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        future: Future[T] = Future()
        self._loop.call_later(self._delay(), _work, future, fn, args, kwargs)
        return future


def _work(future: "Future[T]", fn: Callable[..., T], args: Any, kwargs: Any) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(fn(*args, **kwargs))
    except BaseException as error:
        future.set_exception(error)


def run(main: Coroutine[Any, Any, T], seconds: Monotonic, delay: Callable[[], float]) -> T:
    """Run to the end, then drop whatever tasks are left: they belong to workers that are dead."""
    loop = _Loop(seconds)
    loop.set_default_executor(_Inline(loop, delay))
    loop.set_exception_handler(lambda _loop, _context: None)  # tasks of the dead end as they may
    try:
        return loop.run_until_complete(main)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()
