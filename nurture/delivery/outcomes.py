"""What the transport answered, as the result that is written down."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from nurture.core.program import WhenUnknown
from nurture.core.words import Gate, Hardness
from nurture.delivery.doubt import Doubt, next_look
from nurture.delivery.last_look import LastLook
from nurture.delivery.retries import next_try
from nurture.providers import transport
from nurture.storage import results
from nurture.storage.outbox import OutboxRow

WHEN_STOPPED = timedelta(minutes=1)
SHOWN = 500


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message as it was claimed, so that this attempt is one more than its count; `first_at` is its intent's date."""

    row: OutboxRow
    first_at: datetime
    policy: WhenUnknown
    can: transport.Capabilities


def result_of(outcome: transport.Outcome, attempt: Attempt, look: LastLook, now: datetime) -> results.Result:
    """The result of one attempt."""
    row = attempt.row
    match outcome:
        case transport.Accepted(reply=reply, provider_id=provider_id):
            return results.Accepted(row.key, now, reply[:SHOWN], provider_id)
        case transport.RefusedForGood(hardness=hardness, text=text):
            return results.TurnedDown(row.key, hardness, text[:SHOWN])
        case transport.TryLater(text=text, after=after):
            return _later(row, text[:SHOWN], after, now)
        case transport.Unknown(text=text):
            return results.NotKnown(row.key, text[:SHOWN], next_look(attempt.can, _doubt(attempt, now), now))
        case transport.Stopped(text=text):
            return _stopped(row, look, text, now)
        case _:
            assert_never(outcome)


def _doubt(attempt: Attempt, now: datetime) -> Doubt:
    row = attempt.row
    since = (row.unknown_since or now) if row.doubts else now
    return Doubt(row.key, row.attempts + 1, row.doubts + 1, attempt.first_at, since, attempt.policy)


def _later(row: OutboxRow, text: str, after: timedelta | None, now: datetime) -> results.Result:
    until = next_try(row.key, row.attempts + 1, row.queued_at, now, after)
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
