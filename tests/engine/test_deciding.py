"""A set of contacts decided together: one bad one harms nobody, a lost lease writes nothing, twice is once."""

from datetime import timedelta

from sqlalchemy import select, update

from nurture.core import events
from nurture.core.words import Suppression
from nurture.core.world import World
from nurture.engine.deciding import Decided, Decider, decide_all
from nurture.storage import journal
from nurture.storage.claims import claim_contacts
from nurture.storage.load import load_contacts
from nurture.storage.save import commit_decisions
from nurture.storage.tables import agenda
from tests.builders import a_form
from tests.delivery.harness import House, addresses

LEASE = timedelta(minutes=5)


def decider(house: House, batch: int = 500) -> Decider:
    return Decider(house.db, lambda: house.world, batch, LEASE)


def digest(house: House) -> str:
    with house.db.read() as c:
        return journal.digest(c)


def test_every_contact_that_is_due_is_decided_once(house: House) -> None:
    house.take_in(*addresses(["ana", "bob", "eve"]))
    house.post(*((address, a_form()) for address in house.ids))
    assert decider(house, batch=2).run_once(house.now) == Decided(contacts=2, decisions=2)
    assert decider(house, batch=2).run_once(house.now) == Decided(contacts=1, decisions=1)
    assert decider(house, batch=2).run_once(house.now) == Decided()
    assert len(house.outbox()) == 3


class Explosive(dict[str, object]):
    """A catalogue that fails whoever looks up what the campaign sends."""

    def get(self, key: object, default: object = None) -> object:
        """Fail."""
        return 1 // 0


def test_a_contact_that_cannot_be_decided_is_set_aside_and_the_rest_goes_on(house: House) -> None:
    ana, bob = addresses(["ana", "bob"])
    house.take_in(ana, bob)
    house.post((ana, a_form()), (bob, events.Delivered("d", house.now)))
    broken = World(**{**vars(house.world), "catalogue": Explosive()})
    done = Decider(house.db, lambda: broken, 500, LEASE).run_once(house.now)
    assert (done.contacts, done.faults) == (1, 1)
    with house.db.read() as c:
        row = c.execute(select(agenda).where(agenda.c.contact_id == house.ids[ana])).one()
    assert (row.strikes, row.due_at) == (1, house.now + timedelta(hours=1))
    assert "ZeroDivisionError" in row.problem
    house.now += timedelta(hours=1)
    assert decider(house).run_once(house.now).contacts == 1, "mended, it goes on where it was"


def test_a_worker_whose_lease_was_taken_over_writes_nothing(house: House) -> None:
    (ana,) = addresses(["ana"])
    house.take_in(ana)
    house.post((ana, a_form()))
    with house.db.begin() as c:
        slow = claim_contacts(c, house.now, 10, LEASE)
        loaded = load_contacts(c, slow.ids, house.now)
    with house.db.begin() as c:  # its lease runs out while it is paused
        c.execute(update(agenda).values(leased_until=slow.until - 2 * LEASE))
    house.decide()
    after_the_other = digest(house)
    outcomes, faults = decide_all(house.world, loaded, house.now)
    with house.db.begin() as c:
        assert commit_decisions(c, slow, outcomes, house.world, house.now) == set()
    assert not faults
    assert digest(house) == after_the_other
    assert len(house.outbox()) == 1


def test_an_objection_that_comes_while_deciding_is_decided_next(house: House) -> None:
    (ana,) = addresses(["ana"])
    house.take_in(ana)
    house.post((ana, a_form()))
    with house.db.begin() as c:
        claim = claim_contacts(c, house.now, 10, LEASE)
    with house.db.read() as c:
        loaded = load_contacts(c, claim.ids, house.now)
    house.post((ana, events.Suppressed("objection", house.now, Suppression.UNSUBSCRIBED)))
    outcomes, _ = decide_all(house.world, loaded, house.now)
    with house.db.begin() as c:
        commit_decisions(c, claim, outcomes, house.world, house.now)
    house.decide()
    assert house.states() == {ana: "withheld"}


def test_deciding_again_changes_nothing(house: House) -> None:
    house.enter(*addresses(["ana", "bob"]))
    once = digest(house)
    house.post(*((address, a_form()) for address in house.ids))  # the same forms, received again
    house.decide()
    assert digest(house) == once
