"""Databases to measure on: fresh, migrated, and as durable as in production."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from nurture.storage.migrate import upgrade
from tests.postgres import database_name, running_server

SALT = b"salt of the benchmarks, for ever"
SECRET = b"secret of the benchmarks, long enough"

Make: TypeAlias = Callable[[], str]
"""Makes a fresh database and answers its URL."""


def kinds(asked: str) -> tuple[str, ...]:
    """The kinds of database that --database names."""
    return ("sqlite", "postgresql") if asked == "both" else (asked,)


@contextmanager
def fresh_databases(kind: str) -> Iterator[Make]:
    """Databases with nurture's tables, each new; all go at the end. PostgreSQL keeps its fsync."""
    with ExitStack() as stack:
        yield _in_folder(stack) if kind == "sqlite" else _on_server(stack)


def forget(url: str) -> None:
    """Give a SQLite file's disk space back; a server's databases go with the server."""
    if url.startswith("sqlite:///"):
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(url.removeprefix("sqlite:///") + ending).unlink()


def _in_folder(stack: ExitStack) -> Make:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nurture-bench-")))
    made = iter(range(1_000_000))

    def make() -> str:
        url = f"sqlite:///{folder}/{next(made)}.db"
        upgrade(url, salt=SALT, secret=SECRET)
        return url

    return make


def _on_server(stack: ExitStack) -> Make:
    server = stack.enter_context(running_server(durable=True))
    template = server.create_database()
    upgrade(template, salt=SALT, secret=SECRET)
    return lambda: server.create_database(template=database_name(template))
