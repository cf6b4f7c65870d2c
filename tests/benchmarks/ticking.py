"""Ticks on two databases that differ in how many enrolments sleep in them."""

import asyncio
import time
from argparse import Namespace
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from statistics import median
from typing import TypeAlias

from nurture.clock import ManualClock
from nurture.engine.worker import Worker, settle
from nurture.storage.claims import claim_contacts, release
from nurture.storage.database import Database
from nurture.storage.load import load_contacts
from nurture.wiring import System, make_transport, make_workers, open_system
from tests.benchmarks.campaign import LEASE, apply_campaigns, enter, take_in
from tests.benchmarks.comparing import Line, say
from tests.benchmarks.crowd import crowd
from tests.benchmarks.places import Make, fresh_databases
from tests.benchmarks.settings import MONDAY, SUNDAY, settings_for

LATER = MONDAY + timedelta(days=90)
Measure: TypeAlias = Callable[["Place"], float]


class Place:
    """One of the two databases, and a worker on it."""

    def __init__(self, url: str, asleep: int, due: int) -> None:
        self._fill(url, asleep, due)
        self.due = due
        self.system: System = open_system(settings_for(url, 1, 1), ManualClock(SUNDAY))
        self.workers: list[Worker] = make_workers(self.system, make_transport(self.system.settings))

    @staticmethod
    def _fill(url: str, asleep: int, due: int) -> None:
        db = Database.open(url)
        apply_campaigns(db)
        enter(db, take_in(db, due + due // 2))  # some are held out, and are not due
        crowd(db, asleep, LATER)
        db.close()


def compare(kind: str, options: Namespace) -> list[Line]:
    """The two kinds of tick, each as a line with the medians of both sides."""
    with ExitStack() as stack, fresh_databases(kind) as make:
        few, many = (_place(stack, make, asleep, options.due) for asleep in (options.few, options.many))
        return [
            _line(kind, "nothing due", _idle, few, many, options),
            _line(kind, f"{options.due} claimed and loaded", _claim, few, many, options),
        ]


def _place(stack: ExitStack, make: Make, asleep: int, due: int) -> Place:
    place = Place(make(), asleep, due)
    stack.callback(place.system.close)
    return place


def _line(kind: str, tick: str, measure: Measure, few: Place, many: Place, options: Namespace) -> Line:
    measure(few), measure(many)  # the first compiles statements
    turns = [(measure(few), measure(many)) for _ in range(options.rounds)]
    one, other = (median(side) for side in zip(*turns, strict=True))
    return say(
        {
            "benchmark": "tick",
            "database": kind,
            "tick": tick,
            "few": options.few,
            "many": options.many,
            "few_us": round(one * 1e6),
            "many_us": round(other * 1e6),
            "ratio": round(other / one, 2),
        }
    )


def _idle(place: Place) -> float:
    async def tick() -> float:
        started = time.perf_counter()
        await settle(place.workers, SUNDAY)
        return time.perf_counter() - started

    return asyncio.run(tick())


def _claim(place: Place) -> float:
    db = place.system.db
    started = time.perf_counter()
    with db.begin() as c:
        claim = claim_contacts(c, MONDAY, place.due, LEASE)
    with db.read() as c:
        loaded = load_contacts(c, claim.ids, MONDAY)
    elapsed = time.perf_counter() - started
    with db.begin() as c:
        release(c, claim)
    assert len(loaded) == place.due, "who is due was not claimed"
    return elapsed
