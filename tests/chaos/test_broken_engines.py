"""A harness that cannot fail proves nothing: an engine that breaks one rule is caught by some seed, and by what it broke."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import update

from nurture.core.world import World
from nurture.providers.transport import Capabilities, MayAllGo, MayGo, NotSeen, Outcome, Outgoing, Sighting, always
from nurture.storage.database import Database
from nurture.storage.tables import outbox
from nurture.storage.words import OutboxState
from tests.chaos.campaigns import WORLD
from tests.chaos.course import Recruit, Tidy, manned
from tests.chaos.grounds import Grounds
from tests.chaos.hosts import HOSTS, Host
from tests.chaos.running import run_seeds
from tests.chaos.sink import SimulatedTransport

PLAIN, KEYED, PARCELS, SEARCHED = HOSTS["plain"], HOSTS["keyed"], HOSTS["parcels"], HOSTS["searched"]


def queued_again(db: Database, now: datetime) -> None:
    """A housekeeping that sends again what may have gone out."""
    with db.begin() as c:
        stale = (outbox.c.state == OutboxState.INTENT.value, outbox.c.leased_until <= now)
        c.execute(update(outbox).where(*stale).values(state=OutboxState.RETRY, due_at=now, token=None))


def nothing_tidied(db: Database, now: datetime) -> None:
    """A housekeeping that never comes."""


@dataclass
class Careless:
    """A transport that does one thing wrong."""

    right: SimulatedTransport
    attempts: int = field(default=0)

    @property
    def capabilities(self) -> Capabilities:
        """The host's."""
        return self.right.capabilities

    async def open(self) -> None:
        """Always there."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        """As it should be."""
        return await self.right.send(message, may_go)

    async def find(self, key: str, since: datetime) -> Sighting:
        """As it should be."""
        return await self.right.find(key, since)


class NewKeys(Careless):
    """Gives each attempt a key of its own."""

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        self.attempts += 1
        renamed = replace(message, key=f"{message.key}-{id(self)}-{self.attempts}")
        return await self.right.send(renamed, lambda _: may_go(message))


class Reordered(Careless):
    """Makes a request again in another order, under a key of its own for each order."""

    async def send_parcel(self, key: str, messages: Sequence[Outgoing], may_go: MayAllGo) -> Sequence[Outcome]:
        self.attempts += 1
        turned = self.attempts % 2
        those = list(reversed(messages)) if turned else messages
        outcomes = await self.right.send_parcel(f"{key}-{turned}", those, may_go)
        return list(reversed(outcomes)) if turned else outcomes


class Blind(Careless):
    """Does not search, and says that nothing was found."""

    async def find(self, key: str, since: datetime) -> Sighting:
        return NotSeen()


class Hasty(Careless):
    """Believes a search at once."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(self.right.capabilities, search_settles=timedelta())


def capless(world: World) -> World:
    """Campaigns that know no cap."""
    programs = {
        name: replace(program, cadence=replace(program.cadence, at_most=())) for name, program in world.programs.items()
    }
    return replace(world, programs=programs)


def caught(
    grounds: Grounds, *, seeds: Iterable[int] = range(1, 15), host: Host = PLAIN, **variant: Recruit | Tidy
) -> str:
    """What the first seed says that notices; nothing where none does."""
    for verdict in run_seeds(grounds, seeds, host=host, **variant):  # type: ignore[arg-type]
        if verdict.broken:
            return str(verdict)
    return ""


@pytest.mark.parametrize(("tidy", "told"), [(queued_again, "sent twice"), (nothing_tidied, "intent for ever")])
def test_a_housekeeping_that_breaks_the_rules_is_caught(sqlite: Grounds, tidy: Tidy, told: str) -> None:
    assert told in caught(sqlite, tidy=tidy)


@pytest.mark.parametrize(
    ("transport", "host", "told"),
    [
        (NewKeys, KEYED, "sent twice"),
        (Reordered, PARCELS, "sent twice"),
        (Blind, SEARCHED, "sent twice"),
        (Hasty, SEARCHED, "sent twice"),
    ],
)
def test_a_transport_that_breaks_the_rules_is_caught(
    sqlite: Grounds, transport: Callable[[SimulatedTransport], Careless], host: Host, told: str
) -> None:
    assert told in caught(sqlite, host=host, recruit=partial(manned, transport_of=transport))


def test_an_engine_without_caps_is_caught(sqlite: Grounds) -> None:
    assert "over cap" in caught(sqlite, recruit=partial(manned, world=capless(WORLD)))
