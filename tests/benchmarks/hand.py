"""A worker process of the comparison, as `nurture worker` is one: works when told, until nothing is due for anybody.

Commands come by standard input and answers go to standard output, a word a line: `ready` once everything is compiled and
connected; `go` begins, and `idle` says that nothing is due nor in any process's hands.
"""

import asyncio
import gc
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from nurture.bootstrap import enter

BREATH = 0.05  # seconds between two looks whether it is over


class Hand:
    """The parent's end of a worker process."""

    def __init__(self, url: str, port: int, connections: int) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.hand", url, str(port), str(connections)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def hear(self, word: str) -> None:
        """Wait for a word (RuntimeError: the process said another, or ended)."""
        assert self._process.stdout is not None
        said = self._process.stdout.readline().strip()
        if said != word:
            raise RuntimeError(f"a worker process said {said!r} instead of {word!r}")

    def go(self) -> None:
        """Have it work."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def end(self) -> None:
        """Let it go."""
        self._process.communicate()


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
    from nurture.storage.claims import in_hand, next_due
    from nurture.wiring import make_transport, make_workers, open_system
    from tests.benchmarks.settings import MONDAY, settings_for

    system = open_system(settings_for(url, port, connections), ManualClock(MONDAY))
    transport = make_transport(system.settings)
    workers = make_workers(system, transport)
    system.worlds.current()
    await transport.open()
    gc.freeze()

    def is_over() -> bool:
        with system.db.read() as c:
            due = next_due(c)
            return (due is None or due > MONDAY) and not in_hand(c, MONDAY)

    _say("ready")
    while await asyncio.to_thread(sys.stdin.readline):
        stop = asyncio.Event()
        working = asyncio.create_task(run(workers, system.clock, asyncio.Event(), stop))
        while not await asyncio.to_thread(is_over):  # noqa: ASYNC110 - others' work
            await asyncio.sleep(BREATH)
        stop.set()
        await working
        _say("idle")
    await transport.close()
    system.close()


def _say(word: str) -> None:
    print(word, flush=True)


if __name__ == "__main__":
    enter("tests.benchmarks.hand")
    asyncio.run(work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
