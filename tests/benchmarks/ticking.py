"""Ticks on databases that differ in how many enrolments sleep in them."""

import asyncio
import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median

from nurture.clock import ManualClock
from nurture.engine.worker import settle
from nurture.providers.transport import Accepted, Capabilities, MayGo, Outcome, Outgoing, Repeat, Stopped, always
from nurture.storage.database import Database
from nurture.wiring import make_workers, open_system
from tests.benchmarks.campaign import apply_campaigns, enter, take_in
from tests.benchmarks.comparing import Line, say
from tests.benchmarks.crowd import copies, crowd
from tests.benchmarks.due import MOST_FOR_SQLITE
from tests.benchmarks.places import Make, fresh_databases
from tests.benchmarks.settings import LATER, MONDAY, settings_for

MODELS = 20
CONNECTIONS = 16
FEWEST_MAILED = 0.8
"""Of those due. The campaign holds one in twenty out."""


class Taker:
    """A mail server that is no distance away and takes everything."""

    capabilities = Capabilities(Repeat.PLAIN, CONNECTIONS)
    taken = 0

    async def open(self) -> None:
        """Nothing to do."""

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        """Take it."""
        if not may_go(message):
            return Stopped("told to")
        self.taken += 1
        return Accepted("250 2.0.0 OK")

    async def close(self) -> None:
        """Nothing to do."""


class Place:
    """One of the databases, with so many asleep, and a worker on it."""

    def __init__(self, url: str, asleep: int) -> None:
        self.asleep = asleep
        db = Database.open(url)
        apply_campaigns(db)
        enter(db, take_in(db, MODELS))
        crowd(db, asleep, LATER)
        db.close()
        self.system = open_system(settings_for(url, 1, CONNECTIONS), ManualClock(MONDAY))
        self.taker = Taker()
        self.workers = make_workers(self.system, self.taker)

    def tick(self, due: int) -> float:
        """Seconds of a whole tick with so many due, who are made before."""
        if due:
            copies(self.system.db, due, MONDAY)
        before = self.taker.taken
        seconds = asyncio.run(self._tick())
        assert self.taker.taken - before >= due * FEWEST_MAILED, "who is due was not written to"
        return seconds

    async def _tick(self) -> float:
        started = time.perf_counter()
        await settle(self.workers, MONDAY)
        return time.perf_counter() - started


def compare(kind: str, options: Namespace) -> list[Line]:
    """The two kinds of tick at each size, each as a line with its median."""
    sizes = [size for size in options.enrolments if kind == "postgresql" or size <= MOST_FOR_SQLITE]
    with ExitStack() as stack, fresh_databases(kind) as make:
        places = [_place(stack, make, size) for size in sizes]
        for place in places:
            place.tick(options.due)  # the first compiles statements and mails, and takes the models along
        return [line for due in (options.due, 0) for line in _lines(kind, places, due, options.rounds)]


def _place(stack: ExitStack, make: Make, asleep: int) -> Place:
    place = Place(make(), asleep)
    stack.callback(place.system.close)
    return place


def _lines(kind: str, places: Sequence[Place], due: int, rounds: int) -> list[Line]:
    turns = [[place.tick(due) for place in places] for _ in range(rounds)]
    medians = [median(taken) for taken in zip(*turns, strict=True)]
    return [
        say(
            {
                "benchmark": "due",
                "database": kind,
                "due": due,
                "enrolments": place.asleep,
                "rounds": rounds,
                "ms": round(took * 1e3, 2),
                "opponent": f"the same beside {places[0].asleep} enrolments",
                "ratio": round(took / medians[0], 2),
            }
        )
        for place, took in zip(places, medians, strict=True)
    ]
