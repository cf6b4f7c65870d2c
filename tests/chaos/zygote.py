"""A process that has imported everything and forks a worker when asked, so that a worker's start costs milliseconds.

What is forked is a real process: it opens its own database, loop and connections, and is killed for real. The zygote has
one thread and opens nothing itself. Orders come by standard input and news go to standard output, a line of JSON each; at
the end of its input every worker is killed.
"""

import asyncio
import ctypes
import gc
import json
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field

from tests.chaos.jobs import Job

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Child:
    """A worker process. `ended` has the signal that ended it; 0 when it had nothing more to do."""

    pid: int
    ended: "asyncio.Future[int]"

    def kill(self) -> None:
        """SIGKILL: it runs no instruction more."""
        self._signal(signal.SIGKILL)

    def pause(self) -> None:
        """SIGSTOP: it stands still, wherever it is."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT: it goes on as if nothing had been."""
        self._signal(signal.SIGCONT)

    def _signal(self, what: signal.Signals) -> None:
        if not self.ended.done():
            with suppress(ProcessLookupError):
                os.kill(self.pid, what)


@dataclass
class Zygote:
    """The parent's end."""

    process: asyncio.subprocess.Process
    _children: dict[int, Child] = field(default_factory=dict)
    _born: "asyncio.Queue[Child]" = field(default_factory=asyncio.Queue)

    async def birth(self, job: Job) -> Child:
        """A new worker, which begins at once."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
        return await self._born.get()

    async def listen(self) -> None:
        """Hear of births and deaths, until the zygote ends."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            news = json.loads(line)
            if "born" in news:
                child = Child(news["born"], asyncio.get_running_loop().create_future())
                self._children[child.pid] = child
                self._born.put_nowait(child)
            else:
                self._children.pop(news["ended"]).ended.set_result(news["signal"])


@asynccontextmanager
async def zygote() -> AsyncIterator[Zygote]:
    """A zygote, and all its workers, as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.zygote", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    one = Zygote(process)
    ears = asyncio.create_task(one.listen())
    try:
        yield one
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await ears


def serve(labour: Callable[[Job], None]) -> None:
    """Fork a worker for each order, and tell when one ended."""
    gc.freeze()
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(told)
    alive: set[int] = set()
    orders = b""
    while True:
        ready, _, _ = select.select([0, heard], [], [])
        if heard in ready:
            os.read(heard, 4096)
            _bury(alive)
        if 0 in ready:
            more = os.read(0, 65536)
            if not more:
                break
            *lines, orders = (orders + more).split(b"\n")
            for line in lines:
                alive.add(_fork(labour, Job(**json.loads(line))))
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _fork(labour: Callable[[Job], None], job: Job) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        _tell({"born": pid})
        return pid
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _die_with(parent)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        labour(job)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _die_with(parent: int) -> None:
    """A worker does not outlive who counts on it, on Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _bury(alive: set[int]) -> None:
    for pid in list(alive):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            alive.discard(pid)
            ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)
            _tell({"ended": pid, "signal": ended})


def _tell(news: dict[str, int]) -> None:
    os.write(1, json.dumps(news).encode() + b"\n")


if __name__ == "__main__":
    from tests.chaos.labour import labour, warm

    warm()
    serve(labour)
