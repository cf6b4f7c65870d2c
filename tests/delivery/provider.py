"""A provider in this process, of any class: remembers keys, can be searched, loses answers, kills whoever sends."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nurture.core.words import Hardness
from nurture.providers.transport import (
    Accepted,
    CannotTell,
    Capabilities,
    MayGo,
    NotSeen,
    Outcome,
    Outgoing,
    RefusedForGood,
    Repeat,
    Seen,
    Sighting,
    Stopped,
    TryLater,
    Unknown,
    always,
)

PLAIN = Capabilities(Repeat.PLAIN, 2)
KEYED = Capabilities(Repeat.KEYED, 2, key_lifetime=timedelta(hours=24))
SEARCHABLE = Capabilities(Repeat.SEARCHABLE, 2, search_settles=timedelta(minutes=2))

LOST = "lost"  # taken, and the answer lost
GONE = "gone"  # lost on the way, and nobody knows
LATER = "later"  # not taken
FULL = "full"  # refused for good, though somebody is there


@dataclass
class Provider:
    """`script` holds what happens to a key's attempts, in order; after that all are taken."""

    capabilities: Capabilities = PLAIN
    script: dict[str, list[str]] = field(default_factory=dict)
    blind: bool = False
    taken: list[Outgoing] = field(default_factory=list)
    delivered: Counter[str] = field(default_factory=Counter)
    searches: list[tuple[str, datetime]] = field(default_factory=list)
    before: Callable[[Outgoing], None] = lambda message: None
    after: Callable[[Outgoing], None] = lambda message: None

    async def open(self) -> None:
        """Always there."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        """Take it, or whatever the script says."""
        self.before(message)
        what = self.script[message.key].pop(0) if self.script.get(message.key) else ""
        if what == LATER:
            return TryLater("Too many requests.")
        if what == FULL:
            return RefusedForGood(Hardness.SOFT, 552, "5.2.2", "552 5.2.2 Mailbox full")
        if time.monotonic() >= message.deadline or not may_go(message):
            return Stopped("The message was stopped just before it left.")
        if what != GONE:
            self.taken.append(message)
            if self.capabilities.repeat is not Repeat.KEYED or not self.delivered[message.key]:
                self.delivered[message.key] += 1
        self.after(message)
        return Unknown("The answer was lost.") if what else Accepted("taken", f"id-{message.key[:6]}")

    async def find(self, key: str, since: datetime) -> Sighting:
        """What the search of a provider finds."""
        self.searches.append((key, since))
        if self.blind:
            return CannotTell("The search did not answer.")
        return Seen(f"id-{key[:6]}") if self.delivered[key] else NotSeen()


def killed(message: Outgoing) -> None:
    """The process dies here, as by the kernel's hand."""
    os.kill(os.getpid(), signal.SIGKILL)
