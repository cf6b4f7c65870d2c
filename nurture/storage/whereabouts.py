"""Where contacts stand, and nothing else of them: for whoever asks so little of so many that loading them would cost most."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, or_, select

from nurture.core.codec import position_from_json, reminder_from_json
from nurture.core.state import ContactState, Enrolment
from nurture.storage.bulk import among_given, given_values, is_sqlite
from nurture.storage.load import UNREADABLE
from nurture.storage.tables import agenda, contacts, enrolments


def whereabouts(c: Connection, ids: Collection[int], business_now: datetime) -> dict[int, ContactState]:
    """Those of these contacts for whom nothing is due, and who are not with sales: their key and enrolments alone.

    Who cannot be read is left out.
    """
    found: dict[int, ContactState] = {}
    places: dict[int, dict[str, Enrolment]] = {}
    unread: set[int] = set()
    rows = c.execute(_query(is_sqlite(c)), {**given_values(c, ids), "by": business_now}).all()
    for who, key, *row in rows:
        try:
            mine = places.setdefault(who, {})
            mine[row[0]] = _enrolment(row)
            found[who] = ContactState(key=key, enrolments=mine)
        except UNREADABLE:
            unread.add(who)
    return {who: state for who, state in found.items() if who not in unread}


@lru_cache
def _query(lite: bool) -> Select[Any]:
    e, a, p = enrolments.c, agenda.c, contacts.c
    columns = (
        e.campaign, e.version, e.stage, e.position, e.details, e.entered_at, e.began_at, e.anchor, e.rotation,
        e.held_out, e.reminders,
    )  # fmt: skip
    query = select(p.id, p.key, *columns).join(enrolments, e.contact_id == p.id)
    query = query.outerjoin(agenda, a.contact_id == p.id).where(among_given(lite, e.contact_id), p.hand_off.is_(None))
    return query.where(or_(a.due_at.is_(None), a.due_at > bindparam("by")))


def _enrolment(row: list[Any]) -> Enrolment:
    campaign, version, stage, position, details, entered_at, began_at, anchor, rotation, held_out, reminders = row
    where, due = position_from_json(position, details), tuple(map(reminder_from_json, reminders))
    return Enrolment(campaign, version, stage, where, entered_at, began_at, anchor, rotation, held_out, (), due)
