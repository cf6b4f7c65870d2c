"""A person does not want our mails any more: true in the database before the page answers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from nurture.core.events import Confirmed, Suppressed, Unsuppressed
from nurture.core.ids import derive
from nurture.core.words import Suppression
from nurture.storage.bulk import lock
from nurture.storage.contacts import contact_ids_by_touch, suppress_address
from nurture.storage.inbox import post_events
from nurture.storage.instance import instance
from nurture.storage.tables import agenda, events, suppressions
from nurture.storage.words import TO_COLLEAGUES, Purpose

_LIFT = [Confirmed.kind, Unsuppressed.kind]


def unsubscribe(c: Connection, message: str, now: datetime) -> bool:
    """Never write again to whom this message went; False when nobody is known by it.

    Delivery heeds the suppression from this commit on, the event tells the rules. A second call changes nothing, unless the
    contact asked for our mails in between: until that is decided, the first objection's row stands, and is about to go.
    """
    owner = contact_ids_by_touch(c, [message]).get(message)
    if owner is None or owner.purpose in TO_COLLEAGUES:
        return False
    own = instance(c)
    lock(c, agenda, "contact_id", [owner.contact_id])  # before the suppression, as the engine does
    suppress_address(c, owner.address, Suppression.UNSUBSCRIBED, now)
    since = _since(c, own.address_hash(owner.address)) or now
    asked_again = _asked_again(c, owner.contact_id)
    key = derive(own.salt, "unsubscribed", owner.contact_key, since.isoformat(), *asked_again)
    touch = message if owner.purpose == Purpose.TOUCH else None
    event = Suppressed(key, now if asked_again else since, Suppression.UNSUBSCRIBED, touch)
    post_events(c, [(owner.contact_id, event)], now)
    return True


def _since(c: Connection, digest: str) -> datetime | None:
    """When this objection was first stored: what names its event, however often the button is pressed."""
    s = suppressions.c
    query = select(s.at).where(s.address_hash == digest, s.reason == Suppression.UNSUBSCRIBED.value)
    found: datetime | None = c.execute(query).scalar()
    return found


def _asked_again(c: Connection, contact_id: int) -> Sequence[str]:
    """The key of what will lift an objection once it is decided; of several, of the last that came."""
    e = events.c
    query = select(e.key).where(e.contact_id == contact_id, e.consumed_at.is_(None), e.kind.in_(_LIFT))
    return c.execute(query.order_by(e.received_at.desc(), e.key).limit(1)).scalars().all()
