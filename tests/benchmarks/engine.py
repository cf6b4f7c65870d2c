"""One side of the comparison: the real engine, wired as `nurture run` wires it, from due timers to decided sends."""

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from nurture.clock import ManualClock
from nurture.content.skeleton import Skeleton
from nurture.core.program import Send
from nurture.delivery.compositions import Compositions
from nurture.storage.database import Database
from nurture.storage.tables import outbox
from nurture.wiring import open_system
from tests.benchmarks.campaign import CAMPAIGN, apply_campaigns, enter, take_in
from tests.benchmarks.hand import Hand, hands
from tests.benchmarks.settings import MONDAY, settings_for

WARM_UP = 50
"""Contacts who go first, untimed, on either side."""


def prepare(url: str) -> None:
    """The campaign that the repository ships."""
    db = Database.open(url)
    try:
        apply_campaigns(db)
    finally:
        db.close()


@dataclass(frozen=True, slots=True)
class Run:
    """How long it took, and how large the largest worker process became."""

    seconds: float
    peak_mb: float


def run(url: str, port: int, contacts: int, connections: int, processes: int) -> Run:
    """From the first look at the agenda until nothing is due: every mail sent, and every send decided.

    Before, a few other contacts go all the way, so that what is timed are workers that have been running for a while.
    """
    db = Database.open(url)
    try:
        with hands(processes, url, port, connections) as team:
            enter(db, take_in(db, WARM_UP))
            worked(team, MONDAY)
            enter(db, take_in(db, contacts, WARM_UP))
            seconds = worked(team, MONDAY)
    finally:
        db.close()
    return Run(seconds, max(hand.peak_mb for hand in team))


def worked(team: list[Hand], now: datetime) -> float:
    """Seconds until nothing is due any more at this instant."""
    started = time.perf_counter()
    for hand in team:
        hand.go(now)
    for hand in team:
        hand.hear("idle")
    return time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class Sent:
    """How many messages the outbox says were sent: in all, and of them before the clock started."""

    mails: int
    to_warm_up: int


def sent(url: str) -> Sent:
    """What the outbox says."""
    db = Database.open(url)
    was_sent, early = outbox.c.state == "sent", outbox.c.contact_id <= WARM_UP
    try:
        with db.read() as c:
            counts = [
                c.execute(select(func.count()).where(*test)).scalar_one() for test in ([was_sent], [was_sent, early])
            ]
    finally:
        db.close()
    return Sent(*counts)


def first_mail(url: str, port: int, campaign: str = CAMPAIGN, variant: str | None = "question") -> Skeleton:
    """The first mail that a campaign's contacts are sent, compiled."""
    system = open_system(settings_for(url, port, 1), ManualClock(MONDAY))
    try:
        library = system.worlds.library()
        program = next(p for p in library.world.current_programs() if p.name == campaign)
        step = next(step for step in program.stages[0].steps if isinstance(step, Send))
        return Compositions(system.settings.base_url).of_step(library, program, step, variant, None).of({}).skeleton
    finally:
        system.close()
