"""Where courses are run: one database, made once and emptied for each, with every fsync left out."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from nurture.storage.database import Database
from nurture.storage.migrate import upgrade
from nurture.storage.tables import metadata
from tests.builders import SALT
from tests.chaos.faults import watch_statements

SECRET = b"secret of the tests, long enough"
IN_MEMORY = Path("/dev/shm")


class Grounds:
    """Hands out the one database, fresh. Its engine is kept, as compiling its statements costs more than a course."""

    def __init__(self, db: Database, template: Path | None) -> None:
        self._db = db
        self._template = template
        watch_statements(db.engine)

    def fresh(self) -> Database:
        """The database as after its migration; whoever had it before may not use it any more."""
        if self._template is None:
            with self._db.begin() as c:
                tables = ", ".join(sorted(metadata.tables.keys() - {"instance"}))
                c.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
            return self._db
        self._db.close()
        file = Path(self._db.engine.url.database or "")
        for suffix in ("", "-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)
        shutil.copy(self._template, file)
        return self._db


@contextmanager
def sqlite_grounds() -> Iterator[Grounds]:
    """On a file in memory where the machine has such a place."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None, prefix="nurture-chaos-") as folder:
        template, file = Path(folder) / "template.db", Path(folder) / "nurture.db"
        upgrade(f"sqlite:///{template}", salt=SALT, secret=SECRET)
        shutil.copy(template, file)
        db = Database.open(f"sqlite:///{file}")
        event.listen(db.engine, "connect", _careless)
        try:
            yield Grounds(db, template)
        finally:
            db.close()


@contextmanager
def postgres_grounds(url: str) -> Iterator[Grounds]:
    """In an empty PostgreSQL database."""
    upgrade(url, salt=SALT, secret=SECRET)
    db = Database.open(url)
    try:
        yield Grounds(db, None)
    finally:
        db.close()


def _careless(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")
