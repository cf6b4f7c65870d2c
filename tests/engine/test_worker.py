"""Workers: phases together, the same journal whoever works, and a loop that outlives its database's troubles."""

import asyncio
import threading
from datetime import timedelta
from typing import cast

import pytest

from nurture.clock import ManualClock
from nurture.delivery.deliver import Delivery, Report
from nurture.engine.deciding import Decided, Decider
from nurture.engine.worker import Worker, run, settle
from nurture.engine.worlds import NothingApplied
from nurture.storage import journal
from nurture.storage.database import DatabaseProblem
from tests.builders import a_form
from tests.delivery.harness import House, addresses
from tests.sinks.scripted import Sink

pytestmark = pytest.mark.anyio
LEASE = timedelta(minutes=5)
PEOPLE = addresses([f"p{n}" for n in range(12)])


class Idle:
    """Nothing comes in."""

    def run_once(self, now: object) -> int:
        return 0


async def played(house: House, workers: int, batch: int) -> str:
    """The journal's digest after two days with this many workers."""
    house.take_in(*PEOPLE)
    house.post(*((address, a_form()) for address in PEOPLE))
    async with Sink() as sink:
        deliveries = [house.delivery(sink, batch_size=batch) for _ in range(workers)]
        team = [
            Worker(Idle(), Decider(house.db, lambda: house.world, batch, LEASE), await each.__aenter__())
            for each in deliveries
        ]
        for _ in range(2):
            await settle(team, house.now)
            assert await settle(team, house.now) == 0, "a second look finds nothing"
            house.now += timedelta(days=1)
        for each in deliveries:
            await each.__aexit__(None, None, None)
        keys = [taken.message_id for taken in sink.taken]
        assert len(keys) == len(set(keys)) == 2 * len(PEOPLE), "a mail and a relance each, none twice"
    with house.db.read() as c:
        return journal.digest(c)


DIGESTS: set[str] = set()


@pytest.mark.smtp
@pytest.mark.parametrize(("workers", "batch"), [(1, 500), (1, 1), (2, 7), (4, 3)])
async def test_the_journal_depends_neither_on_workers_nor_on_batches_nor_on_the_database(
    house: House, workers: int, batch: int
) -> None:
    DIGESTS.add(await played(house, workers, batch))
    assert len(DIGESTS) == 1


class Scripted:
    """A decider that does as it is told, one thing a look."""

    def __init__(self, *script: Exception | int) -> None:
        self.script = list(script)
        self.looked = threading.Semaphore(0)

    def run_once(self, now: object) -> object:
        self.looked.release()
        step = self.script.pop(0) if self.script else 0
        if isinstance(step, Exception):
            raise step
        return Decided(contacts=step)


class NoMail:
    """An outbox with nothing in it."""

    async def run_all(self, now: object) -> Report:
        return Report()


async def test_a_worker_outlives_a_database_that_is_away(
    monkeypatch: pytest.MonkeyPatch, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("nurture.engine.worker.AFTER_TROUBLE", 0.01)
    monkeypatch.setattr("nurture.engine.worker.POLL", 0.01)
    decider = Scripted(NothingApplied(), DatabaseProblem("The database is away."), 1)
    worker = Worker(Idle(), cast(Decider, decider), cast(Delivery, NoMail()))
    wake, stop = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(run([worker], ManualClock(house.now), wake, stop))
    for _ in range(3):
        await asyncio.to_thread(decider.looked.acquire, timeout=5)
    stop.set()
    await asyncio.wait_for(task, 5)
    assert "The database is away." in caplog.text


async def test_a_worker_that_is_woken_looks_at_once(monkeypatch: pytest.MonkeyPatch, house: House) -> None:
    monkeypatch.setattr("nurture.engine.worker.POLL", 3600)
    decider = Scripted()
    worker = Worker(Idle(), cast(Decider, decider), cast(Delivery, NoMail()))
    wake, stop = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(run([worker], ManualClock(house.now), wake, stop))
    assert await asyncio.to_thread(decider.looked.acquire, timeout=5)
    wake.set()
    assert await asyncio.to_thread(decider.looked.acquire, timeout=5), "it slept for an hour"
    stop.set()
    await asyncio.wait_for(task, 5)
