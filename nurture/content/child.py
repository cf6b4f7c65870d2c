"""A process that works for us at arm's length: one request, one answer, within so many seconds, or it is killed.

It knows nothing of ours: no environment beyond a few harmless names, no open file but its two pipes, and a session of
its own, so that Ctrl-C reaches us alone. It ends when its pipe does, hence with this process however that ends.
"""

import json
import os
import selectors
import struct
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from typing import IO

LENGTH = struct.Struct(">I")
"""Before every request and answer: how many octets follow."""

LONGEST_ANSWER = 16 * 1024 * 1024
SECONDS_TO_START = 30.0
READY = b"ready"

_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR")
# -I: neither the working folder nor PYTHON… variables say what is imported; the places are ours, handed over.
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {module} import main; main()"


class Overran(Exception):
    """The child did not answer in time, and was killed."""


class Died(Exception):
    """The child ended instead of answering; `status` is its exit code, negative for a signal."""

    def __init__(self, status: int | None) -> None:
        super().__init__(status)
        self.status = status


class CannotStart(Exception):
    """This machine does not let us start a process now; the text says why."""


class Child:
    """One process running `main()` of a module, started when first asked. Not for two threads at once."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process as it runs now, if it does."""
        return self._process.pid if self._process is not None else None

    def ask(self, request: bytes, seconds: float) -> bytes:
        """The child's answer. Raises Overran, Died or CannotStart; a new child answers the next request."""
        (answer,) = self.ask_each(request, 1, seconds)
        return answer

    def ask_each(self, request: bytes, answers: int, seconds: float) -> Generator[bytes, None, None]:
        """So many answers to one request, each within so many seconds of the one before. Raises as `ask` does.

        A caller that does not wait for all of them ends the child.
        """
        process = self._running()
        whole = False
        got = bytearray()
        try:
            for number in range(answers):
                yield _exchange(process, None if number else request, time.monotonic() + seconds, got)
            whole = True
        except Died:
            self.stop()
            raise Died(process.returncode) from None
        finally:
            if not whole:
                self.stop()

    def start(self) -> None:
        """Have it ready for the first request. Raises CannotStart."""
        self._running()

    def stop(self) -> None:
        """End the process now, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self.stop()  # it had nothing to do for a while
        if self._process is None:
            self._process = _started(self._module)
        return self._process


def _started(module: str) -> subprocess.Popen[bytes]:
    paths = json.dumps([os.path.abspath(path) for path in sys.path])
    command = [sys.executable, "-I", "-c", _START.format(module=module), paths]
    try:
        process = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(os.environ),
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise CannotStart(error.strerror or str(error)) from None
    try:
        for pipe in (process.stdin, process.stdout):
            os.set_blocking(_number(pipe), False)
        if _exchange(process, None, time.monotonic() + SECONDS_TO_START, bytearray()) != READY:
            raise Died(None)
    except (Overran, Died):
        _end(process)
        raise CannotStart(f"it ended with code {process.returncode} before it was ready") from None
    except BaseException:
        _end(process)
        raise
    return process


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Nothing that could be a secret."""
    return {name: ours[name] for name in _KEPT if name in ours}


def _exchange(process: subprocess.Popen[bytes], request: bytes | None, until: float, got: bytearray) -> bytes:
    """Write the request, if any, and read one answer, both before `until`; `got` keeps what came of the next."""
    left = memoryview(b"" if request is None else LENGTH.pack(len(request)) + request)
    into, out = _number(process.stdin), _number(process.stdout)
    with selectors.DefaultSelector() as waiting:
        waiting.register(out, selectors.EVENT_READ)
        if left:
            waiting.register(into, selectors.EVENT_WRITE)
        while (answer := _whole(got)) is None:
            ready = {key.fd for key, _ in waiting.select(max(0.0, until - time.monotonic()))}
            if not ready and time.monotonic() >= until:
                raise Overran
            if out in ready:
                got += _read(out)
            if into in ready:
                left = left[_written(into, left) :]
                if not left:
                    waiting.unregister(into)
    return answer


def _read(pipe: int) -> bytes:
    data = os.read(pipe, 1 << 16)
    if not data:
        raise Died(None)
    return data


def _written(pipe: int, data: memoryview) -> int:
    try:
        return os.write(pipe, data[: 1 << 16])
    except BlockingIOError:
        return 0
    except BrokenPipeError:
        raise Died(None) from None


def _whole(got: bytearray) -> bytes | None:
    if len(got) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack_from(got)
    if length > LONGEST_ANSWER:
        raise Died(None)
    end = LENGTH.size + length
    if len(got) < end:
        return None
    answer = bytes(got[LENGTH.size : end])
    del got[:end]
    return answer


def _number(pipe: IO[bytes] | None) -> int:
    assert pipe is not None, "both were asked for"
    return pipe.fileno()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
