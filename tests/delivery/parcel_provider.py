"""A provider in this process that takes several messages in one request under a key, as Resend does."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from nurture.core.words import Hardness
from nurture.providers.transport import (
    Accepted,
    Again,
    Capabilities,
    MayAllGo,
    MayGo,
    Outcome,
    Outgoing,
    Parcels,
    RefusedForGood,
    Repeat,
    Stopped,
    TryLater,
    Unknown,
    always,
)

LOST = "lost"  # taken, and the answer lost
GONE = "gone"  # lost on the way, and nobody knows
LATER = "later"  # not taken: too many requests


def no_file(data: bytes) -> bool:
    """Such as it takes with others."""
    return b"Content-Disposition: attachment" not in data


@dataclass
class ParcelProvider:
    """`script` holds what happens to the next requests; after that all are carried out. A key is bound to the first body that
    was carried out under it. `refused` are the keys of messages that it does not want.
    """

    most: int = 3
    lifetime: timedelta = timedelta(hours=24)
    script: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    bound: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    delivered: Counter[str] = field(default_factory=Counter)
    requests: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    before: Callable[[Sequence[Outgoing]], None] = lambda messages: None
    after: Callable[[Sequence[Outgoing]], None] = lambda messages: None

    @property
    def capabilities(self) -> Capabilities:
        """Two requests at once."""
        parcels = Parcels(self.most, 10_000_000, no_file)
        return Capabilities(Repeat.KEYED, 2 * self.most, key_lifetime=self.lifetime, parcels=parcels)

    @property
    def parcels(self) -> list[tuple[str, ...]]:
        """Who was in each request, in order."""
        return [keys for _, keys in self.requests]

    async def open(self) -> None:
        """Always there."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        """One message under its own key."""

        def may_all_go(those: Sequence[Outgoing]) -> list[str]:
            return [one.key for one in those if not may_go(one)]

        return (await self.send_parcel(message.key, [message], may_all_go))[0]

    async def send_parcel(self, key: str, messages: Sequence[Outgoing], may_go: MayAllGo) -> Sequence[Outcome]:
        """All of them or none."""
        self.before(messages)
        what = self.script.pop(0) if self.script else ""
        if what == LATER:
            return [TryLater("Too many requests.")] * len(messages)
        late = [one.key for one in messages if time.monotonic() >= one.deadline]
        if stopped := set(late or may_go(messages)):
            others = Again("Another was stopped.")
            return [Stopped("It was stopped.") if one.key in stopped else others for one in messages]
        self.requests.append((key, tuple(one.key for one in messages)))
        outcomes = self._carried_out(key, messages) if what != GONE else []
        self.after(messages)
        return [Unknown("The answer was lost.")] * len(messages) if what else outcomes

    def _carried_out(self, key: str, messages: Sequence[Outgoing]) -> list[Outcome]:
        body = tuple(one.data for one in messages)
        if self.bound.get(key, body) != body:
            return [Unknown("The key has another body.", for_good=True)] * len(messages)
        if self.refused & {one.key for one in messages}:
            if len(messages) > 1:
                return [Again("One of them is refused.", apart=True)] * len(messages)
            return [RefusedForGood(Hardness.POLICY, 422, None, "422 refused")]
        if key not in self.bound:
            self.bound[key] = body
            self.delivered.update(one.key for one in messages)
        return [Accepted("taken", f"id-{one.key[:6]}") for one in messages]
