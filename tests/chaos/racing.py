"""The races of `tests.chaos.races`: a worker, a slow sink, and people who press the button."""

import argparse
import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from random import Random

import httpx
from sqlalchemy import select

from nurture.content.tokens import MessageToken, sign_message
from nurture.inbound.intake import Intake
from nurture.storage.tables import contacts, outbox
from nurture.web import Services, Site, create_app
from nurture.wiring import System
from tests.chaos.labour import open_for
from tests.chaos.places import Place, fresh_urls, place
from tests.chaos.zygote import Zygote, zygote

SLOTS = 12
AT_ONCE = 400
"""Mails that are under way in one heat."""

SLOW, VERY_SLOW, HOW_OFTEN = 0.1, 2.5, 0.004
"""Seconds before 354, and how often it takes the longer time."""

EARLY_OR_LATE = 50
"""A button is pressed when the sink is at most so many mails before or behind its own; some 70 leave a second."""

STUCK, STEP = 3.5, 5
"""After so many seconds without a mail, all that left was held back: the next so many buttons are pressed."""

ALLOWED = 1.0
BLINK = 0.01
SOME_COMPOSITION = "0" * 16
LONGEST_HEAT = 120.0


@dataclass
class Races:
    """What races came to. `worst` is the longest, in seconds, that a dot came after the page's answer."""

    times: int = 0
    sent_before: int = 0
    never_sent: int = 0
    sent_within: int = 0
    too_late: int = 0
    worst: float = 0.0

    def add(self, acknowledged: float, dot: float | None) -> None:
        """One race's end."""
        self.times += 1
        after = 0.0 if dot is None else dot - acknowledged
        self.never_sent += dot is None
        self.sent_before += dot is not None and after <= 0
        self.sent_within += 0 < after <= ALLOWED
        self.too_late += after > ALLOWED
        self.worst = max(self.worst, round(after, 3))


@dataclass
class _Track:
    here: Place
    system: System
    web: httpx.AsyncClient
    random: Random
    races: Races = field(default_factory=Races)

    async def heat(self, count: int) -> None:
        """So many people are due, and all of them leave."""
        first = len(self.here.fed)
        self.here.feed(count)
        people = self.here.fed[first:]
        queued = await self._queued(set(people))
        order = sorted(people, key=queued.__getitem__)
        acknowledged = await self._leave_all(order, queued)
        await self._at_rest()
        dots = {one.address: one.at for those in self.here.sink.account.taken.values() for one in those}
        for who, at in zip(order, acknowledged, strict=True):
            self.races.add(at, dots.get(who))

    async def _leave_all(self, order: Sequence[str], keys: Mapping[str, str]) -> list[float]:
        """Each presses the button near the turn of its mail; answers when the pages said so."""
        turns = {who: turn for turn, who in enumerate(order)}
        ready = deque(
            sorted((turn + self.random.uniform(-EARLY_OR_LATE, EARLY_OR_LATE), turn) for turn in turns.values())
        )
        pressed: dict[int, asyncio.Task[float]] = {}
        account, at = self.here.sink.account, -float(EARLY_OR_LATE)
        while account.last not in turns:  # noqa: ASYNC110 - the account belongs to the sink
            await asyncio.sleep(BLINK)
        while ready:
            if time.monotonic() - account.last_at > STUCK:
                at += STEP
            else:
                at = max(at, turns.get(account.last, 0))
            while ready and ready[0][0] <= at:
                _, turn = ready.popleft()
                pressed[turn] = asyncio.create_task(self._leave(keys[order[turn]]))
            await asyncio.sleep(BLINK)
        return [await pressed[turn] for turn in turns.values()]

    async def _leave(self, key: str) -> float:
        """Press the button; answers when the page said so, by the sink's clock."""
        token = sign_message(self.system.tokens, MessageToken(key, SOME_COMPOSITION))
        answer = await self.web.post(f"/u/{token}", data={"List-Unsubscribe": "One-Click"})
        answer.raise_for_status()
        return time.monotonic()

    async def _queued(self, people: set[str]) -> dict[str, str]:
        """The key of each one's mail, once it is decided."""
        query = select(contacts.c.address, outbox.c.key).join(contacts, contacts.c.id == outbox.c.contact_id)
        for _ in range(int(LONGEST_HEAT / 0.05)):
            with self.here.db.read() as c:
                found = {address: key for address, key in c.execute(query) if address in people}
            if len(found) == len(people):
                return found
            await asyncio.sleep(0.05)
        raise RuntimeError("nobody decided about the people of this heat")

    async def _at_rest(self) -> None:
        """Wait until nothing is on its way."""
        busy = select(outbox.c.key).where(outbox.c.state.in_(["queued", "intent", "retry"])).limit(1)
        for _ in range(int(LONGEST_HEAT / 0.1)):
            with self.here.db.read() as c:
                if c.execute(busy).first() is None:
                    return
            await asyncio.sleep(0.1)
        raise RuntimeError("mails are still on their way")


async def race(urls: Callable[[], str], mother: Zygote, times: int, seed: int) -> Races:
    """So many races on a database of their own."""
    random = Random(seed)
    async with place(urls(), mother) as here:
        here.sink.before_354 = lambda: VERY_SLOW if random.random() < HOW_OFTEN else random.uniform(0, 2 * SLOW)
        job = here.job(slots=SLOTS, stays=True)
        system = open_for(job)
        intake = Intake(system.db, system.clock)
        app = create_app(Services(system.db, intake, system.tokens, system.clock, Site))
        try:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url="https://nurture.exemple.example", timeout=60
            ) as web:
                child = await mother.birth(job)
                track = _Track(here, system, web, random)
                while track.races.times < times:
                    await track.heat(min(AT_ONCE, times - track.races.times))
                child.kill()
                await child.ended
        finally:
            await asyncio.to_thread(intake.close)
            system.close()
        return track.races


def main(arguments: argparse.Namespace) -> int:
    """Run; 1 when a mail began to leave too long after its reader had."""
    kinds = ("sqlite", "postgresql") if arguments.database == "both" else (arguments.database,)
    return max(asyncio.run(_on(kind, arguments.times, arguments.seed)) for kind in kinds)


async def _on(kind: str, times: int, seed: int) -> int:
    began = time.monotonic()
    with fresh_urls(kind) as urls:
        async with zygote() as mother:
            races = await race(urls, mother, times, seed)
    print(json.dumps({"database": kind, **asdict(races), "seconds": round(time.monotonic() - began, 1)}), flush=True)
    return 1 if races.too_late else 0
