"""Whichever COMMIT goes wrong, and whether or not it was done: every mail goes once, every fact is stored once."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from nurture.clock import ManualClock
from nurture.inbound.intake import Intake
from nurture.storage.database import DatabaseProblem
from nurture.storage.receipts import Receipt
from nurture.storage.tables import journal, receipts
from tests.delivery.commits import Mishap, leases_run_out, mishap
from tests.delivery.harness import House, addresses
from tests.sinks.scripted import Sink

pytestmark = pytest.mark.smtp

EVERYBODY = addresses(["anna", "bruno", "clara", "david"])
COMMITS = 8
"""More than a whole round from the first decision to the last makes."""


async def worked(house: House, sink: Sink, minutes: int = 4) -> None:
    """A worker that goes on after each trouble, for some minutes."""
    async with house.delivery(sink, batch_size=2) as delivery:
        for _ in range(minutes):
            with suppress(DatabaseProblem):
                house.decide()
                await delivery.run_all(house.now)
                house.decide()
            with suppress(DatabaseProblem):
                leases_run_out(house.db)
            house.now += timedelta(minutes=2)


@pytest.mark.parametrize("kind", list(Mishap))
@pytest.mark.parametrize("number", range(1, COMMITS + 1))
def test_every_mail_goes_once_whichever_commit_goes_wrong(house: House, number: int, kind: Mishap) -> None:
    async def scenario() -> None:
        house.enter(*EVERYBODY)
        async with Sink() as sink:
            with mishap(house.db, number, kind) as begun:
                await worked(house, sink)
            assert len(begun) > number
            assert sorted(sink.message_ids.values()) == [1] * len(EVERYBODY)
            assert sorted(taken.rcpt_to for taken in sink.taken) == sorted(EVERYBODY)
        assert set(house.states().values()) == {"sent"}
        assert {row.attempts for row in house.outbox().values()} == {1}
        assert entries(house) == [2] * len(EVERYBODY)  # entered and queued; sent

    asyncio.run(scenario())


@pytest.mark.parametrize("number", [1, 3, 4, 6])
def test_a_database_that_stays_away_makes_nothing_unknown(house: House, number: int) -> None:
    """Nor when it was the commit of the intents that was not answered, and nobody could be told that nothing left."""

    async def scenario() -> None:
        house.enter(*EVERYBODY)
        async with Sink() as sink:
            with mishap(house.db, number, Mishap.ANSWER_LOST, away=2):
                await worked(house, sink, minutes=6)
            assert sorted(sink.message_ids.values()) == [1] * len(EVERYBODY)
        assert set(house.states().values()) == {"sent"}

    asyncio.run(scenario())


def entries(house: House) -> list[int]:
    """How many decisions each contact's journal holds."""
    count = select(func.count(func.distinct(journal.c.seq))).group_by(journal.c.contact_id)
    with house.db.read() as c:
        return list(c.execute(count).scalars())


def test_a_decision_whose_commit_goes_wrong_is_taken_once(house: House) -> None:
    for number in (1, 2, 3, 4):
        for kind in Mishap:
            address = f"p{number}-{kind.value.replace(' ', '')}@contact.example"
            with mishap(house.db, number, kind), suppress(DatabaseProblem):
                house.enter(address)
            leases_run_out(house.db)
            if address in house.ids:
                house.decide()
    assert set(entries(house)) <= {1}
    assert len(house.outbox()) == len(entries(house))


@pytest.fixture
def intake(house: House) -> Iterator[Intake]:
    """An intake on the house's database."""
    made = Intake(house.db, ManualClock(house.now))
    yield made
    made.close()


@pytest.mark.parametrize("kind", list(Mishap))
def test_what_comes_in_is_answered_for_only_when_it_is_known_to_be_stored(
    house: House, intake: Intake, kind: Mishap
) -> None:
    """The sender hears 503 either way and comes again; it is stored once."""

    async def scenario() -> None:
        with mishap(house.db, 1, kind), pytest.raises(DatabaseProblem):
            await intake.accept([Receipt("test", "a", b"{}")])
        await intake.accept([Receipt("test", "a", b"{}")])

    asyncio.run(scenario())
    with house.db.read() as c:
        assert c.execute(select(func.count()).select_from(receipts)).scalar_one() == 1
