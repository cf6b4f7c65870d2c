"""Asking a provider what became of a message in doubt."""

from datetime import datetime, timedelta
from typing import assert_never, cast

from nurture.delivery.doubt import settling
from nurture.providers.transport import CannotTell, NotSeen, Searchable, Seen, Transport
from nurture.storage.outbox import OutboxRow
from nurture.storage.results import Accepted, LeftOpen, NeverLeft, Result

MARGIN = timedelta(minutes=15)
"""How much a provider's clock may be behind: it is asked from so long before the message could first have left."""

SHOWN = 500


async def find(transport: Transport, row: OutboxRow, now: datetime) -> Result:
    """What the provider's answer makes of the message: sent, never left, or asked again, later each time."""
    can = transport.capabilities
    since = row.unknown_since or now
    first_at = row.intent.date if row.intent is not None else row.queued_at
    match await cast(Searchable, transport).find(row.key, first_at - MARGIN):
        case Seen(provider_id=provider_id):
            return Accepted(row.key, since, "The provider has it: its answer was lost.", provider_id)
        case NotSeen():
            return NeverLeft(row.key, now, "The provider never got it.")
        case CannotTell(text=text):
            return LeftOpen(row.key, now + max(settling(can), now - since), text[:SHOWN])
        case other:
            assert_never(other)
