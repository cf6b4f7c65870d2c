"""The kinds of next host that a course may have, by what can be done about a lost answer, and what is promised of each."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from nurture.core.program import WhenUnknown
from nurture.delivery.library import Library
from nurture.providers.transport import Capabilities, Parcels, Repeat
from tests.chaos.campaigns import LIBRARY

KEY_LIFETIME = timedelta(hours=24)
SETTLES = timedelta(hours=2)
"""How long the provider remembers a key, and within which its search has found what it took."""


@dataclass(frozen=True)
class Host:
    """With `again` a message may come twice, in the same bytes; with `settles` none stays unknown."""

    name: str
    capabilities: Capabilities
    library: Library = LIBRARY
    again: bool = False
    settles: bool = False


def _more_willing(library: Library) -> Library:
    """The same campaigns, whose author would rather send twice than not at all."""
    programs = {
        name: replace(program, when_unknown=WhenUnknown.AT_LEAST_ONCE)
        for name, program in library.world.programs.items()
    }
    return replace(library, world=replace(library.world, programs=programs))


PARCELS = Parcels(3, 1_000_000, lambda data: b"Content-Disposition: attachment" not in data)
"""A few messages a request, so that a claim of four makes more than one."""

HOSTS: Mapping[str, Host] = {
    host.name: host
    for host in (
        Host("plain", Capabilities(Repeat.PLAIN, 2)),
        Host("plain, again", Capabilities(Repeat.PLAIN, 2), _more_willing(LIBRARY), again=True),
        Host("keyed", Capabilities(Repeat.KEYED, 2, key_lifetime=KEY_LIFETIME), settles=True),
        Host("parcels", Capabilities(Repeat.KEYED, 6, key_lifetime=KEY_LIFETIME, parcels=PARCELS), settles=True),
        Host("searched", Capabilities(Repeat.SEARCHABLE, 2, search_settles=SETTLES), settles=True),
    )
}


def host_of(seed: int) -> Host:
    """The host that a seed chose: half of them are plain."""
    dice = random.Random(f"host:{seed}")
    kind = dice.choice(["plain", "plain", "plain, again", "keyed", "searched", "searched"])
    return HOSTS[dice.choice(["keyed", "parcels"]) if kind == "keyed" else kind]
