"""A person does not want our mails any more: true in the database before the page answers."""

from datetime import datetime

from sqlalchemy import Connection, select

from nurture.core.events import Suppressed
from nurture.core.ids import derive
from nurture.core.words import Suppression
from nurture.storage.bulk import lock
from nurture.storage.contacts import contact_ids_by_touch, suppress_address
from nurture.storage.inbox import post_events
from nurture.storage.instance import instance
from nurture.storage.tables import agenda, suppressions
from nurture.storage.words import TO_COLLEAGUES, Purpose


def unsubscribe(c: Connection, message: str, now: datetime) -> bool:
    """Never write again to whom this message went; False when nobody is known by it.

    Delivery heeds the suppression from this commit on, the event tells the rules. A second call changes nothing.
    """
    owner = contact_ids_by_touch(c, [message]).get(message)
    if owner is None or owner.purpose in TO_COLLEAGUES:
        return False
    own = instance(c)
    lock(c, agenda, "contact_id", [owner.contact_id])  # before the suppression, as the engine does
    suppress_address(c, owner.address, Suppression.UNSUBSCRIBED, now)
    since = _since(c, own.address_hash(owner.address)) or now
    key = derive(own.salt, "unsubscribed", owner.contact_key, since.isoformat())
    touch = message if owner.purpose == Purpose.TOUCH else None
    event = Suppressed(key, since, Suppression.UNSUBSCRIBED, touch)
    post_events(c, [(owner.contact_id, event)], now)
    return True


def _since(c: Connection, digest: str) -> datetime | None:
    """When this objection was first stored: what names its event, however often the button is pressed."""
    s = suppressions.c
    query = select(s.at).where(s.address_hash == digest, s.reason == Suppression.UNSUBSCRIBED.value)
    found: datetime | None = c.execute(query).scalar()
    return found
