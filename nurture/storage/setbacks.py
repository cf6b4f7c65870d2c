"""How much came back of what was sent lately: for the brake that nobody has to pull.

What came back is little and read through an index of its own. Only where it is enough to matter is anything counted of what
was sent, and no further than would decide the question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select

from nurture.core.words import Hardness, Suppression
from nurture.storage.tables import deliveries, events, outbox
from nurture.storage.words import OutboxState, Purpose

COUNTED = (Hardness.HARD, Hardness.POLICY)
"""A rule of the receivers' is nobody's fault among the contacts, and exactly what a brake is for; a full mailbox is neither."""


@dataclass(frozen=True, slots=True)
class Setbacks:
    """Of one campaign's mails sent since an instant: how many were called spam, how many came back."""

    complaints: int
    bounces: int


def setbacks(c: Connection, since: datetime, floors: Mapping[str, datetime]) -> dict[str, Setbacks]:
    """By campaign. `floors` are later instants for some of them; only mails that left after it count."""
    e, o = events.c, outbox.c
    spam = and_(e.kind == "suppressed", e.payload["reason"].as_string() == Suppression.COMPLAINED.value)
    back = and_(e.kind.in_(("bounced", "refused")), e.payload["hardness"].as_string().in_(COUNTED))
    kinds = e.kind.in_(("bounced", "refused", "suppressed"))
    query = select(
        o.campaign,
        func.count(case((spam, o.key)).distinct()),
        func.count(case((back, o.key)).distinct()),
    ).join(outbox, o.key == e.payload["touch"].as_string())
    query = query.where(kinds, e.received_at >= since, or_(spam, back), o.purpose == Purpose.TOUCH.value)
    query = query.where(o.settled_at >= case(*_floors(floors), else_=since)).group_by(o.campaign)
    return {campaign: Setbacks(complaints, bounces) for campaign, complaints, bounces in c.execute(query)}


def sent_since(c: Connection, campaign: str, since: datetime, limit: int) -> int:
    """How many of its mails were handed over from then on, counted up to `limit`."""
    d, o = deliveries.c, outbox.c
    tried = d.outcome.in_((OutboxState.SENT.value, OutboxState.REFUSED.value))
    some = select(d.id).join(outbox, o.key == d.key).where(d.at >= since, tried)
    some = some.where(o.campaign == campaign, o.purpose == Purpose.TOUCH.value).limit(limit)
    return int(c.execute(select(func.count()).select_from(some.subquery())).scalar_one())


def _floors(floors: Mapping[str, datetime]) -> list[Any]:
    return [(outbox.c.campaign == name, at) for name, at in floors.items()] or [(outbox.c.campaign == "", None)]
