"""Prospects given to sales, as salespeople see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from nurture.core.state import HandOff
from nurture.core.words import HandOffState
from nurture.storage.bulk import AnyRow
from nurture.storage.load import HAND_OFF, hand_off_of
from nurture.storage.tables import contacts, hand_offs


@dataclass(frozen=True, slots=True)
class Prospect:
    """A hand-off with whom it is about; `reasons` are JSON (reason, subject, detail)."""

    contact_id: int
    contact_key: str
    address: str
    fields: dict[str, Any]
    hand_off: HandOff
    reasons: list[dict[str, Any]]


def find_hand_off(c: Connection, key: str) -> Prospect | None:
    """The hand-off of this key."""
    row = c.execute(_query().where(hand_offs.c.key == key)).first()
    return None if row is None else _prospect(row)


def prospects(c: Connection, states: Sequence[HandOffState] = tuple(HandOffState), limit: int = 1000) -> list[Prospect]:
    """Hand-offs in these states, newest first."""
    query = _query().where(hand_offs.c.state.in_(states)).order_by(hand_offs.c.offered_at.desc(), hand_offs.c.key)
    return [_prospect(row) for row in c.execute(query.limit(limit))]


def _query() -> Select[*tuple[Any, ...]]:
    whose = (contacts.c.key, contacts.c.address, contacts.c.fields, hand_offs.c.reasons)
    return select(*HAND_OFF, *whose).join(contacts, contacts.c.id == hand_offs.c.contact_id)


def _prospect(row: AnyRow) -> Prospect:
    key, address, fields, reasons = row[len(HAND_OFF) :]
    return Prospect(row.contact_id, key, address, fields, hand_off_of(row), reasons)
