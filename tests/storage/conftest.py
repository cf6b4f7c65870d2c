"""A database with tables, once on each engine: migrated once a run, copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from nurture.storage.database import Database
from nurture.storage.migrate import upgrade
from nurture.storage.tables import metadata
from tests.builders import SALT
from tests.postgres import Server

SECRET = b"secret of the tests, long enough"


def prepare(url: str) -> None:
    """Make the tables and the instance of the tests."""
    upgrade(url, salt=SALT, secret=SECRET)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    file = tmp_path_factory.mktemp("template") / "nurture.db"
    prepare(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_db(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh migrated SQLite database."""
    file = Path(shutil.copy(sqlite_template, tmp_path / "nurture.db"))
    yield from _opened(f"sqlite:///{file}")


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: Server) -> Iterator[str]:
    """The URL of a PostgreSQL database with tables: one for all tests, since making one takes longer than most of them."""
    url = postgres_server.create_database()
    prepare(url)
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def postgres_db(postgres_tables: str) -> Iterator[Database]:
    """A PostgreSQL database whose tables are empty but for the instance."""
    for database in _opened(postgres_tables):
        with database.begin() as c:
            tables = ", ".join(sorted(metadata.tables.keys() - {"instance"}))
            c.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
        yield database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def db(request: pytest.FixtureRequest) -> Database:
    """A fresh migrated database, once on each engine."""
    database: Database = request.getfixturevalue("sqlite_db" if request.param == "sqlite" else "postgres_db")
    return database


def _opened(url: str) -> Iterator[Database]:
    database = Database.open(url)
    yield database
    database.close()
