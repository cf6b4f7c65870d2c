"""How many mails may leave: an hour over all, to a recipient domain, and from a sender domain that is new.

A mail must find room in each of its buckets; else it waits for the window in which its turn comes, and those behind it,
for other domains, go on. Notices neither wait nor count: somebody asked for them a minute ago.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from nurture.core.world import World
from nurture.domains import spelt_ascii
from nurture.rates import Rate, WarmUp
from nurture.storage.budgets import Bucket, lock_buckets, postpone, save_buckets, window_of
from nurture.storage.outbox import OutboxClaim, OutboxRow
from nurture.storage.words import Purpose

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ALL = "all"


@dataclass(frozen=True, slots=True)
class Budgets:
    """What the operator set; false when nothing is. The domain `*` stands for each domain that is not named."""

    per_hour: int = 0
    domains: Mapping[str, Rate] = field(default_factory=dict)
    warm_ups: Mapping[str, WarmUp] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.per_hour or self.domains or self.warm_ups)

    def take(self, c: Connection, claim: OutboxClaim, world: Callable[[], World], now: datetime) -> OutboxClaim:
        """The part of the claim that found room; the rest is due again when its turn comes. Three statements a batch."""
        known = world() if self.warm_ups else None
        wanted = {row.key: dict(self._rates(row, known)) for row in claim.rows if row.purpose is Purpose.TOUCH}
        names = {name for rates in wanted.values() for name in rates}
        if not names:
            return claim
        buckets = lock_buckets(c, names, now)
        later: dict[str, datetime] = {}
        for row in claim.rows:
            until = _take(buckets, wanted.get(row.key, {}), now)
            if until is not None:
                later[row.key] = until
        save_buckets(c, buckets.values())
        postpone(c, claim.token, later)
        return replace(claim, rows=tuple(row for row in claim.rows if row.key not in later))

    def _rates(self, row: OutboxRow, world: World | None) -> Iterator[tuple[str, Rate | WarmUp]]:
        if self.per_hour:
            yield ALL, Rate(self.per_hour, HOUR)
        domain = _domain(row.address)
        rate = self.domains.get(domain) or self.domains.get("*")
        if rate is not None:
            yield f"to:{domain}", rate
        if world is not None:
            program = world.programs.get((row.campaign, row.version))
            sender = _domain(program.sender.address) if program else ""
            if sender in self.warm_ups:
                yield f"from:{sender}", self.warm_ups[sender]


NO_BUDGETS = Budgets()


def _domain(address: str) -> str:
    """As operators write it: in ASCII, in small letters."""
    return spelt_ascii(address.rpartition("@")[2].lower())


def _take(buckets: Mapping[str, Bucket], rates: Mapping[str, Rate | WarmUp], now: datetime) -> datetime | None:
    """Take one from each bucket, or none: then when to come back."""
    open_ = [(buckets[name], *_window(rate, buckets[name], now)) for name, rate in rates.items()]
    open_ = [(bucket, window, limit) for bucket, window, limit in open_ if limit is not None]
    for bucket, window, limit in open_:
        bucket.turn(now, window, limit or 0)
    full = [(bucket, window, limit) for bucket, window, limit in open_ if bucket.used >= (limit or 0)]
    if full:
        return max(bucket.put_off(window, limit or 0) for bucket, window, limit in full)
    for bucket, _, _ in open_:
        bucket.used += 1
    return None


def _window(rate: Rate | WarmUp, bucket: Bucket, now: datetime) -> tuple[timedelta, int | None]:
    """How long the window is and how much it holds; None: as much as there is."""
    if isinstance(rate, Rate):
        return rate.window, rate.limit
    return DAY, rate.limit_on((window_of(now, DAY) - window_of(bucket.began_at, DAY)) // DAY)
