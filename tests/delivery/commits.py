"""A database whose answer to one COMMIT is lost, or whose one COMMIT fails: what a restart at that moment looks like."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import psycopg
from sqlalchemy import or_, update

from nurture.storage.database import Database
from nurture.storage.tables import agenda, outbox, receipts


class Mishap(StrEnum):
    """What goes wrong at a COMMIT."""

    ANSWER_LOST = "answer lost"
    FAILED = "failed"


@contextmanager
def mishap(db: Database, number: int, kind: Mishap, away: int = 0) -> Iterator[list[int]]:
    """Within the block the `number`-th COMMIT goes wrong, and so many after it fail. Answers with the commits begun."""
    dialect: Any = db.engine.dialect
    begun: list[int] = []

    def do_commit(connection: Any) -> None:
        begun.append(len(begun) + 1)
        if not number <= len(begun) <= number + away:
            type(dialect).do_commit(dialect, connection)
            return
        if kind is Mishap.ANSWER_LOST and len(begun) == number:
            type(dialect).do_commit(dialect, connection)
        error = sqlite3.OperationalError if dialect.name == "sqlite" else psycopg.OperationalError
        raise error("the connection broke at COMMIT")

    dialect.do_commit = do_commit
    try:
        yield begun
    finally:
        del dialect.do_commit


def leases_run_out(db: Database) -> None:
    """What is only claimed is free again, as after some minutes; an intent stays in its worker's hands."""
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    with db.begin() as c:
        for table in (agenda, receipts):
            c.execute(update(table).where(table.c.token.is_not(None)).values(leased_until=long_ago))
        claimed = or_(outbox.c.state == "queued", outbox.c.state == "retry")
        c.execute(update(outbox).where(outbox.c.token.is_not(None), claimed).values(leased_until=long_ago))
