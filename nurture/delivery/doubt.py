"""What is done about a message of which nobody knows whether it left: by what its transport can, then by its author's policy.

keyed       sent again under the same key, as long as the provider surely remembers the key
searchable  the provider is asked once its search has settled, and again, ever later, for a day
plain, or none of these any more: `when_unknown` of the campaign. The same bytes again, a few times; or left to a person
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from nurture.core.program import Program, WhenUnknown
from nurture.core.world import World
from nurture.delivery.retries import FIRST, next_try
from nurture.providers.transport import Capabilities, Repeat
from nurture.storage.brakes import JUMP
from nurture.storage.outbox import OutboxRow
from nurture.storage.parcels import made_at
from nurture.storage.words import Purpose

SEARCHED_FOR = timedelta(days=1)
"""How long a provider that cannot tell is asked again."""

REPEATS = 5
"""How often the same bytes are sent again for an author who would rather have them twice than not at all: a server that
takes messages and never answers must not fill a mailbox."""

SAFE_PART = 0.9
"""Of a key's lifetime: what is left covers the way to the provider, and clocks that differ."""

NO_ANSWER = "It may have gone out, and nothing can tell: settle it with `nurture outbox settle`."


class Way(Enum):
    """What is to be done about a message in doubt."""

    REPEAT = auto()
    SEARCH = auto()
    LEAVE = auto()


@dataclass(frozen=True, slots=True)
class Doubt:
    """One message in doubt: how many attempts may have left, since when that is known, and when the first could have.

    Not `is_dated`: the clock jumped since, and none of these times tells how long ago it was.
    """

    key: str
    attempts: int
    doubts: int
    first_at: datetime
    since: datetime
    policy: WhenUnknown
    is_dated: bool


def doubt_of(row: OutboxRow, policy: WhenUnknown, now: datetime) -> Doubt:
    """What is in doubt about a message that was claimed as `unknown`."""
    first_at = row.intent.date if row.intent is not None else row.queued_at
    if row.parcel is not None:
        first_at = made_at(row.parcel)
    return Doubt(row.key, row.attempts, row.doubts, first_at, row.unknown_since or now, policy, not row.clock_jumped)


def policy_of(world: World, row: OutboxRow) -> WhenUnknown:
    """The author's, for what a campaign sends; notices to one person are not repeated."""
    if row.purpose is not Purpose.TOUCH:
        return WhenUnknown.AT_MOST_ONCE
    program: Program | None = world.programs.get((row.campaign, row.version))
    return program.when_unknown if program is not None else WhenUnknown.AT_MOST_ONCE


def is_remembered(can: Capabilities, first_at: datetime, now: datetime, *, is_dated: bool) -> bool:
    """Whether the provider surely remembers a key that it may have got at that time.

    Not where the clock is known to have jumped since, nor where it must have: that time is still to come.
    """
    if can.key_lifetime is None or not is_dated:
        return False
    return -JUMP < now - first_at < can.key_lifetime * SAFE_PART


def way(can: Capabilities, doubt: Doubt, now: datetime) -> Way:
    """What to do about it now."""
    if can.repeat is Repeat.KEYED:
        if is_remembered(can, doubt.first_at, now, is_dated=doubt.is_dated):
            return Way.REPEAT
    elif can.repeat is Repeat.SEARCHABLE and now - doubt.since < SEARCHED_FOR:
        return Way.SEARCH
    again = doubt.policy is WhenUnknown.AT_LEAST_ONCE and doubt.doubts <= REPEATS
    return Way.REPEAT if again else Way.LEAVE


def next_look(can: Capabilities, doubt: Doubt, now: datetime) -> datetime | None:
    """When to do it; None where only a person can settle it."""
    match way(can, doubt, now):
        case Way.SEARCH:
            return max(now, doubt.since) + max(settling(can), now - doubt.since)
        case Way.REPEAT:
            return next_try(doubt.key, max(doubt.attempts, 1), doubt.first_at, now, None) or now + FIRST
        case Way.LEAVE:
            return None


def settling(can: Capabilities) -> timedelta:
    """How long after a send a search that finds nothing means nothing."""
    return max(can.search_settles or timedelta(), timedelta(seconds=1))
