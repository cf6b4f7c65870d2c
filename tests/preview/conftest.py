"""A compiler for each test, ended with it; a contact's database where one is asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture.preview.press import KeptCompiler
from nurture.preview.studio import Studio
from tests.preview.house import a_desk, copied
from tests.storage.conftest import db, postgres_db, postgres_tables, sqlite_db, sqlite_template

__all__ = ["db", "postgres_db", "postgres_tables", "sqlite_db", "sqlite_template"]


@pytest.fixture
def press() -> Iterator[KeptCompiler]:
    """A compiler with a child of its own."""
    press = KeptCompiler()
    yield press
    press.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped files, to be edited."""
    return copied(tmp_path)


@pytest.fixture
def studio(folder: Path, press: KeptCompiler) -> Studio:
    """A studio of the shipped files."""
    return Studio(a_desk(folder, press))
