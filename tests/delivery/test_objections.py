"""Who leaves, opts in again, and leaves once more stays out, however little of it has been decided by then."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from nurture.core.events import Confirmed, Submitted, Suppressed
from nurture.core.state import ContactState
from nurture.core.words import Suppression
from nurture.engine.deciding import decide_all
from nurture.inbound.objections import unsubscribe
from nurture.storage.claims import claim_contacts
from nurture.storage.load import load_contacts
from nurture.storage.save import commit_decisions
from nurture.storage.tables import events, suppressions
from tests.delivery.harness import House
from tests.delivery.lives import deliver
from tests.delivery.provider import PLAIN, Provider

ANNA = "anna@contact.example"
MINUTE = timedelta(minutes=1)

When = Callable[[House, Callable[[], None]], None]


def before_it_is_claimed(house: House, leave: Callable[[], None]) -> None:
    leave()


def while_it_is_decided(house: House, leave: Callable[[], None]) -> None:
    with house.db.begin() as c:
        claim = claim_contacts(c, house.now, 10, 5 * MINUTE)
    with house.db.read() as c:
        loaded = load_contacts(c, claim.ids, house.now)
    leave()
    outcomes, _ = decide_all(house.world, loaded, house.now)
    with house.db.begin() as c:
        assert commit_decisions(c, claim, outcomes, house.world, house.now)


def twice(house: House, leave: Callable[[], None]) -> None:
    leave()
    leave()


@pytest.mark.parametrize("when", [before_it_is_claimed, while_it_is_decided, twice])
def test_who_leaves_after_asking_for_our_mails_again_stays_out(house: House, when: When) -> None:
    house.enter(ANNA)
    provider = Provider(PLAIN)
    deliver(house, provider)
    house.decide()
    message = provider.taken[0].key

    def leave() -> None:
        with house.db.begin() as c:
            assert unsubscribe(c, message, house.now)

    leave()
    house.decide()
    house.now += MINUTE
    house.post((ANNA, Submitted("form:2", house.now, "audit", confirm=True)))
    house.decide()
    house.now += MINUTE
    house.post((ANNA, Confirmed("confirmed:2", house.now, "audit")))
    house.now += MINUTE
    when(house, leave)
    house.decide()
    assert objections(house) == ["unsubscribed"]
    assert the_contact(house).suppressed == {Suppression.UNSUBSCRIBED}
    with house.db.read() as c:
        told = c.execute(select(events.c.key).where(events.c.kind == Suppressed.kind)).all()
    assert len(told) == 2, "one for each time that she left, however often she presses the button"


def test_who_opts_in_again_is_written_to_again(house: House) -> None:
    house.enter(ANNA)
    provider = Provider(PLAIN)
    deliver(house, provider)
    house.decide()
    with house.db.begin() as c:
        assert unsubscribe(c, provider.taken[0].key, house.now)
    for asked in (Submitted("form:2", house.now, "audit", confirm=True), Confirmed("confirmed:2", house.now, "audit")):
        house.now += MINUTE
        house.post((ANNA, asked))
    house.decide()
    assert objections(house) == []
    assert the_contact(house).suppressed == frozenset()


def objections(house: House) -> list[str]:
    """Why addresses are not written to."""
    with house.db.read() as c:
        return list(c.execute(select(suppressions.c.reason)).scalars())


def the_contact(house: House) -> ContactState:
    """Anna, as the rules know her."""
    who = house.ids[ANNA]
    with house.db.read() as c:
        return load_contacts(c, [who], house.now)[who].state
