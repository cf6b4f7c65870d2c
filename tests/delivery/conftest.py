"""A house on each database, and where its workers keep their logs."""

from pathlib import Path

import pytest

from nurture.delivery.flights import Flights
from nurture.storage.database import Database
from tests.delivery.harness import House, the_world
from tests.storage.conftest import db, postgres_db, postgres_tables, sqlite_db, sqlite_template

__all__ = ["db", "house", "postgres_db", "postgres_tables", "sqlite_db", "sqlite_template"]


@pytest.fixture
def house(db: Database) -> House:
    """The campaign on an empty database."""
    return House(db, the_world())


@pytest.fixture
def logs(tmp_path: Path) -> Flights:
    """The flight logs of one machine."""
    return Flights(tmp_path / "state", "e")
