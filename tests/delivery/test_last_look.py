"""What was known a while ago lets nothing go, and what another worker may have taken over, or is for who is there no more, does not go."""

import pytest
from sqlalchemy import delete

from nurture.delivery.brakes import read_brakes
from nurture.delivery.last_look import LastLook
from nurture.providers.transport import Outgoing
from nurture.storage.tables import contacts
from tests.delivery.harness import House

ANNA = "anna@contact.example"


def waiting(house: House) -> Outgoing:
    """A message to Anna, on its way."""
    house.enter(ANNA)
    return Outgoing(house.outbox()[ANNA].key, "bonjour@exemple.example", ANNA, b"", deadline=300.0)


@pytest.mark.anyio
async def test_a_look_older_than_a_second_lets_nothing_go_until_it_is_taken_again(house: House) -> None:
    message, second = waiting(house), 0.0
    look = LastLook(house.db, {message.key: ""}, read_brakes, 0.0, 300.0, lambda: second)
    second = 0.9
    assert look.may_go(message)
    second = 120.0
    assert not look.may_go(message)
    await look.again()
    assert look.may_go(message)


@pytest.mark.anyio
async def test_nothing_goes_to_who_was_erased_while_it_waited(house: House) -> None:
    message = waiting(house)
    look = LastLook(house.db, {message.key: ""}, read_brakes, 0.0, 300.0, lambda: 0.0)
    with house.db.begin() as c:
        c.execute(delete(contacts).where(contacts.c.id == house.ids[ANNA]))
    await look.again()
    assert not look.may_go(message)


@pytest.mark.anyio
async def test_what_another_worker_may_have_taken_over_does_not_go_however_fresh_the_look(house: House) -> None:
    message, second = waiting(house), 0.0
    look = LastLook(house.db, {message.key: ""}, read_brakes, 0.0, 300.0, lambda: second)
    second = 299.0
    await look.again()
    assert look.may_go(message)
    second = 300.0
    await look.again()
    assert not look.may_go(message)
