"""A worker paused beyond its lease writes nothing once another took over, wherever it was paused; and nobody is written to twice."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from nurture.delivery.compose import Composer
from nurture.delivery.deliver import Delivery
from nurture.delivery.flights import Flights
from nurture.delivery.recording import Report
from nurture.delivery.recovery import recover_flights
from nurture.storage.database import real_now
from nurture.storage.results import recover_stale
from nurture.storage.tables import outbox
from tests.delivery.harness import BASE_URL, TOKENS, House, addresses
from tests.delivery.provider import Provider

PEOPLE = addresses([f"person{n}" for n in range(6)])
OVER = timedelta(0)
LONG = timedelta(minutes=5)
VANISHED = "the worker that had it vanished after the intent"


def worker(
    house: House, provider: Provider, lease: timedelta = LONG, flights: Flights | None = None, **clocks: Any
) -> Delivery:
    composer = Composer(TOKENS, BASE_URL, house.domains)
    return Delivery(house.db, house.library, provider, composer, lease=lease, flights=flights, **clocks)


def elsewhere(do: Callable[[], object]) -> None:
    """In another thread, while this one is paused."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(do).result()


def once(do: Callable[[], object]) -> Callable[[object], None]:
    """A pause, the first time it is come to."""
    todo = [do]

    def pause(message: object) -> None:
        if todo:
            elsewhere(todo.pop())

    return pause


def leases_run_out(house: House) -> None:
    """As after a long pause: nobody can move the database's clock."""
    with house.db.begin() as c:
        c.execute(update(outbox).values(leased_until=real_now(c) - LONG))


def tidy(house: House) -> None:
    with house.db.begin() as c:
        recover_stale(c, house.now)


def take_over(house: House, provider: Provider) -> None:
    """Another machine: its clock tidies, its worker sends what is due."""
    tidy(house)
    asyncio.run(worker(house, provider).run_all(house.now))


def test_paused_after_its_claim_it_finds_everything_sent_and_writes_nothing(house: House) -> None:
    house.enter(*PEOPLE)
    slow, quick = Provider(), Provider()

    def pause() -> None:
        house.before_composing = lambda: None
        elsewhere(lambda: take_over(house, quick))

    house.before_composing = pause
    report = asyncio.run(worker(house, slow, OVER).run_once(house.now))
    assert report == Report(claimed=len(PEOPLE))
    assert (slow.taken, len(quick.delivered), set(house.states().values())) == ([], len(PEOPLE), {"sent"})
    assert [attempt.attempt for attempt in house.attempts()] == [1] * len(PEOPLE)


def test_a_machine_that_slept_sends_nothing_more_though_its_timers_stood_still(house: House) -> None:
    house.enter(*PEOPLE)
    slow, quick = Provider(), Provider()
    slept = timedelta(0)

    def sleep() -> None:
        nonlocal slept
        slept += 2 * LONG
        leases_run_out(house)
        take_over(house, quick)

    slow.before = once(sleep)
    asleep = worker(house, slow, passing=lambda: time.monotonic() + slept.total_seconds())
    assert asyncio.run(asleep.run_once(house.now)) == Report(claimed=len(PEOPLE))
    assert (slow.taken, quick.taken) == ([], [])
    assert set(house.states().values()) == {"unknown"}


def test_paused_before_the_dot_it_sends_nothing_more_and_writes_nothing(house: House) -> None:
    house.enter(*PEOPLE)
    slow, quick = Provider(), Provider()
    slow.before = once(lambda: take_over(house, quick))
    assert asyncio.run(worker(house, slow, OVER).run_once(house.now)) == Report(claimed=len(PEOPLE))
    assert (slow.taken, quick.taken) == ([], [])
    assert set(house.states().values()) == {"unknown"}
    assert {attempt.detail for attempt in house.attempts()} == {VANISHED}


def test_paused_after_the_dot_it_writes_nothing(house: House) -> None:
    """One message left, and its answer is what nobody hears: it is unknown, and not sent again."""
    house.enter(PEOPLE[0])
    slow, quick = Provider(), Provider()

    def pause() -> None:
        leases_run_out(house)
        take_over(house, quick)

    slow.after = once(pause)
    assert asyncio.run(worker(house, slow).run_once(house.now)) == Report(claimed=1)
    assert (len(slow.taken), quick.taken) == (1, [])
    assert house.states() == {PEOPLE[0]: "unknown"}
    assert [attempt.detail for attempt in house.attempts()] == [VANISHED]


def test_a_lease_that_ran_out_and_that_nobody_took_is_still_its_workers(house: House) -> None:
    """Whoever finds its token on the row has missed nothing: what it knows is better than what another could guess."""
    house.enter(*PEOPLE)
    provider = Provider()
    provider.after = once(lambda: leases_run_out(house))
    assert asyncio.run(worker(house, provider).run_once(house.now)) == Report(claimed=len(PEOPLE), sent=len(PEOPLE))
    tidy(house)
    assert set(house.states().values()) == {"sent"}


def test_two_workers_and_two_clocks_over_one_due_set_send_nothing_twice(house: House, tmp_path: Path) -> None:
    people = addresses([f"many{n}" for n in range(60)])
    house.enter(*people)
    provider = Provider()
    logs = Flights(tmp_path / "state", "e")

    def work(_: int) -> Report:
        return asyncio.run(worker(house, provider, flights=logs).run_all(house.now))

    def clock(_: int) -> None:
        for _ in range(10):
            recover_flights(house.db, logs, house.now)
            tidy(house)

    with ThreadPoolExecutor(4) as pool:
        clocks = [pool.submit(clock, n) for n in range(2)]
        reports = [future.result() for future in [pool.submit(work, n) for n in range(2)]]
        for future in clocks:
            future.result()
    assert sum(report.sent for report in reports) == len(people)
    assert set(provider.delivered.values()) == {1}
    assert len(provider.taken) == len(people)
