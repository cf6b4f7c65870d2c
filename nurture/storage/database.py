"""One database, whichever it is: where it lies, how a transaction begins, and what time it has."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from nurture.config import normalise_database_url
from nurture.storage.folding import lend_casefold
from nurture.storage.schema import HEAD

BUSY_SECONDS = 30
READ_ONLY = "nurture_read_only"

NOTICES_SILENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""What libpq is told so that a server that vanished without a word is given up within 30 seconds (times in s, then ms)."""


class DatabaseProblem(Exception):
    """The database cannot be used; the text says what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database that was reached and has today's tables. Safe to share between threads."""

    engine: Engine
    url: str
    _turn: threading.Lock = field(default_factory=threading.Lock, kw_only=True)

    @staticmethod
    def open(url: str, *, connections: int = 8, check: bool = True) -> "Database":
        """Reach the database (DatabaseProblem: wrong URL, unreachable, or not migrated)."""
        engine = engine_for(url, connections=connections, create=not check)
        database = Database(engine, engine.url.render_as_string(hide_password=True))
        if check:
            try:
                database.check()
            except BaseException:
                database.close()
                raise
        return database

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that may write; committed at the end, rolled back by an exception."""
        with self._alone(), problems(self.engine), self.engine.begin() as c:
            yield c

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """SQLite has one writer at a time. This process's take turns here, where the next goes on at once: SQLite itself
        has who comes second sleep, for longer and longer, and whoever comes third may pass."""
        mine = self.engine.dialect.name == "sqlite" and self._turn.acquire(timeout=BUSY_SECONDS)
        try:
            yield
        finally:
            if mine:
                self._turn.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads. On SQLite it never waits for a writer."""
        with problems(self.engine), self.engine.connect() as c:
            yield c.execution_options(**{READ_ONLY: True})

    def check(self) -> None:
        """Raise DatabaseProblem unless the database answers and has today's tables."""
        file = self.engine.url.database if self.engine.dialect.name == "sqlite" else None
        if (
            file is not None and not Path(file).exists()
        ):  # who has it open goes on writing, and nobody would ever read it
            raise DatabaseProblem(f"The database {file} was removed or moved: put it back, and start nurture again.")
        with self.read() as c:
            found = version(c)
        if found != HEAD:
            state = "has no tables yet" if found is None else f"has the tables of version {found}, and this is {HEAD}"
            raise DatabaseProblem(f"The database {self.url} {state}: run `nurture db upgrade`.")

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()


def version(c: Connection) -> str | None:
    """The migration the tables are at; None before the first."""
    if not inspect(c).has_table("alembic_version"):
        return None
    found: str | None = c.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def real_now(c: Connection) -> datetime:
    """The database's own clock: leases run on it, on every machine alike. Nothing else does."""
    if c.dialect.name == "sqlite":
        shown: str = c.execute(_SQLITE_NOW).scalar_one()
        return datetime.fromisoformat(shown).replace(tzinfo=UTC)
    instant: datetime = c.execute(_POSTGRESQL_NOW).scalar_one()
    return instant.astimezone(UTC)


_SQLITE_NOW = text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")
_POSTGRESQL_NOW = select(func.clock_timestamp())


@contextmanager
def problems(engine: Engine) -> Iterator[None]:
    """Tell a database that cannot be reached, or gives up, in a sentence; what is wrong with the data stays as it is."""
    try:
        yield
    except DBAPIError as error:
        gone = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
        if gone or type(error) is DatabaseError:
            raise DatabaseProblem(_sentence(engine.url, error)) from error
        raise
    except PoolTimeout as error:
        shown = engine.url.render_as_string(hide_password=True)
        raise DatabaseProblem(f"The database {shown} keeps all connections waiting: check that it runs.") from error


def engine_for(url: str, *, connections: int = 8, create: bool = False) -> Engine:
    """The engine of a URL; a SQLite file that does not exist is an error unless `create`."""
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, connections, create)
    return _postgresql(parsed, connections)


def _parse(url: str) -> URL:
    try:
        return make_url(normalise_database_url(url))
    except (ArgumentError, ValueError) as error:
        raise DatabaseProblem(f"The database URL cannot be used: {error}. Set NURTURE_DATABASE_URL.") from None


def _sqlite(url: URL, connections: int, create: bool) -> Engine:
    file = Path(url.database or "")
    if not create and not file.exists():
        raise DatabaseProblem(f"There is no database {file} yet: run `nurture db upgrade`.")
    if not file.absolute().parent.is_dir():
        raise DatabaseProblem(f"The folder of the database {file} does not exist: create {file.absolute().parent}.")
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
        pool_size=connections,
        **_json(),
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """WAL: readers and the one writer do not wait for each other. FULL: what was committed survives a power cut.

    The SQL of conditions folds texts as Python does: see folding.py.
    """
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    lend_casefold(connection)


def _begin_sqlite(c: Connection) -> None:
    """A writer takes its place at once: one that began by reading could find that another wrote in between."""
    c.exec_driver_sql("BEGIN" if c.get_execution_options().get(READ_ONLY) else "BEGIN IMMEDIATE")


def _postgresql(url: URL, connections: int) -> Engine:
    engine = create_engine(
        url,
        connect_args={"application_name": "nurture", **NOTICES_SILENCE},
        isolation_level="READ COMMITTED",
        pool_size=connections,
        pool_pre_ping=True,
        **_json(),
    )
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _record: object) -> None:
    """UTC, so that instants come back as they went in; plans for disks on which a random page costs no more."""
    connection.autocommit = True
    for name, value in (("TimeZone", "UTC"), ("jit", "off"), ("random_page_cost", "1.1")):
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    connection.autocommit = False


def _json() -> dict[str, Any]:
    return {"json_serializer": lambda value: orjson.dumps(value).decode(), "json_deserializer": orjson.loads}


def _sentence(url: URL, error: DBAPIError) -> str:
    shown = url.render_as_string(hide_password=True)
    reason = str(error.orig).strip().splitlines()[0] if error.orig else "no answer"
    file = url.get_backend_name() == "sqlite"
    look = "check that you may write this file and its folder" if file else "check that it runs"
    return f"The database {shown} cannot be used ({reason}): {look}, and NURTURE_DATABASE_URL."
