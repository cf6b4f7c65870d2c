"""Several batches at once: the next begins when the last mail of one is in hand, and large mails travel in smaller ones."""

import asyncio

import pytest

from nurture.delivery.recording import Report
from tests.delivery.harness import House, addresses, run
from tests.sinks.scripted import Sink, Slow

pytestmark = pytest.mark.smtp

EVERYBODY = addresses(["anna", "bruno", "clara", "david", "emma", "felix"])


def first_of(house: House) -> str:
    """Who is the first to be written to."""
    return min(EVERYBODY, key=lambda who: house.outbox()[who].key)


def test_the_next_batch_does_not_wait_for_the_slowest_answer_of_this_one(house: House) -> None:
    async def scenario() -> None:
        house.enter(*EVERYBODY)
        slow = first_of(house)
        async with Sink({slow: [Slow(3.0)]}) as sink, house.delivery(sink, batch_size=2) as delivery:
            round_ = asyncio.create_task(delivery.run_all(house.now))
            await sink.until_taken(1)
            async with asyncio.timeout(2.5):  # before it is answered
                await sink.until_taken(3)  # another of the first batch may lie behind the slow one's dot
            assert house.states()[slow] == "intent"
            assert await round_ == Report(claimed=6, sent=6)
            assert sorted(sink.message_ids.values()) == [1] * 6

    run(scenario())


def test_a_worker_told_to_stop_writes_down_every_batch_under_way(house: House) -> None:
    async def scenario() -> None:
        house.enter(*EVERYBODY)
        slow = first_of(house)
        async with Sink({slow: [Slow(5.0)]}) as sink:
            async with house.delivery(sink, batch_size=2) as delivery:
                round_ = asyncio.create_task(delivery.run_all(house.now))
                await sink.until_taken(3)
                round_.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await round_
            states = house.states()
            # Only what may have gone out keeps its intent; one that was answered meanwhile is never in doubt.
            assert states[slow] == "intent"
            assert list(states.values()).count("intent") <= 2
            assert set(states.values()) <= {"intent", "sent", "retry", "queued"}

    run(scenario())


@pytest.mark.parametrize(("octets", "is_small"), [(60_000, True), (8_000_000, False)])
def test_large_mails_travel_in_small_batches(house: House, octets: int, is_small: bool) -> None:
    async def scenario() -> None:
        people = addresses([f"person{n}" for n in range(48)])
        house.enter(*people)
        batches = 0

        def told() -> None:
            nonlocal batches
            batches += 1

        async with Sink() as sink, house.delivery(sink, octets=octets) as delivery:
            report = await delivery.run_on(lambda: house.now, told)
            assert report == Report(claimed=48, sent=48)
            size = sum(len(taken.data) for taken in sink.taken) / len(sink.taken)
            assert 16_000 < size < 60_000  # what the numbers of this test are made for
        assert (batches >= 8) == is_small

    run(scenario())
