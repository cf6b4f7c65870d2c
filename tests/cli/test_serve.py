"""The long-running processes: they start on one laptop by themselves, say what is in the way, and end when told."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from nurture.bootstrap import ROOT
from nurture.clock import ManualClock, SystemClock
from nurture.config import variable_names
from tests.cli.mail_server import mail_server
from tests.cli.shell import Shell, told_well

PATIENCE = 60.0


class Process:
    """A command in a process of its own; what it says is read from a file."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self._said = folder / "said.txt"
        unset = {*variable_names(), "PORT", "DATABASE_URL"}
        environment = {name: value for name, value in os.environ.items() if name not in unset}
        with self._said.open("w") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "nurture", *arguments],
                cwd=folder,
                env={**environment, "PYTHONPATH": str(ROOT), **settings},
                stdout=said,
                stderr=said,
            )

    @property
    def said(self) -> str:
        """Everything so far."""
        return self._said.read_text()

    def wait_for(self, words: str) -> str:
        """The first match of a pattern in what it says."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := re.search(words, self.said):
                return found[0]
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"never said {words!r}: {self.said}")

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Tell it to end; its exit code, and how long it took."""
        begun = time.monotonic()
        self._process.send_signal(how)
        return self._process.wait(PATIENCE), time.monotonic() - begun

    def kill(self) -> None:
        """For the end of a test."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


@contextmanager
def running(folder: Path, *arguments: str, **settings: str) -> Iterator[Process]:
    """The command, killed at the end of the block at the latest."""
    process = Process(folder, *arguments, **settings)
    try:
        yield process
    finally:
        process.kill()


def free_port() -> str:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def test_one_process_makes_its_database_sends_and_ends_cleanly(empty: Shell) -> None:
    empty.add_files()
    empty.clock = ManualClock(SystemClock().now())  # the process beside lives in real time
    with mail_server() as server:
        port, smtp = free_port(), f"smtp://127.0.0.1:{server.server.port}"
        with running(
            empty.folder, "run", "--port", port, NURTURE_SMTP_URL=smtp, NURTURE_DATABASE_URL=empty.url
        ) as nurture:
            nurture.wait_for("was brought to revision")
            nurture.wait_for("nurture runs: web on http://127.0.0.1:" + port)
            nurture.wait_for("startup complete")
            assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
            assert empty("apply", "--yes").code == 0
            empty.write("people.csv", "email,prenom\nanne@a.example,Anne\n")
            empty("contacts", "import", "people.csv", "--basis", "opt_in", "--source", "fair")
            assert empty("contacts", "enrol", "anne@a.example", "welcome").code == 0
            _until(lambda: empty("contacts", "show", "anne@a.example", "--json").data["campaigns"] != [])
            code, seconds = nurture.end()
            assert (code, "nurture has ended." in nurture.said) == (0, True)
            assert "Traceback" not in nurture.said
            assert seconds < 10


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["web", "worker", "clock"])
def test_each_process_alone_ends_when_told(shell: Shell, command: str, how: signal.Signals) -> None:
    settings = {"NURTURE_DATABASE_URL": shell.url, "NURTURE_PORT": free_port()}
    with running(shell.folder, command, **settings) as nurture:
        nurture.wait_for("nurture runs")
        nurture.wait_for(
            {"web": "startup complete", "worker": "Until then, mails wait", "clock": "nurture runs"}[command]
        )
        time.sleep(0.5)
        code, seconds = nurture.end(how)
        assert (code, "nurture has ended." in nurture.said) == (0, True), nurture.said
        assert seconds < 10


def test_a_port_that_is_taken_is_told_before_anything_is_touched(empty: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert told_well(empty("run", "--port", port), f"Port {port} of 127.0.0.1 is taken", "NURTURE_PORT")
        assert told_well(empty("web", "--port", port), "is taken")
    assert not (empty.folder / "nurture.db").exists()


def test_an_address_of_another_machine_is_told(empty: Shell) -> None:
    assert told_well(empty("run", "--host", "192.0.2.1"), "192.0.2.1", "NURTURE_HOST")


def test_only_sqlite_makes_its_tables_by_itself(
    empty: Shell, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NURTURE_DATABASE_URL", postgres_url)
    monkeypatch.setenv("NURTURE_PORT", free_port())
    assert told_well(empty("run"), "run `nurture db upgrade`")


def test_logs_are_json_for_machines(shell: Shell) -> None:
    settings = {
        "NURTURE_DATABASE_URL": shell.url,
        "NURTURE_LOG_FORMAT": "json",
        "NURTURE_SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
    }
    with running(shell.folder, "worker", **settings) as nurture:
        line = nurture.wait_for(r'\{"event": ".*Until then, mails wait\..*\}')
    assert '"level": "warning"' in line


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)
