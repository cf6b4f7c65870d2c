"""Production's loop: the phases beside each other, time read as it goes, and troubles of the database outlived."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from nurture.clock import ManualClock
from nurture.core.program import Cadence
from nurture.core.words import Gate
from nurture.delivery.deliver import Delivery
from nurture.delivery.recording import Report
from nurture.engine.deciding import Decided, Decider
from nurture.engine.running import run
from nurture.engine.worker import Worker
from nurture.engine.worlds import NothingApplied
from nurture.storage.database import DatabaseProblem
from tests.builders import OFFICE, a_form
from tests.delivery.harness import House, addresses
from tests.engine.idle import Idle
from tests.sinks.scripted import Sink, Slow

pytestmark = pytest.mark.anyio
LEASE = timedelta(minutes=5)


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

    async def run_on(self, *_: object) -> Report:
        return Report()


@asynccontextmanager
async def running(worker: Worker, clock: ManualClock, wake: asyncio.Event | None = None) -> AsyncIterator[None]:
    """The loop, for as long as the block lasts."""
    stop = asyncio.Event()
    task = asyncio.create_task(run([worker], clock, wake or asyncio.Event(), stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


def idle_but(decider: Scripted) -> Worker:
    return Worker(Idle(), cast(Decider, decider), cast(Delivery, NoMail()))


async def test_a_worker_outlives_a_database_that_is_away(
    monkeypatch: pytest.MonkeyPatch, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("nurture.engine.running.AFTER_TROUBLE", 0.01)
    monkeypatch.setattr("nurture.engine.running.POLL", 0.01)
    decider = Scripted(NothingApplied(), DatabaseProblem("The database is away."), 1)
    async with running(idle_but(decider), ManualClock(house.now)):
        for _ in range(3):
            assert await asyncio.to_thread(decider.looked.acquire, timeout=5)
    assert "The database is away." in caplog.text


async def test_a_worker_that_is_woken_looks_at_once(monkeypatch: pytest.MonkeyPatch, house: House) -> None:
    monkeypatch.setattr("nurture.engine.running.POLL", 3600)
    decider, wake = Scripted(), asyncio.Event()
    async with running(idle_but(decider), ManualClock(house.now), wake):
        assert await asyncio.to_thread(decider.looked.acquire, timeout=5)
        wake.set()
        assert await asyncio.to_thread(decider.looked.acquire, timeout=5), "it slept for an hour"


async def test_a_fault_of_one_phase_ends_all(house: House) -> None:
    wake, stop = asyncio.Event(), asyncio.Event()
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(
            run([idle_but(Scripted(1, ZeroDivisionError()))], ManualClock(house.now), wake, stop), 20
        )


@pytest.mark.smtp
async def test_a_slow_mail_server_keeps_no_decision_waiting(house: House) -> None:
    first, second = addresses(["first", "second"])
    house.take_in(first, second)
    house.post((first, a_form()))
    wake = asyncio.Event()
    async with (
        Sink({first: [Slow(8.0)]}) as sink,
        house.delivery(sink) as delivery,
        running(worker_of(house, delivery), ManualClock(house.now), wake),
    ):
        await sink.until_taken(1)
        house.post((second, a_form()))
        wake.set()
        async with asyncio.timeout(6):
            while second not in house.outbox():  # noqa: ASYNC110 - another thread's work
                await asyncio.sleep(0.05)
    assert house.states()[first] == "sent"


@pytest.mark.smtp
async def test_a_backlog_is_not_worked_off_by_the_hour_at_which_it_began(house: House) -> None:
    everybody = addresses([f"p{n}" for n in range(6)])
    program = replace(next(iter(house.world.programs.values())), cadence=Cadence(window=OFFICE))
    house.world = replace(house.world, programs={(program.name, program.version): program})
    house.enter(*everybody)
    clock = ManualClock(house.now)
    async with (
        Sink({who: [Slow(0.5)] for who in everybody}) as sink,
        house.delivery(sink, batch_size=1, smtp={"connections": 1}) as delivery,
        running(worker_of(house, delivery), clock),
    ):
        await sink.until_taken(1)
        clock.advance(timedelta(hours=12))  # the office is closed
        async with asyncio.timeout(15):
            while set(house.states().values()) != {"sent", "withheld"}:  # noqa: ASYNC110 - other threads' work
                await asyncio.sleep(0.05)
    rows = house.outbox().values()
    assert sum(row.state == "sent" for row in rows) <= 2, "the one under way, and the one prepared beside it"
    assert {row.gate for row in rows if row.state == "withheld"} == {Gate.WINDOW}


def worker_of(house: House, delivery: Delivery) -> Worker:
    return Worker(Idle(), Decider(house.db, lambda: house.world, 500, LEASE), delivery)
