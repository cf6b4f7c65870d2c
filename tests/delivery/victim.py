"""A worker in a process of its own that is killed at a point: `python -m tests.delivery.victim URL FOLDER POINT HOW_MANY`."""

import asyncio
import json
import os
import sys
from pathlib import Path

from nurture.delivery.compose import Composer
from nurture.delivery.deliver import Delivery
from nurture.delivery.flights import Flights
from nurture.providers.transport import Outgoing
from nurture.storage.database import Database
from tests.delivery.harness import BASE_URL, NOW, TOKENS, House, the_world
from tests.delivery.provider import Provider, killed


def main(url: str, folder: str, point: str, how_many: int) -> None:
    """Send; die at the point of the message after `how_many`. Every message taken is a line on stdout, as at a sink."""
    db = Database.open(url)
    house = House(db, the_world())
    count = 0

    def taken(message: Outgoing) -> None:
        if point == "going" and count > how_many:
            killed(message)
        os.write(1, json.dumps([message.key]).encode() + b"\n")
        if point == "gone" and count > how_many:
            killed(message)

    def begun(message: Outgoing) -> None:
        nonlocal count
        count += 1
        if point == "begun" and count > how_many:
            killed(message)

    provider = Provider(before=begun, after=taken)
    composer = Composer(TOKENS, BASE_URL, house.domains)
    asyncio.run(Delivery(db, house.library, provider, composer, flights=Flights(Path(folder), "e")).run_once(NOW))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
