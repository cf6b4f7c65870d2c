"""What happened to one contact, for people to read."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, select

from nurture.core.codec import event_from_json
from nurture.core.events import Event
from nurture.storage.bulk import given_rows, is_sqlite, relation
from nurture.storage.load import Received
from nurture.storage.tables import events


def events_of(c: Connection, contact_id: int) -> dict[str, Event]:
    """Every event of a contact by its key, in the order received. Timers leave none."""
    return {event.key: event for _, event in _read(c, contact_id, only_waiting=False)}


def waiting_events(c: Connection, contact_id: int) -> list[Received]:
    """Events that no decision has used yet, oldest first."""
    return _read(c, contact_id, only_waiting=True)


def having_events(c: Connection, wanted: Sequence[tuple[int, str]]) -> set[int]:
    """The contacts that have the event of this key already."""
    if not wanted:
        return set()
    names = [events.c.contact_id, events.c.key]
    v = relation(is_sqlite(c), names)
    same = and_(events.c.contact_id == v.c.contact_id, events.c.key == v.c.key)
    return set(c.execute(select(events.c.contact_id).join(v, same), given_rows(c, names, wanted)).scalars())


def _read(c: Connection, contact_id: int, *, only_waiting: bool) -> list[Received]:
    e = events.c
    query = select(e.kind, e.key, e.at, e.payload, e.received_at).where(e.contact_id == contact_id)
    if only_waiting:
        query = query.where(e.consumed_at.is_(None))
    rows = c.execute(query.order_by(e.received_at, e.key))
    return [(received_at, event_from_json(kind, key, at, payload)) for kind, key, at, payload, received_at in rows]
