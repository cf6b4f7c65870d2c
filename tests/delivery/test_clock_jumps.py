"""A provider forgets a key after a while: where the clock jumped, nobody can tell how long it has had one."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from nurture.core.program import WhenUnknown
from nurture.delivery.recording import Report
from nurture.storage.brakes import EVERYTHING, Brake, put_on, release
from nurture.storage.tables import outbox
from nurture.storage.words import BrakeKind
from tests.delivery.harness import House, addresses
from tests.delivery.lives import HOUR, crashed, deliver, policy
from tests.delivery.parcel_provider import ParcelProvider
from tests.delivery.provider import KEYED, LOST, Provider

PEOPLE = addresses(["anna", "bruno", "claire"])
ANNA, BRUNO, CLAIRE = PEOPLE


def key_of(house: House, address: str) -> str:
    return str(house.outbox()[address].key)


def hold(house: House) -> None:
    with house.db.begin() as c:
        assert put_on(c, Brake(EVERYTHING, BrakeKind.CLOCK, house.now, "nurture", "The clock jumped."))


def let_go(house: House, kind: BrakeKind = BrakeKind.CLOCK) -> None:
    with house.db.begin() as c:
        assert release(c, EVERYTHING, {kind}, "claire", house.now)


@pytest.mark.parametrize("jump", [timedelta(hours=-30), timedelta(hours=30)])
def test_a_key_of_before_a_jump_is_not_used_again(house: House, jump: timedelta) -> None:
    """The clock goes wrong and is set right again, over a day later: the key's age reads as an hour."""
    house.enter(ANNA)
    provider = Provider(KEYED, {key_of(house, ANNA): [LOST]})
    assert deliver(house, provider) == Report(claimed=1, unknown=1)
    right = house.now
    house.now += jump
    hold(house)
    assert deliver(house, provider) == Report()
    house.now = right + HOUR
    let_go(house)
    later = Provider(KEYED)  # it has forgotten its keys
    assert deliver(house, later) == Report(claimed=1, unknown=1)
    assert not later.taken
    assert house.outbox()[ANNA].due_at is None, "a person settles it"
    house.enter(BRUNO)
    assert deliver(house, Provider(KEYED, {key_of(house, BRUNO): [LOST]})) == Report(claimed=1, unknown=1)
    house.now += HOUR
    assert deliver(house, later) == Report(claimed=1, sent=1), "what began after the jump is dated well"


def test_an_author_who_would_rather_have_it_twice_has_it_repeated(house: House) -> None:
    policy(house, WhenUnknown.AT_LEAST_ONCE)
    house.enter(ANNA)
    provider = Provider(KEYED, {key_of(house, ANNA): [LOST]})
    deliver(house, provider)
    hold(house)
    house.now += HOUR
    let_go(house)
    assert deliver(house, provider) == Report(claimed=1, sent=1)
    assert len({message.data for message in provider.taken}) == 1


def test_another_brake_says_nothing_of_the_clock(house: House) -> None:
    house.enter(ANNA)
    provider = Provider(KEYED, {key_of(house, ANNA): [LOST]})
    deliver(house, provider)
    with house.db.begin() as c:
        put_on(c, Brake(EVERYTHING, BrakeKind.PAUSED, house.now, "claire", "a look"))
    house.now += HOUR
    let_go(house, BrakeKind.PAUSED)
    assert deliver(house, provider) == Report(claimed=1, sent=1)


def test_a_worker_that_vanishes_after_the_jump_had_its_intent_before(house: House) -> None:
    house.enter(*PEOPLE)
    crashed(house, None, KEYED, timedelta(0))
    house.now -= timedelta(hours=30)
    hold(house)
    house.now += timedelta(hours=31)
    let_go(house)
    marked = {row.clock_jumped for row in house.outbox().values()}
    assert marked == {True}


def test_a_request_of_several_is_not_made_again_either(house: House) -> None:
    house.enter(*PEOPLE)
    first = ParcelProvider(script=[LOST])
    assert deliver(house, first) == Report(claimed=3, unknown=3)
    house.now -= timedelta(hours=30)
    hold(house)
    house.now += timedelta(hours=31)
    let_go(house)
    later = ParcelProvider()
    assert deliver(house, later) == Report(claimed=3, unknown=3)
    assert not later.requests


def test_a_key_whose_first_use_is_still_to_come_is_not_used_again(house: House) -> None:
    """The clock went back while no process ran that could have seen it."""
    house.enter(ANNA)
    provider = Provider(KEYED, {key_of(house, ANNA): [LOST]})
    deliver(house, provider)
    house.now -= 2 * HOUR
    with house.db.begin() as c:
        c.execute(update(outbox).values(due_at=house.now))
    assert deliver(house, provider) == Report(claimed=1, unknown=1)
    assert len(provider.taken) == 1


def test_the_mark_is_for_what_is_open(house: House) -> None:
    """Unknown and due, unknown behind another brake, an intent; not what waits, was sent, or is left to a person."""
    states = [("unknown", house.now, None), ("unknown", None, "brake"), ("intent", None, None)]
    others = [("queued", house.now, None), ("retry", house.now, None), ("sent", None, None), ("unknown", None, None)]
    people = addresses([f"p{n}" for n in range(len(states + others))])
    house.enter(*people)
    with house.db.begin() as c:
        for address, (state, due_at, gate) in zip(people, states + others, strict=True):
            row = outbox.c.contact_id == house.ids[address]
            c.execute(update(outbox).where(row).values(state=state, due_at=due_at, gate=gate))
    hold(house)
    let_go(house)
    rows = house.outbox()
    assert [bool(rows[one].clock_jumped) for one in people] == [True] * len(states) + [False] * len(others)
