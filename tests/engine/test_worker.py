"""Workers: phases together, and the same journal whoever works."""

from datetime import timedelta

import pytest

from nurture.engine.deciding import Decider
from nurture.engine.worker import Worker, settle
from nurture.storage import journal
from tests.builders import a_form
from tests.delivery.harness import House, addresses
from tests.engine.idle import Idle
from tests.sinks.scripted import Sink

pytestmark = pytest.mark.anyio
LEASE = timedelta(minutes=5)
PEOPLE = addresses([f"p{n}" for n in range(12)])


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
