"""`python -m tests.chaos.switch --times 100`: pause all mail while a worker is sending, and see when the last mail left.

Each pause is committed as `nurture pause` commits it, in the midst of a crowd of mails; half of them hold all mail, half the
campaign. Counted by the sink's clock: the last final dot after the pause was there. The sink is slow, and sometimes very
slow, between DATA and 354. After each pause the brake is released, and everybody must have got one mail in the end.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from random import Random
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.chaos.places import Place
    from tests.chaos.zygote import Zygote

SLOTS = 8
CROWD = 200
"""Mails that are due when a pause comes; some 80 leave a second."""

ALLOWED = 2.0
WATCHED = 3.0
SLOW, VERY_SLOW, HOW_OFTEN = 0.1, 2.5, 0.02
LONGEST_WAIT = 120.0


@dataclass
class Switches:
    """What pauses came to. `worst` is the longest, in seconds, that a dot came after a pause was there."""

    pauses: int = 0
    dots_after: int = 0
    too_late: int = 0
    worst: float = 0.0
    twice: int = 0
    forgotten: int = 0

    def __add__(self, other: "Switches") -> "Switches":
        sums = {name: getattr(self, name) + getattr(other, name) for name in asdict(self)}
        return Switches(**{**sums, "worst": max(self.worst, other.worst)})


async def switch(urls: Callable[[], str], mother: "Zygote", times: int, seed: int) -> Switches:
    """So many pauses on a database of their own."""
    from tests.chaos.places import place

    random, told = Random(seed), Switches()
    async with place(urls(), mother) as here:
        here.sink.before_354 = lambda: VERY_SLOW if random.random() < HOW_OFTEN else random.uniform(0, 2 * SLOW)
        child = await mother.birth(here.job(slots=SLOTS, stays=True))
        for n in range(times):
            told += await _one(here, "" if n % 2 else "crash", random)
        await _until(lambda: len(here.sink.account.addresses) == len(here.fed))
        child.kill()
        await child.ended
        told.twice = sum(here.sink.account.twice())
        told.forgotten = len(set(here.fed) - here.sink.account.addresses)
    return told


async def _one(here: "Place", campaign: str, random: Random) -> Switches:
    """A crowd, a pause in its midst, a while of watching, and on."""
    account = here.sink.account
    begun = account.accepted
    await asyncio.to_thread(here.feed, CROWD - (len(here.fed) - begun))
    await _until(lambda: account.accepted > begun)
    await asyncio.sleep(random.uniform(0, 1))
    await asyncio.to_thread(_pause, here, campaign)
    paused = time.monotonic()
    await asyncio.sleep(WATCHED)
    late = [one.at - paused for those in account.taken.values() for one in those if one.at > paused]
    await asyncio.to_thread(_resume, here, campaign)
    worst = round(max(late, default=0.0), 3)
    return Switches(1, len(late), sum(after > ALLOWED for after in late), worst)


def _pause(here: "Place", campaign: str) -> None:
    from nurture.storage.brakes import Brake, put_on
    from nurture.storage.database import real_now
    from nurture.storage.words import BrakeKind

    with here.db.begin() as c:
        put_on(c, Brake(campaign, BrakeKind.PAUSED, real_now(c), "claire", ""))


def _resume(here: "Place", campaign: str) -> None:
    from nurture.storage.brakes import release
    from nurture.storage.database import real_now
    from nurture.storage.words import BrakeKind

    with here.db.begin() as c:
        release(c, campaign, {BrakeKind.PAUSED}, "claire", real_now(c))


async def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST_WAIT
    while not is_so() and time.monotonic() < end:  # noqa: ASYNC110 - what is waited for belongs to the sink
        await asyncio.sleep(0.01)


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.switch", description=__doc__)
    parser.add_argument("--times", type=int, default=100, help="pauses in all (default 100)")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> int:
    """Run; 1 when a mail left too long after a pause, twice, or never."""
    kinds = ("sqlite", "postgresql") if arguments.database == "both" else (arguments.database,)
    return max(asyncio.run(_on(kind, arguments.times, arguments.seed)) for kind in kinds)


async def _on(kind: str, times: int, seed: int) -> int:
    from tests.chaos.places import fresh_urls
    from tests.chaos.zygote import zygote

    with fresh_urls(kind) as urls:
        async with zygote() as mother:
            told = await switch(urls, mother, times, seed)
    print(json.dumps({"database": kind, **asdict(told)}), flush=True)
    return 1 if told.too_late or told.twice or told.forgotten else 0


if __name__ == "__main__":
    enter("tests.chaos.switch")
    sys.exit(main(read_arguments()))
