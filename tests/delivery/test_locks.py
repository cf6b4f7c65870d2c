"""Contacts are locked before messages, and each ascending: whoever waits for a contact has nothing that others wait for.

Another transaction, as that of a decision, has contacts in hand. What is tested waits for one of them, and meanwhile the
other takes what it needs besides: were that held already, each would wait for the other.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from nurture.core.words import Gate
from nurture.delivery.batch import Batch
from nurture.delivery.recording import Report, record
from nurture.inbound.sort import Sorter
from nurture.inbound.sources import POSTMARK
from nurture.providers.bodies import key_of
from nurture.storage.bulk import lock
from nurture.storage.database import Database
from nurture.storage.outbox import claim_outbox
from nurture.storage.put_offs import PutOff
from nurture.storage.receipts import Receipt, receive
from nurture.storage.results import HeldBack
from nurture.storage.tables import agenda, outbox
from nurture.storage.words import OutboxState
from tests.delivery.harness import TOKENS, House, addresses, run, the_world
from tests.delivery.lives import deliver
from tests.delivery.parcel_provider import LOST, ParcelProvider
from tests.providers import postmark_posts as posts

pytestmark = pytest.mark.postgres

FEW = addresses(["anna", "bruno", "claire"])


@pytest.fixture
def house(postgres_db: Database) -> House:
    """Three contacts who are each owed a mail. SQLite has one writer at a time, and no locks of rows."""
    house = House(postgres_db, the_world())
    house.enter(*FEW)
    return house


def test_who_writes_down_a_batch_holds_no_message_while_it_waits_for_a_contact(house: House) -> None:
    with house.db.begin() as c:
        claim = claim_outbox(c, house.now, len(FEW), timedelta(minutes=5))
    held_back, waits, _ = (row.key for row in claim.rows)
    batch = Batch(claim.token, len(FEW), house.now)
    batch.settled.append(HeldBack(held_back, Gate.FAULT, None, "It cannot be made."))
    batch.waiting.append(PutOff(waits, house.now, "Its domain takes nothing just now.", OutboxState.QUEUED))
    reports: list[Report] = []
    with deciding(house, [*house.ids.values()], beside=lambda: reports.append(run(record(house.db, batch)))) as c:
        lock(c, outbox, "key", [waits])
    assert reports == [Report(claimed=len(FEW), withheld=1, waiting=1)]


def test_who_sorts_what_came_back_about_one_of_a_request_waits_for_none_of_the_others_with_its_own_in_hand(
    house: House,
) -> None:
    provider = ParcelProvider(script=[LOST])
    assert deliver(house, provider) == Report(claimed=len(FEW), unknown=len(FEW))
    first, *_, last = sorted(house.ids.values())
    (key,) = (row.key for row in house.outbox().values() if row.contact_id == last)
    body = posts.as_body(posts.delivery(Metadata={"touch": key}))
    with house.db.begin() as c:
        receive(c, [Receipt(POSTMARK, key_of(body), body)], house.now)
    sorter = Sorter(house.db, TOKENS)
    with deciding(house, [first], beside=lambda: sorter.run_once(house.now)) as c:
        lock(c, agenda, "contact_id", [last])
    assert set(house.states().values()) == {"sent"}


@contextmanager
def deciding(house: House, contacts: Collection[int], beside: Callable[[], object]) -> Iterator[Connection]:
    """A transaction that has these contacts in hand; `beside`, in a thread, waits for one of them until the block is over.

    To have to wait for anything in the block is an error.
    """
    worker = threading.Thread(target=beside)
    try:
        with house.db.begin() as c:
            lock(c, agenda, "contact_id", contacts)
            worker.start()
            until_somebody_waits(house)
            c.exec_driver_sql("SET LOCAL lock_timeout = '500ms'")
            yield c
    finally:
        worker.join()


def until_somebody_waits(house: House) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _ in range(1000):
        with house.db.read() as c:
            if c.exec_driver_sql(waiting).scalar_one():
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits for a lock")
