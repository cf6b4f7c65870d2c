"""Something comes back about a message in doubt while a worker has it in hand: it was sent, whatever comes of the repetition."""

import asyncio
import threading
import time

import pytest

from nurture.core.program import WhenUnknown
from nurture.core.words import TouchState
from nurture.delivery.last_look import EVERY
from nurture.providers.transport import MayGo, Outcome, Outgoing, always
from nurture.storage.brakes import Brake, put_on, release
from nurture.storage.bulk import lock
from nurture.storage.database import Database
from nurture.storage.doubts import settle_by_sign
from nurture.storage.results import NotKnown, commit_results
from nurture.storage.tables import agenda
from nurture.storage.words import BrakeKind
from tests.delivery.harness import House, the_world
from tests.delivery.lives import HOUR, crashed, deliver, policy, touches
from tests.delivery.provider import FULL, LATER, LOST, PLAIN, Provider

ANNA = "anna@contact.example"


def in_doubt(house: House) -> str:
    """Anna's mail has gone out, and its answer is lost; it may be repeated, in an hour. Answers its key."""
    house.enter(ANNA)
    policy(house, WhenUnknown.AT_LEAST_ONCE)
    key = str(house.outbox()[ANNA].key)
    deliver(house, Provider(PLAIN, {key: [LOST]}))
    assert house.states() == {ANNA: "unknown"}
    house.now += HOUR
    return key


def came_back(house: House, key: str) -> None:
    """What the sorter does with a provider's event."""
    with house.db.begin() as c:
        settle_by_sign(c, {key: house.now}, house.now)


@pytest.mark.parametrize("refused", [FULL, LATER])
def test_what_came_is_sent_also_where_its_repetition_is_refused(house: House, refused: str) -> None:
    key = in_doubt(house)
    provider = Provider(PLAIN, {key: [refused]}, before=lambda message: came_back(house, message.key))
    deliver(house, provider)
    assert provider.taken == []
    assert house.states() == {ANNA: "sent"}
    assert touches(house, ANNA) == [TouchState.SENT]


def test_what_came_is_not_repeated_once_a_brake_is_released(house: House) -> None:
    key = in_doubt(house)
    campaign = house.outbox()[ANNA].campaign

    class Slow(Provider):
        async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
            came_back(house, key)
            with house.db.begin() as c:
                put_on(c, Brake(campaign, BrakeKind.PAUSED, house.now, "somebody", "for a test"))
            await asyncio.sleep(3 * EVERY)
            return await super().send(message, may_go)

    provider = Slow(PLAIN)
    deliver(house, provider)
    with house.db.begin() as c:
        release(c, campaign, {BrakeKind.PAUSED}, "somebody", house.now)
    house.now += HOUR
    deliver(house, provider)
    assert provider.taken == []
    assert house.states() == {ANNA: "sent"}
    assert touches(house, ANNA) == [TouchState.SENT]


@pytest.mark.postgres
@pytest.mark.parametrize("may_repeat", [True, False])
def test_what_comes_back_while_its_outcome_waits_for_a_lock_is_not_overlooked(
    postgres_db: Database, may_repeat: bool
) -> None:
    house = House(postgres_db, the_world())
    house.enter(ANNA)
    batch = crashed(house, None)
    (ready,) = batch.ready
    lost = NotKnown(ready.row.key, "The answer was lost.", house.now if may_repeat else None)

    def write_down() -> None:
        with house.db.begin() as c:
            commit_results(c, batch.token, [lost], house.now)

    writer = threading.Thread(target=write_down)
    with house.db.begin() as c:  # as the sorter does: the contact first
        lock(c, agenda, "contact_id", [house.ids[ANNA]])
        writer.start()
        _until_somebody_waits(house)
        settle_by_sign(c, {ready.row.key: house.now}, house.now)
    writer.join()
    assert house.states() == {ANNA: "sent"}


def _until_somebody_waits(house: House) -> None:
    for _ in range(500):
        with house.db.read() as c:
            if c.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one():
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits for a lock")
