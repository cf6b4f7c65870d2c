"""A worker process of the comparison, as `nurture worker` is one: works when told, until nothing is due for anybody.

Commands come by standard input and answers go to standard output, a word a line: `ready` once everything is compiled and
connected; an instant begins, and `idle` says that nothing is due by then nor in any process's hands. At the end of its
input it tells its greatest size in megabytes.
"""

import asyncio
import gc
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from nurture.bootstrap import enter

BREATH = 0.05  # seconds between two looks whether it is over


class Hand:
    """The parent's end of a worker process."""

    peak_mb = 0.0  # known once it has ended

    def __init__(self, url: str, port: int, connections: int) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.hand", url, str(port), str(connections)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def hear(self, word: str) -> None:
        """Wait for a word (RuntimeError: the process said another, or ended)."""
        assert self._process.stdout is not None
        said = self._process.stdout.readline().strip()
        if said != word:
            raise RuntimeError(f"a worker process said {said!r} instead of {word!r}")

    def go(self, now: datetime) -> None:
        """Have it do all that is due at this instant."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{now.isoformat()}\n")
        self._process.stdin.flush()

    def end(self) -> None:
        """Let it go."""
        told, _ = self._process.communicate()
        self.peak_mb = float(told or 0)


@contextmanager
def hands(count: int, url: str, port: int, connections: int) -> Iterator[list[Hand]]:
    """Worker processes, ready; they share the connections."""
    team = [Hand(url, port, max(1, connections // count)) for _ in range(count)]
    try:
        for hand in team:
            hand.hear("ready")
        yield team
    finally:
        for hand in team:
            hand.end()


async def work(url: str, port: int, connections: int) -> None:
    """Do as told until there is nobody to tell."""
    from nurture.clock import ManualClock
    from nurture.engine.running import run
    from nurture.wiring import make_transport, make_workers, open_system
    from tests.benchmarks.peak import peak_megabytes
    from tests.benchmarks.quiet import is_over
    from tests.benchmarks.settings import MONDAY, settings_for

    clock = ManualClock(MONDAY)
    system = open_system(settings_for(url, port, connections), clock)
    transport = make_transport(system.settings)
    workers = make_workers(system, transport)
    system.worlds.current()
    await transport.open()
    gc.freeze()

    _say("ready")
    while told := await asyncio.to_thread(sys.stdin.readline):
        now = clock.move_to(datetime.fromisoformat(told.strip()))
        stop = asyncio.Event()
        working = asyncio.create_task(run(workers, clock, asyncio.Event(), stop))
        while not working.done() and not await asyncio.to_thread(is_over, system.db, now):  # noqa: ASYNC110 - others work
            await asyncio.sleep(BREATH)
        stop.set()
        await working
        _say("idle")
    _say(str(peak_megabytes()))
    await transport.close()
    system.close()


def _say(word: str) -> None:
    print(word, flush=True)


if __name__ == "__main__":
    enter("tests.benchmarks.hand")
    asyncio.run(work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
