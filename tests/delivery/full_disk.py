"""A disk without room: SQLite may not grow, PostgreSQL finds no space at COMMIT, a file is written as far as it goes.

What is committed stays readable.
"""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from nurture.storage.database import Database

NO_SPACE = """
CREATE OR REPLACE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$
"""
GROWING = ("outbox", "receipts", "journal")
NO_LIMIT = 1_073_741_823


@contextmanager
def full_disk(db: Database) -> Iterator[None]:
    """Within the block nothing that needs room can be written."""
    with _no_growth(db) if db.engine.dialect.name == "sqlite" else _no_space(db):
        yield


@contextmanager
def _no_growth(db: Database) -> Iterator[None]:
    """Each connection, as it is taken from the pool, is held to the pages there are; what was free is used up first."""

    def limited(connection: Any, *_: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    def free(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {NO_LIMIT}")

    with db.engine.connect() as c:
        c.exec_driver_sql("ROLLBACK")
        c.exec_driver_sql("VACUUM")
        c.exec_driver_sql("BEGIN")
    event.listen(db.engine, "checkout", limited)
    try:
        yield
    finally:
        event.remove(db.engine, "checkout", limited)
        event.listen(db.engine, "checkout", free)


@contextmanager
def _no_space(db: Database) -> Iterator[None]:
    with db.begin() as c:
        c.execute(text(NO_SPACE))
        for table in GROWING:
            c.execute(
                text(
                    f"CREATE CONSTRAINT TRIGGER no_space AFTER INSERT OR UPDATE ON {table} "
                    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION no_space()"
                )
            )
    try:
        yield
    finally:
        with db.begin() as c:
            for table in GROWING:
                c.execute(text(f"DROP TRIGGER no_space ON {table}"))
            c.execute(text("DROP FUNCTION no_space"))


@contextmanager
def room_for(octets: int, file: Path) -> Iterator[None]:
    """Within the block that file grows by so much; of what is longer the beginning is written, and then nothing any more."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
