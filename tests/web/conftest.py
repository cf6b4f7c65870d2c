"""A house with one contact's database on each engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture.clock import ManualClock
from nurture.inbound.intake import Intake
from nurture.storage.database import Database
from nurture.web import Site
from tests.builders import a_team
from tests.storage.conftest import db, postgres_db, postgres_tables, sqlite_db, sqlite_template
from tests.web.house import FORM, NOW, RENEWAL, House, assets

__all__ = ["db", "postgres_db", "postgres_tables", "sqlite_db", "sqlite_template"]


@pytest.fixture
def house(db: Database, tmp_path: Path) -> Iterator[House]:
    """The web over an empty database, on both engines."""
    yield from _built(db, tmp_path)


@pytest.fixture
def sqlite_house(sqlite_db: Database, tmp_path: Path) -> Iterator[House]:
    """The same where the database does not matter."""
    yield from _built(sqlite_db, tmp_path)


def _built(db: Database, tmp_path: Path) -> Iterator[House]:
    clock = ManualClock(NOW)
    intake = Intake(db, clock)
    yield House(
        db,
        clock,
        intake,
        Site("L'équipe Exemple", {"audit": FORM, "renewal": RENEWAL}, assets(tmp_path), {"sales": a_team()}),
    )
    intake.close()
