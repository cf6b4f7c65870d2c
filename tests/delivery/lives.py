"""Workers of a test's house: one that lives until nothing is due, and one that is about to die."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from nurture.core.program import WhenUnknown
from nurture.core.words import TouchState
from nurture.delivery.batch import Batch
from nurture.delivery.brakes import Gate, read_brakes
from nurture.delivery.compose import Composer
from nurture.delivery.deliver import Delivery
from nurture.delivery.flights import Flights
from nurture.delivery.prepare import Preparation
from nurture.delivery.recording import Report
from nurture.providers.transport import Capabilities, Transport
from nurture.storage.load import load_contacts
from tests.delivery.harness import BASE_URL, TOKENS, House
from tests.delivery.provider import PLAIN

HOUR = timedelta(hours=1)


def deliver(house: House, provider: Transport, logs: Flights | None = None, **options: Any) -> Report:
    """One worker, from its start until nothing is due."""
    composer = Composer(TOKENS, BASE_URL, house.domains)
    delivery = Delivery(house.db, house.library, provider, composer, flights=logs, **options)
    return asyncio.run(delivery.run_all(house.now))


def crashed(house: House, logs: Flights | None, can: Capabilities = PLAIN, lease: timedelta = HOUR) -> Batch:
    """A batch whose intents are committed, as a worker has it that is about to die."""
    composer = Composer(TOKENS, BASE_URL, house.domains)
    preparation = Preparation(
        house.db, house.library, composer, lease=lease, halted=read_brakes, gate=Gate(), can=can, flights=logs
    )
    batch = preparation.prepare(house.now, 100)
    assert batch is not None
    return batch


def touches(house: House, address: str) -> list[TouchState]:
    """How the messages to this contact stand, as its next decision sees it."""
    house.decide()
    with house.db.read() as c:
        state = load_contacts(c, [house.ids[address]], house.now)[house.ids[address]].state
    return [touch.state for touch in state.touches.values()]


def policy(house: House, policy: WhenUnknown) -> None:
    """The campaign's author chose this."""
    programs = {name: replace(program, when_unknown=policy) for name, program in house.world.programs.items()}
    house.world = replace(house.world, programs=programs)
