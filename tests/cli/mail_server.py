"""A real SMTP server beside commands that block their own thread."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.sinks.scripted import Sink


@contextmanager
def mail_server(sink: Sink | None = None) -> Iterator[Sink]:
    """A sink in an event loop of its own, until the block ends."""
    sink = sink or Sink()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(sink.__aenter__(), loop).result(10)
    try:
        yield sink
    finally:
        asyncio.run_coroutine_threadsafe(sink.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
