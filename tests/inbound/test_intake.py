"""The intake: what was answered is stored, what cannot be stored is refused, and a flood is told to come back."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from nurture.clock import ManualClock
from nurture.inbound.intake import MOST_BYTES_IN_A_COMMIT, Busy, Intake
from nurture.storage.database import Database, DatabaseProblem
from nurture.storage.receipts import Receipt
from nurture.storage.tables import receipts
from tests.builders import MONDAY, at
from tests.storage.conftest import db, postgres_db, postgres_tables, sqlite_db, sqlite_template

__all__ = ["db", "postgres_db", "postgres_tables", "sqlite_db", "sqlite_template"]

pytestmark = pytest.mark.anyio
NOW = at(MONDAY)


def a_receipt(key: str, body: bytes = b"{}") -> Receipt:
    return Receipt("test", key, body)


def stored(db: Database) -> int:
    with db.read() as c:
        return c.execute(select(func.count()).select_from(receipts)).scalar_one()


@pytest.fixture
def intake(db: Database) -> Iterator[Intake]:
    made = Intake(db, ManualClock(NOW))
    yield made
    made.close()


async def test_what_is_accepted_is_committed(db: Database, intake: Intake) -> None:
    await intake.accept([a_receipt("a"), a_receipt("b")])
    assert stored(db) == 2
    with db.read() as c:
        assert set(c.execute(select(receipts.c.received_at)).scalars()) == {NOW}


async def test_many_callers_share_a_commit_and_each_is_stored_when_answered(db: Database, intake: Intake) -> None:
    async def call(n: int) -> bool:
        await intake.accept([a_receipt(f"{n}")])
        with db.read() as c:
            return c.execute(select(receipts.c.id).where(receipts.c.key == f"{n}")).first() is not None

    assert all(await asyncio.gather(*(call(n) for n in range(60))))
    assert stored(db) == 60


async def test_a_repeated_receipt_is_stored_once_and_answered_twice(db: Database, intake: Intake) -> None:
    await asyncio.gather(*(intake.accept([a_receipt("same")]) for _ in range(5)))
    await intake.accept([a_receipt("same")])
    assert stored(db) == 1


async def test_a_flood_is_told_to_come_back_and_nothing_of_it_is_half_kept(sqlite_db: Database) -> None:
    writing = sqlite3.connect(sqlite_db.engine.url.database or "", isolation_level=None)
    writing.execute("BEGIN IMMEDIATE")  # somebody else writes: what comes in has to wait
    intake = Intake(sqlite_db, ManualClock(NOW), most_waiting=3)
    try:
        first = [asyncio.create_task(intake.accept([a_receipt(f"{n}")])) for n in range(3)]
        await asyncio.sleep(0.05)
        with pytest.raises(Busy) as refused:
            await intake.accept([a_receipt("late")])
        assert refused.value.retry_after >= timedelta(seconds=1)
        writing.execute("COMMIT")
        await asyncio.gather(*first)
        await intake.accept([a_receipt("later")])
        assert stored(sqlite_db) == 4
    finally:
        writing.close()
        intake.close()


async def test_bodies_that_wait_are_bounded_in_bytes_but_one_always_fits(sqlite_db: Database) -> None:
    intake = Intake(sqlite_db, ManualClock(NOW), most_bytes=10)
    await intake.accept([a_receipt("big", b"x" * 1_000)])
    assert stored(sqlite_db) == 1
    intake.close()


async def test_many_big_bodies_are_many_commits_and_what_comes_alone_does_not_wait(sqlite_db: Database) -> None:
    commits: list[object] = []
    event.listen(sqlite_db.engine, "commit", commits.append)
    intake = Intake(sqlite_db, ManualClock(NOW), gather=timedelta(seconds=60))
    await asyncio.wait_for(intake.accept([a_receipt("alone")]), 30)
    big = bytes(MOST_BYTES_IN_A_COMMIT // 2)
    waiting = [intake.hand_in([a_receipt(f"{n}", big)]) for n in range(5)]
    await asyncio.to_thread(intake.close)
    await asyncio.gather(*waiting)
    assert (stored(sqlite_db), len(commits)) == (6, 1 + 3)


async def test_without_a_database_the_caller_learns_it_and_the_next_one_is_served(sqlite_db: Database) -> None:
    with sqlite_db.begin() as c:
        c.exec_driver_sql("ALTER TABLE receipts RENAME TO elsewhere")
    intake = Intake(sqlite_db, ManualClock(NOW))
    with pytest.raises(DatabaseProblem):
        await intake.accept([a_receipt("a")])
    with sqlite_db.begin() as c:
        c.exec_driver_sql("ALTER TABLE elsewhere RENAME TO receipts")
    await intake.accept([a_receipt("b")])
    assert stored(sqlite_db) == 1
    intake.close()


async def test_closing_writes_what_waits_and_takes_no_more(sqlite_db: Database) -> None:
    intake = Intake(sqlite_db, ManualClock(NOW), gather=timedelta(milliseconds=200))
    waiting = [asyncio.create_task(intake.accept([a_receipt(f"{n}")])) for n in range(5)]
    await asyncio.sleep(0.02)
    await asyncio.to_thread(intake.close)
    await asyncio.gather(*waiting)
    assert stored(sqlite_db) == 5
    with pytest.raises(Busy):
        await intake.accept([a_receipt("late")])
    assert not [thread for thread in threading.enumerate() if thread.name == "intake"]


async def test_a_caller_that_leaves_takes_nothing_with_it(sqlite_db: Database) -> None:
    intake = Intake(sqlite_db, ManualClock(NOW), gather=timedelta(milliseconds=50))
    leaving = asyncio.create_task(intake.accept([a_receipt("a")]))
    await asyncio.sleep(0.01)
    leaving.cancel()
    await intake.accept([a_receipt("b")])
    assert stored(sqlite_db) == 2
    intake.close()
