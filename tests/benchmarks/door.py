"""`python -m tests.benchmarks.door ours|floor|plain DATABASE_URL`: one web process, as measured by intake and redirect.

It prints its port; asked by a line on its standard input it prints the processor seconds it has used; it ends when its
standard input does. `ours` is what `nurture web` runs, on the database's own clock; `floor` is the same server with next to
nothing behind it (floor.py); `plain` is the other side (plain.py).
"""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from nurture.bootstrap import ROOT, enter

USER, PASSWORD = "postmark", "a password of the benchmarks"
RESEND_SECRET = "whsec_YSBzZWNyZXQgb2YgdGhlIGJlbmNobWFya3M="


class Door:
    """The parent's end of a web process."""

    def __init__(self, side: str, url: str) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.door", side, url]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._said())

    def cpu_seconds(self) -> float:
        """What the process has used of the processor until now, all threads together."""
        assert self._process.stdin is not None
        self._process.stdin.write("cpu\n")
        self._process.stdin.flush()
        return float(self._said())

    def end(self) -> None:
        """Let it go."""
        self._process.communicate()

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def open_door(side: str, url: str) -> Iterator[Door]:
    """A web process that listens."""
    door = Door(side, url)
    try:
        yield door
    finally:
        door.end()


def _answer() -> None:
    """Say what was used, until nobody asks any more."""
    while sys.stdin.readline():
        print(time.process_time(), flush=True)


def _ours(url: str) -> None:
    from pydantic import SecretStr

    from nurture.cli.running import Life, live_for_the_web, web_part
    from nurture.config import Settings
    from nurture.web.serving import listen
    from nurture.wiring import open_system

    settings = Settings(
        database_url=url,
        postmark_webhook_user=USER,
        postmark_webhook_password=SecretStr(PASSWORD),
        resend_webhook_secret=SecretStr(RESEND_SECRET),
    )
    system = open_system(settings)
    bound = listen("127.0.0.1", 0)
    print(bound.getsockname()[1], flush=True)

    async def until_left(life: Life) -> None:
        await asyncio.to_thread(_answer)

    live_for_the_web([web_part(system, bound), until_left])
    system.close()


def _floor(url: str) -> None:
    from nurture.cli.running import Life, live_for_the_web
    from nurture.web.serving import listen, serve
    from tests.benchmarks.floor import floor_app

    bound = listen("127.0.0.1", 0)
    print(bound.getsockname()[1], flush=True)

    async def answer(life: Life) -> None:
        await serve(floor_app, bound, life.stop)

    async def until_left(life: Life) -> None:
        await asyncio.to_thread(_answer)

    live_for_the_web([answer, until_left])


def _plain(url: str) -> None:
    import uvicorn

    from nurture.web.serving import listen
    from tests.benchmarks.plain import plain_app

    bound = listen("127.0.0.1", 0)
    print(bound.getsockname()[1], flush=True)
    server = uvicorn.Server(uvicorn.Config(plain_app(url), log_level="warning", access_log=False))
    threading.Thread(target=lambda: (_answer(), os._exit(0)), daemon=True).start()
    server.run([bound])


if __name__ == "__main__":
    enter("tests.benchmarks.door")
    {"ours": _ours, "floor": _floor, "plain": _plain}[sys.argv[1]](sys.argv[2])
