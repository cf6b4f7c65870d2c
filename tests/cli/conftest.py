"""A small project, its database on either engine, and a shell in it."""

from pathlib import Path

import pytest

from nurture.config import variable_names
from nurture.storage.database import Database
from tests.cli.shell import Shell
from tests.storage.conftest import db, postgres_db, postgres_tables, sqlite_db, sqlite_template

__all__ = ["db", "postgres_db", "postgres_tables", "sqlite_db", "sqlite_template"]


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty folder, whose database does not exist yet."""
    for name in (*variable_names(), "DATABASE_URL", "PORT", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'nurture.db'}"
    monkeypatch.setenv("NURTURE_DATABASE_URL", url)
    return Shell(tmp_path, url)


@pytest.fixture
def shell(empty: Shell, sqlite_db: Database) -> Shell:
    """A shell whose database has its tables."""
    return empty


@pytest.fixture
def on_both(empty: Shell, db: Database, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell whose database has its tables, once on each engine."""
    url = db.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("NURTURE_DATABASE_URL", url)
    empty.url = url
    return empty
