"""A full disk: nothing is sent that no committed intent stands for, and all resumes by itself when there is room again."""

import asyncio
from datetime import timedelta

import pytest

from nurture.delivery.deliver import Delivery
from nurture.storage.database import DatabaseProblem
from tests.delivery.commits import leases_run_out
from tests.delivery.full_disk import full_disk
from tests.delivery.harness import House
from tests.sinks.scripted import Sink

pytestmark = pytest.mark.smtp

EVERYBODY = [f"p{n}@contact.example" for n in range(40)]


async def gives_up(delivery: Delivery, house: House) -> None:
    with pytest.raises(DatabaseProblem):
        await delivery.run_all(house.now)


def test_without_room_for_an_intent_nothing_is_sent_and_with_room_everything_once(house: House) -> None:
    async def scenario() -> None:
        house.enter(*EVERYBODY)
        async with Sink() as sink, house.delivery(sink) as delivery:
            with full_disk(house.db):
                for _ in range(3):
                    await gives_up(delivery, house)
                assert sink.taken == []
            assert set(house.states().values()) == {"queued"}
            leases_run_out(house.db)
            house.now += timedelta(minutes=2)
            await delivery.run_all(house.now)
            assert sorted(sink.message_ids.values()) == [1] * len(EVERYBODY)
        assert set(house.states().values()) == {"sent"}

    asyncio.run(scenario())
