"""Kill a worker at one moment again and again, let the next go on, and count at the sink what came of it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from tests.chaos.places import Place, place
from tests.chaos.smtp_trap import Saw
from tests.chaos.traps import AT_HTTP, INSIDE, RANDOM, Trap
from tests.chaos.ways import WAYS, Way
from tests.chaos.zygote import Child, Zygote

FEED = 24
"""People who become due before each life of a worker."""

TRIES = 9
"""How often more a moment is waited for that a worker was done before."""

LONGEST_LIFE = 240.0
OWNED_UP = frozenset({"unknown", "withheld", "refused"})
DEFERRED = 7200.0
"""Seconds to pass before the last lives, so that what was put off is due."""

LEAST_LIVES, MOST_LIVES = 3, 8
"""How many: what a slow machine did not answer in time is put off again."""

LEAST_OFTEN = frozenset({"claim+", "intents-", "intents+", "results-", "results+", "decisions-", "decisions+"})
AFTER_HELLO = 0.06
"""So many seconds after its first connection, at most, a worker killed at any time is killed."""


@dataclass(frozen=True, slots=True)
class Score:
    """What one moment came to. `worst` is the most that one kill left unknown; `slots` the messages under way at once."""

    moment: str
    kills: int
    fed: int
    accepted: int
    lost: int
    twice_same: int
    twice_other: int
    unknown: int
    unknown_accepted: int
    worst: int
    slots: int

    @property
    def twice(self) -> int:
        """Accepted again, in whatever bytes."""
        return self.twice_same + self.twice_other

    @property
    def per_slot(self) -> float:
        """Unknown messages for each slot and kill."""
        return self.unknown / (self.kills * self.slots) if self.kills else 0.0


class NotKilled(Exception):
    """A moment did not come, or a worker died of something else: the run proves nothing."""


async def crash(
    urls: Callable[[], str],
    mother: Zygote,
    moments: Sequence[str],
    kills: int,
    *,
    slots: int,
    seed: int,
    way: Way = WAYS["smtp"],
    naive: bool = False,
) -> Score:
    """So many kills at each of these moments, on one database."""
    async with place(urls(), mother, way=way, is_naive=naive) as here:
        round_ = _Round(here, slots, Random(f"{seed}:{moments}"))
        for _ in range(kills):
            for moment in moments:
                await round_.kill_one(moment)
        await round_.finish()
        return round_.score(", ".join(moments), kills * len(moments))


async def finish(here: Place, slots: int) -> None:
    """Lives that nobody cuts short, each later than the last, until nothing is to be looked at any more."""
    here.after_death()
    for life in range(MOST_LIVES):
        if status := await _ended(await here.zygote.birth(here.job(slots=slots, ahead=life * DEFERRED))):
            raise NotKilled(f"the last worker ended with {status}; see above")
        here.after_death()
        if life + 1 >= LEAST_LIVES and not here.pending():
            return


class _Round:
    def __init__(self, here: Place, slots: int, random: Random) -> None:
        self._here = here
        self._moment = ""
        self._slots = slots
        self._random = random
        self._known = 0
        self._worst = 0

    async def kill_one(self, moment: str) -> None:
        """Lives, until one is cut short at the moment: a worker may be done before it comes."""
        self._moment = moment
        for nth in (self._nth(), *[1] * TRIES):
            self._here.feed(FEED)
            signal = await self._live(nth)
            self._here.after_death()
            self._see_unknowns()
            if signal == 9:
                return
            if signal != 0:
                raise NotKilled(f"a worker ended by itself with {signal}; see above")
        raise NotKilled(f"the moment {self._moment!r} did not come")

    async def finish(self) -> None:
        """Settle everything."""
        await finish(self._here, self._slots)
        self._see_unknowns()

    def score(self, name: str, kills: int) -> Score:
        """Accepted is what the sink says; the program is only asked what it owns up to."""
        account, states = self._here.sink.account, self._here.states()
        got = account.addresses
        owned = Counter(states[a] for a in self._here.fed if a not in got and a in states)
        lost = sum(a not in got and states.get(a) not in OWNED_UP for a in self._here.fed)
        unknown = [a for a, state in states.items() if state == "unknown"]
        same, other = account.twice()
        assert len(got) + lost + sum(n for state, n in owned.items() if state in OWNED_UP) == len(self._here.fed)
        return Score(
            name, kills, len(self._here.fed), account.accepted, lost, same, other,
            len(unknown), len(got.intersection(unknown)), self._worst, self._slots,
        )  # fmt: skip

    def _nth(self) -> int:
        way = self._here.way
        is_shared = (way.shares and self._moment in AT_HTTP) or (
            way.parcels and self._moment in ("before the dot", "heard")
        )
        if self._moment in LEAST_OFTEN or self._here.is_naive or is_shared:
            return self._random.randint(1, 2)
        return self._random.randint(1, self._slots if self._moment in ("connect", "ehlo") else FEED // 2)

    async def _live(self, nth: int) -> int:
        job = self._here.job(slots=self._slots, moment=self._moment, nth=nth)
        child = await self._here.zygote.birth(job)
        self._here.sink.saw = self._by_chance(child) if self._moment == RANDOM else self._trap(child, nth).saw
        try:
            return await _ended(child)
        finally:
            self._here.sink.saw = lambda moment: False

    def _trap(self, child: Child, nth: int) -> Trap:
        return Trap("" if self._moment in INSIDE else self._moment, nth, child.kill)

    def _by_chance(self, child: Child) -> Saw:
        """Not when it starts, which is the same in every life, but while it works."""

        def saw(moment: str) -> bool:
            if moment == "connect":
                asyncio.get_running_loop().call_later(self._random.uniform(0, AFTER_HELLO), child.kill)
            return False

        return saw

    def _see_unknowns(self) -> None:
        now = self._here.unknowns()
        self._worst = max(self._worst, now - self._known)
        self._known = now


async def _ended(child: Child) -> int:
    try:
        return await asyncio.wait_for(asyncio.shield(child.ended), LONGEST_LIFE)
    except TimeoutError:
        child.kill()
        raise NotKilled(f"a worker neither died nor was done within {LONGEST_LIFE:.0f} s") from None
