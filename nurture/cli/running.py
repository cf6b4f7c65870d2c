"""The long-running parts of nurture in one event loop, and how they end: web, workers, clock.

A first signal lets each part finish what it has in hand, for a few seconds; a second one, or the end of that time, cuts it
short. Nothing is lost either way: what was begun stands in the database.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeAlias

from uvicorn.loops.auto import auto_loop_factory

from nurture.engine.clock import make_scheduler
from nurture.engine.running import run as run_workers
from nurture.providers.transport import Transport, TransportProblem
from nurture.web import create_app
from nurture.web.serving import serve, services_of
from nurture.wiring import (
    System,
    clock_jobs,
    look_at_database,
    make_flow,
    make_intake,
    make_transport,
    make_workers,
    watch_jumps,
)

log = logging.getLogger("nurture")

GRACE = 8.0
"""Seconds that the parts have to end by themselves."""

Part: TypeAlias = Callable[["Life"], Coroutine[Any, Any, None]]


class Life:
    """One process's life: `wake` says look now, `stop` says end."""

    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.stop = asyncio.Event()


async def live(parts: Sequence[Part]) -> None:
    """Run the parts until a signal comes or one of them ends; raises what a part raised."""
    life = Life()
    with _signals(life):
        tasks = [asyncio.ensure_future(part(life)) for part in parts]
        stop = asyncio.ensure_future(life.stop.wait())
        await asyncio.wait([*tasks, stop], return_when=asyncio.FIRST_COMPLETED)
        life.stop.set()
        await _end(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


def live_for_the_web(parts: Sequence[Part]) -> None:
    """`live` in a process that serves the web and sends no mail, where requests are all that counts.

    On uvicorn's choice of an event loop, which is uvloop where there is one: a third less for an answer with a body.
    """
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(live(parts))


async def _end(tasks: Sequence[asyncio.Future[None]]) -> None:
    """Wait a little, then no longer."""
    _, pending = await asyncio.wait(tasks, timeout=GRACE)
    for task in pending:
        task.cancel()
    if pending:
        await asyncio.wait(pending)


@contextmanager
def _signals(life: Life) -> Iterator[None]:
    loop, here = asyncio.get_running_loop(), asyncio.current_task()

    def told() -> None:
        if life.stop.is_set() and here is not None:
            here.cancel()
        life.stop.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told)
    try:
        yield
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)


def worker_part(system: System) -> Part:
    """Receipts, decisions, deliveries."""

    async def work(life: Life) -> None:
        transport = make_transport(system.settings)
        async with _opened(transport):
            await asyncio.to_thread(look_at_database, system)
            workers = make_workers(system, transport, make_flow(system.settings))
            await run_workers(workers, system.clock, life.wake, life.stop, watch_jumps(system))

    return work


@asynccontextmanager
async def _opened(transport: Transport) -> AsyncIterator[None]:
    """A mail server that is away is waited for: the mails stay in the outbox."""
    try:
        await transport.open()
    except TransportProblem as problem:
        log.warning("%s Until then, mails wait.", problem)
    try:
        yield
    finally:
        await transport.close()


def clock_part(system: System) -> Part:
    """Wakes the workers of this process every second, and tidies up every minute."""

    async def tick(life: Life) -> None:
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(life.wake.set)

        scheduler = make_scheduler(clock_jobs(system, wake))
        scheduler.start()
        try:
            await life.stop.wait()
        finally:
            await asyncio.to_thread(scheduler.shutdown)

    return tick


def web_part(system: System, bound: socket.socket) -> Part:
    """The pages and endpoints, on a socket that is bound already."""

    async def answer(life: Life) -> None:
        intake = make_intake(system)
        try:
            await serve(create_app(services_of(system, intake)), bound, life.stop)
        finally:
            await asyncio.to_thread(intake.close)

    return answer
