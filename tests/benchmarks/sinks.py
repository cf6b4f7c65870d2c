"""Where the mails go: an SMTP server in a process of its own, which counts what it took.

Postfix's `smtp-sink` where it is installed, because a server in C leaves the processor to the sender; else, or where
answers are to come late, the tests' own (`tests/sinks/fast.py`).
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

POSTFIX = "smtp-sink"
OURS = "tests.sinks"
STARTS_WITHIN = 10.0  # seconds
BACKLOG = "512"
FOLDERS = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))


class Sink(Protocol):
    """A running sink."""

    name: str
    port: int

    def count(self) -> int:
        """How many messages it has taken; ends the sink."""
        ...


@contextmanager
def running_sink(name: str = "auto", round_trip: float = 0.0) -> Iterator[Sink]:
    """A sink on the loopback: `smtp-sink`, `tests.sinks`, or `auto`, the first of them that is there.

    Only ours can be a `round_trip` of so many milliseconds away.
    """
    program = shutil.which(POSTFIX, path=FOLDERS) if name in ("auto", POSTFIX) else None
    if program is None and name == POSTFIX:
        sys.exit("smtp-sink is not installed (it comes with postfix): use --sink tests.sinks")
    sink = _Ours(round_trip) if program is None else _Postfix(program)
    try:
        yield sink
    finally:
        sink.end()


@contextmanager
def far_sink(round_trip: float) -> Iterator["FarSink"]:
    """Ours, a `round_trip` of so many milliseconds away."""
    sink = FarSink(round_trip)
    try:
        yield sink
    finally:
        sink.end()


@dataclass
class _Running:
    """A child process and its port."""

    name: str
    port: int
    process: subprocess.Popen[str]

    def end(self) -> None:
        """End the child; once is enough."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()


class _Ours(_Running):
    def __init__(self, round_trip: float) -> None:
        command = [sys.executable, "-m", OURS, "--round-trip", str(round_trip)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        super().__init__(OURS, json.loads(process.stdout.readline())["port"], process)

    def count(self) -> int:
        said, _ = self.process.communicate()
        self.told = json.loads(said)
        return int(self.told["messages"])


class FarSink(_Ours):
    """The one that is far away."""

    def rate_while_sending(self) -> float:
        """Messages a second since they last began to come after a pause, 0 when that was just now; after `count`."""
        seconds = float(self.told["stretch_seconds"])
        return self.told["stretch"] / seconds if seconds else 0.0


class _Postfix(_Running):
    """Its counters go to its standard output, which is a file because nobody reads it while mails are sent."""

    def __init__(self, program: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._told = tempfile.NamedTemporaryFile("r", prefix="nurture-sink-")  # noqa: SIM115 - until `end`
        user = ["-u", "nobody"] if os.getuid() == 0 else []
        command = [program, "-c", *user, f"127.0.0.1:{port}", BACKLOG]
        with open(self._told.name, "w") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, text=True)
        super().__init__(POSTFIX, port, process)
        _until_it_listens(port)

    def count(self) -> int:
        self.process.terminate()
        self.process.wait()
        counts = re.findall(r"mesg=(\d+)", Path(self._told.name).read_text())
        return int(counts[-1]) if counts else 0

    def end(self) -> None:
        super().end()
        self._told.close()


def _until_it_listens(port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return
