"""A database whose answer to one COMMIT is lost, or whose one COMMIT fails: what a restart at that moment looks like.

Or one that is at a COMMIT for so long that its worker does not see the end of it.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
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


@contextmanager
def long_commit(db: Database, work: Callable[[], object], is_last: Callable[[], bool]) -> Iterator[threading.Event]:
    """In the block the database is at a COMMIT of `work`, the first once `is_last`; it ends when the event is set."""
    dialect: Any = db.engine.dialect
    begun, goes_on = threading.Event(), threading.Event()

    def do_commit(connection: Any) -> None:
        if threading.current_thread() is worker and is_last():
            begun.set()
            goes_on.wait(20)
        type(dialect).do_commit(dialect, connection)

    worker = threading.Thread(target=work)
    dialect.do_commit = do_commit
    try:
        worker.start()
        assert begun.wait(20)
        yield goes_on
    finally:
        goes_on.set()
        worker.join()
        del dialect.do_commit


def leases_run_out(db: Database) -> None:
    """What is only claimed is free again, as after some minutes; an intent stays in its worker's hands."""
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    with db.begin() as c:
        for table in (agenda, receipts):
            c.execute(update(table).where(table.c.token.is_not(None)).values(leased_until=long_ago))
        claimed = or_(outbox.c.state == "queued", outbox.c.state == "retry")
        c.execute(update(outbox).where(outbox.c.token.is_not(None), claimed).values(leased_until=long_ago))
