"""What came of mails is decided on as it is written down: the same rows as by the long way, and the long way where it must."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, select

from nurture.core.events import Event, Replied
from nurture.core.words import Intent
from nurture.delivery.deliver import Delivery
from nurture.engine.deciding import Decider
from nurture.engine.hearing import CannotDecide, Hearing
from nurture.engine.worker import Worker
from nurture.storage.claims import claim_contacts, release
from nurture.storage.inbox import keep_decided
from nurture.storage.tables import agenda, contacts, enrolments, events, journal, outbox, suppressions, touches
from tests.delivery.harness import House, addresses
from tests.engine.idle import Idle
from tests.sinks.scripted import Answer, Sink

pytestmark = [pytest.mark.anyio, pytest.mark.smtp]
LEASE = timedelta(minutes=5)
PEOPLE = addresses([f"p{n}" for n in range(12)])
ROW_IDS = {"id", "contact_id", "composition"}


def worker_of(house: House, delivery: Delivery) -> Worker:
    return Worker(Idle(), Decider(house.db, lambda: house.world, 500, LEASE), delivery)


def rows(house: House, table: Table, leave_out: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    with house.db.read() as c:
        found = [
            {k: v for k, v in row.items() if k not in ROW_IDS | leave_out}
            for row in c.execute(select(table)).mappings()
        ]
    return sorted(found, key=repr)


def everything(house: House) -> dict[str, list[dict[str, Any]]]:
    """All that is known of contacts, without row numbers."""
    return {
        table.name: rows(house, table) for table in (agenda, contacts, enrolments, events, journal, outbox, touches)
    }


def told(house: House, event: str) -> int:
    return sum(row["event"] == event for row in rows(house, journal))


async def two_mails(house: House, *, at_once: bool) -> dict[str, list[dict[str, Any]]]:
    """Everybody gets the first mail, one refuses it for good; a day later the others get the relance."""
    began = house.now
    house.enter(*PEOPLE)
    async with Sink({PEOPLE[3]: [Answer("RCPT", "550 5.1.1 no such user")]}) as sink, house.delivery(sink) as delivery:
        worker = worker_of(house, delivery)
        for _ in range(2):
            await worker.deliver(lambda: house.now, at_once=at_once)
            if at_once:
                assert not rows_due(house), "they were decided on already"
            house.decide()
            house.now += timedelta(days=1)
            house.decide()
        await worker.deliver(lambda: house.now, at_once=at_once)
        house.decide()
        assert len(sink.taken) >= 2 * len(PEOPLE) - 2
    found = everything(house)
    house.now = began
    return found


def rows_due(house: House) -> list[dict[str, Any]]:
    return [row for row in rows(house, agenda) if row["due_at"] is not None and row["due_at"] <= house.now]


def start_anew(house: House) -> None:
    with house.db.begin() as c:
        for table in (outbox, journal, contacts, suppressions):
            c.execute(delete(table))


async def test_it_leads_to_the_same_rows_as_the_long_way(house: House) -> None:
    long = await two_mails(house, at_once=False)
    start_anew(house)
    short = await two_mails(house, at_once=True)
    for name, found in long.items():
        assert short[name] == found, name
    assert sum(row["event"] == "sent" for row in long["journal"]) >= 2 * len(PEOPLE) - 2


async def test_who_is_in_a_deciders_hands_is_told_and_decided_by_it(house: House) -> None:
    house.enter(*PEOPLE)
    house.post((PEOPLE[0], Replied("reply:1", house.now, Intent.INTERESTED)))
    with house.db.begin() as c:
        claim = claim_contacts(c, house.now, 10, LEASE)
    assert list(claim.ids) == [house.ids[PEOPLE[0]]]
    async with Sink() as sink, house.delivery(sink) as delivery:
        await worker_of(house, delivery).deliver(lambda: house.now, at_once=True)
        count = len(sink.taken)
    waiting = [row["key"] for row in rows(house, events) if row["consumed_at"] is None]
    assert told(house, "sent") == len(PEOPLE) - 1
    assert "reply:1" in waiting
    with house.db.begin() as c:
        release(c, claim)
    house.decide()
    assert told(house, "sent") == count
    assert not [row for row in rows(house, events) if row["consumed_at"] is None]


async def test_what_waits_for_a_contact_meets_it_in_the_same_decision(house: House) -> None:
    """A fact that came while the mail was on its way, and that no decider has taken up yet."""
    house.enter(PEOPLE[0])

    def meanwhile(_: Any) -> Callable[..., None]:
        house.post((PEOPLE[0], Replied("reply:1", house.now, Intent.INTERESTED)))
        return Hearing(house.world, {}, house.now).tell

    async with Sink() as sink, house.delivery(sink) as delivery:
        await delivery.run_on(lambda: house.now, hears=meanwhile)
    assert not [row for row in rows(house, events) if row["consumed_at"] is None]
    assert told(house, "replied") == told(house, "sent") == 1


@pytest.mark.parametrize("before_writing", [True, False])
async def test_what_was_sent_is_written_down_though_nobody_can_decide(house: House, before_writing: bool) -> None:
    house.enter(*PEOPLE)

    def hears(_: Any) -> Callable[[Connection, Sequence[tuple[int, Event]], datetime], None]:
        if before_writing:
            raise CannotDecide("no world")

        def tell(c: Connection, heard: Sequence[tuple[int, Event]], received_at: datetime) -> None:
            keep_decided(c, heard, received_at, received_at)
            raise CannotDecide("somebody cannot be decided")

        return tell

    async with Sink() as sink, house.delivery(sink) as delivery:
        await delivery.run_on(lambda: house.now, hears=hears)
    assert set(house.states().values()) == {"sent"}
    assert told(house, "sent") == 0
    house.decide()
    assert told(house, "sent") == len(PEOPLE)


async def test_one_who_cannot_be_decided_keeps_nobody_from_being_told(house: House) -> None:
    """The contact changed since its mail was composed, to words that this version does not know."""
    house.enter(*PEOPLE)

    def hears(states: Any) -> Callable[..., None]:
        with house.db.begin() as c:
            spoilt = house.ids[PEOPLE[1]]
            c.execute(enrolments.update().where(enrolments.c.contact_id == spoilt).values(details={}))
        known = {who: state for who, state in states.items() if who != spoilt}
        return Hearing(house.world, known, house.now).tell

    async with Sink() as sink, house.delivery(sink) as delivery:
        await delivery.run_on(lambda: house.now, hears=hears)
    assert set(house.states().values()) == {"sent"}
    await asyncio.to_thread(house.decide)
    assert told(house, "sent") == len(PEOPLE) - 1
