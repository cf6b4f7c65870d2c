"""A database with tables, once on each engine, and the one on which courses are run."""

from collections.abc import Iterator

import pytest

from tests.chaos.grounds import Grounds, sqlite_grounds
from tests.storage.conftest import db, postgres_db, postgres_tables, sqlite_db, sqlite_template

__all__ = ["db", "postgres_db", "postgres_tables", "sqlite_db", "sqlite_template"]


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Grounds]:
    """One file for all courses of a module."""
    with sqlite_grounds() as grounds:
        yield grounds
