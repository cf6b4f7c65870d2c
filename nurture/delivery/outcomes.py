"""What the transport answered, as the result that is written down."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from nurture.core.program import WhenUnknown
from nurture.core.words import Gate, Hardness
from nurture.delivery.batch import WHEN_STOPPED
from nurture.delivery.doubt import NO_ANSWER, Doubt, is_remembered, next_look
from nurture.delivery.last_look import LastLook
from nurture.delivery.retries import next_try
from nurture.providers import transport
from nurture.storage import results
from nurture.storage.outbox import OutboxRow

SHOWN = 500


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message as it was claimed, so that this attempt is one more than its count; `first_at` is its intent's date.

    Those of one `parcel` come back at the same time.
    """

    row: OutboxRow
    first_at: datetime
    policy: WhenUnknown
    can: transport.Capabilities
    parcel: str | None = None

    @property
    def name(self) -> str:
        """What spreads its next attempts from those of others."""
        return self.parcel or self.row.key


def result_of(outcome: transport.Outcome, attempt: Attempt, look: LastLook, now: datetime) -> results.Result:
    """The result of one attempt."""
    row = attempt.row
    match outcome:
        case transport.Accepted(reply=reply, provider_id=provider_id):
            return results.Accepted(row.key, now, reply[:SHOWN], provider_id)
        case transport.RefusedForGood(hardness=hardness, text=text):
            return results.TurnedDown(row.key, hardness, text[:SHOWN], bool(row.doubts) and _would_know(attempt, now))
        case transport.TryLater(text=text, after=after):
            return _later(attempt, text[:SHOWN], after, now)
        case transport.Unknown(text=text, for_good=for_good):
            again = None if for_good else next_look(attempt.can, _doubt(attempt, now), now)
            return results.NotKnown(row.key, text[:SHOWN], again)
        case transport.Stopped(text=text):
            return _stopped(row, look, text, now)
        case transport.Again(text=text, apart=True) if row.doubts:
            return results.LeftOpen(row.key, None, f"{text[:SHOWN]} {NO_ANSWER}")
        case transport.Again(text=text):
            return results.Deferred(row.key, now, text[:SHOWN])
        case _:
            assert_never(outcome)


def _would_know(attempt: Attempt, now: datetime) -> bool:
    """Whether this provider answers under a key as it did the first time, had it taken the message then."""
    is_dated = not attempt.row.clock_jumped
    return attempt.parcel is None and is_remembered(attempt.can, attempt.first_at, now, is_dated=is_dated)


def _doubt(attempt: Attempt, now: datetime) -> Doubt:
    row = attempt.row
    since = (row.unknown_since or now) if row.doubts else now
    return Doubt(
        attempt.name, row.attempts + 1, row.doubts + 1, attempt.first_at, since, attempt.policy, not row.clock_jumped
    )


def _later(attempt: Attempt, text: str, after: timedelta | None, now: datetime) -> results.Result:
    row = attempt.row
    until = next_try(attempt.name, row.attempts + 1, row.queued_at, now, after)
    if until is None and row.doubts:  # what may have gone out earlier was not refused
        return results.LeftOpen(row.key, None, f"Given up after {row.attempts + 1} attempts. {text}")
    if until is None:
        return results.TurnedDown(row.key, Hardness.SOFT, f"Given up after {row.attempts + 1} attempts. {text}")
    return results.Deferred(row.key, until, text)


def _stopped(row: OutboxRow, look: LastLook, text: str, now: datetime) -> results.Result:
    reasons = look.suppressed.get(row.key)
    if reasons:
        return results.HeldBack(row.key, Gate.SUPPRESSED, None, ", ".join(sorted(reasons)))
    return results.Deferred(row.key, now + WHEN_STOPPED, text)
