"""Pause a worker beyond its lease while another takes over, let it go on, and count at the sink what came twice.

Each pair of workers has a database and an account of its own, and each worker a port of its own, so that the sink knows
whom to pause. Their lease is 4 s, of which the SMTP transport keeps 2 for writing down what came of a message; that is
the shortest under which mail still leaves.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import TypeAlias

from tests.chaos.crashes import OWNED_UP, finish
from tests.chaos.http_trap import HttpTrap
from tests.chaos.places import Place, place
from tests.chaos.smtp_trap import SmtpTrap
from tests.chaos.traps import AT_HTTP, AT_SMTP, Trap
from tests.chaos.ways import WAYS, Way
from tests.chaos.zygote import Child, Zygote

LEASE = 4
Leases: TypeAlias = tuple[float, float]
PAUSE: Leases = (0.5, 3.0)
"""How long a pause is, in leases: between these."""

PAIRS = 4
FEED, BATCH = 12, 4
"""People who come at once, and what a worker takes at once: less, so that two workers in step share them."""

MOST_WAITING = 4 * FEED
"""More do not come before some are through: a slow machine would decide for ever longer, and come to no moment of delivery."""

SHOWN = 10
"""Lost messages that are told, with what the program says of each."""

LOOK = 0.25
ANSWER = 0.06
"""Seconds that the sink takes, at most, to answer the dot: while a worker is paused there, its message is in the balance."""

LONGEST_WAIT = 300.0
"""Seconds until a moment must have come. A worker whose answers were lost leaves its server alone for up to two minutes."""

MOMENTS = (list(AT_SMTP)[2:], list(AT_HTTP)[1:])
"""At which an SMTP worker is paused, and one that sends over HTTP."""

IN_BALANCE = ("dot", "taken")


@dataclass(frozen=True, slots=True)
class Stops:
    """What pauses came to. `in_balance` are those that fell between a dot and its 250."""

    pauses: int
    past_lease: int
    in_balance: int
    due: int
    accepted: int
    lost: int
    twice: int
    unknown: int

    def __add__(self, other: "Stops") -> "Stops":
        return Stops(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


async def stop_all(
    urls: Callable[[], str],
    mother: Zygote,
    count: int,
    seed: int,
    *,
    way: Way = WAYS["smtp"],
    pairs: int = PAIRS,
    leases: Leases = PAUSE,
) -> Stops:
    """So many pauses, shared among the pairs."""
    shares = [count // pairs + (n < count % pairs) for n in range(pairs)]
    rounds = [
        _pair(urls(), mother, way, share, Random(f"{seed}:{n}"), leases) for n, share in enumerate(shares) if share
    ]
    return sum(await asyncio.gather(*rounds), Stops(0, 0, 0, 0, 0, 0, 0, 0))


async def _pair(url: str, mother: Zygote, way: Way, count: int, random: Random, leases: Leases) -> Stops:
    async with place(url, mother, way=way) as here:
        other = _other_door(here.sink)
        sinks = (here.sink, other)
        ports = (here.port, await other.open())
        jobs = [replace(here.job(lease_seconds=LEASE, stays=True, batch_size=BATCH), port=port) for port in ports]
        children = [await mother.birth(job) for job in jobs]
        past = balance = 0
        for sink in sinks:
            if isinstance(sink, SmtpTrap):
                sink.before_250 = lambda: random.uniform(0.01, ANSWER)
        for _ in range(count):
            which = random.randrange(2)
            moment = random.choice(MOMENTS[way.provider != "smtp"])
            pause = LEASE * random.uniform(*leases)
            await _pause(here, sinks[which], children[which], moment, pause)
            past, balance = past + (pause > LEASE), balance + (moment in IN_BALANCE)
        for child in children:
            child.kill()
            await child.ended
        await other.close()
        return replace(await _counted(here), pauses=count, past_lease=past, in_balance=balance)


def _other_door(sink: SmtpTrap | HttpTrap) -> SmtpTrap | HttpTrap:
    """A port for the other worker, to the same server."""
    return SmtpTrap(sink.account) if isinstance(sink, SmtpTrap) else HttpTrap(sink.kind, sink.account, same=sink)


async def _pause(here: Place, sink: SmtpTrap | HttpTrap, child: Child, moment: str, seconds: float) -> None:
    """Stop it where the sink sees the moment; meanwhile there is work for the other.

    On SQLite the paused one may hold the file's one lock: whoever brings the work waits in a thread until it goes on.
    """
    feeder = Feeder(here)
    trap = Trap(moment, 1, child.pause)
    sink.saw = lambda seen: trap.saw(seen) and False
    waited = 0.0
    while not trap.has_sprung:
        if child.ended.done():
            raise RuntimeError(f"the worker ended by itself before the moment {moment!r}")
        if waited > LONGEST_WAIT:
            states = dict(Counter(here.states().values()))
            raise RuntimeError(f"the moment {moment!r} did not come within {LONGEST_WAIT:.0f} s: {states}")
        feeder.bring()
        await asyncio.sleep(LOOK)
        waited += LOOK
    feeder.bring()
    await asyncio.sleep(seconds)
    child.resume()
    await feeder.ended()
    await asyncio.sleep(LOOK)


class Feeder:
    """Brings people to a place, one dozen at a time, while there are not many."""

    def __init__(self, here: Place) -> None:
        self._here = here
        self._task: asyncio.Task[None] | None = None

    def bring(self) -> None:
        """A dozen more, unless the last are still on their way."""
        if self._task is None or self._task.done():
            if self._task is not None:
                self._task.result()  # what failed is told
            self._task = asyncio.create_task(asyncio.to_thread(self._feed))

    def _feed(self) -> None:
        if self._here.waiting() < MOST_WAITING:
            self._here.feed(FEED)

    async def ended(self) -> None:
        """All have arrived."""
        if self._task is not None:
            await self._task


async def _counted(here: Place) -> Stops:
    """Everything settled, then counted at the sink."""
    await finish(here, slots=4)
    got, states = here.sink.account.addresses, here.states()
    missing = [a for a in here.fed if a not in got and states.get(a) not in OWNED_UP]
    if missing:
        print("lost:", {a: states.get(a) for a in missing[:SHOWN]}, file=sys.stderr)
    unknown = sum(state == "unknown" for state in states.values())
    return Stops(0, 0, 0, len(here.fed), len(got), len(missing), sum(here.sink.account.twice()), unknown)
