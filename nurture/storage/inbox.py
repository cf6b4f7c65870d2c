"""What happened to contacts, on its way to be decided: each fact once, and nobody's wake-up lost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from nurture.core.codec import event_to_json
from nurture.core.events import Event
from nurture.storage.bulk import insert_rows, is_sqlite, least, lock, upsert_rows
from nurture.storage.tables import agenda, events

EVENT = ("contact_id", "key", "kind", "at", "received_at", "payload")


def post_events(c: Connection, posted: Sequence[tuple[int, Event]], received_at: datetime) -> int:
    """Store these (contact, event) and wake the contacts; answers how many were new.

    An event whose key the contact has already is the same event, and wakes nobody. The contact is woken in the same
    transaction, also while a worker has it in hand: that worker's commit looks for events it has not seen.
    """
    rows = _rows(posted, received_at)
    if not rows:
        return 0
    lock(c, agenda, "contact_id", {row[0] for row in rows})
    new = insert_rows(c, events, EVENT, rows, unless=["contact_id", "key"], returning=["contact_id"])
    wake(c, {row.contact_id for row in new}, received_at)
    return len(new)


def keep_decided(
    c: Connection, decided: Sequence[tuple[int, Event]], received_at: datetime, used_at: datetime
) -> set[tuple[int, str]]:
    """Store these (contact, event), of contacts whose agenda this transaction has locked, as decided in this transaction;
    answers contact and key of those that are new, and only those may be.
    """
    rows = [(*row, used_at) for row in _rows(decided, received_at)]
    unless = ["contact_id", "key"]
    return {
        tuple(row) for row in insert_rows(c, events, (*EVENT, "consumed_at"), rows, unless=unless, returning=unless)
    }


def _rows(posted: Sequence[tuple[int, Event]], received_at: datetime) -> list[tuple[Any, ...]]:
    rows = {(who, event.key): (who, event.key, event.kind, event.at, received_at, event_to_json(event))
            for who, event in posted}  # fmt: skip
    return [rows[name] for name in sorted(rows)]


def wake(c: Connection, contact_ids: set[int], at: datetime) -> None:
    """Have these contacts looked at no later than `at`."""
    rows = [(who, at, 0, "") for who in sorted(contact_ids)]
    upsert_rows(
        c,
        agenda,
        ("contact_id", "due_at", "strikes", "problem"),
        rows,
        key=["contact_id"],
        keep=["due_at", "strikes", "problem"],
        also=_sooner_lite if is_sqlite(c) else _sooner,
    )


def _sooner(new: Any) -> dict[str, Any]:
    return {"due_at": least(new.due_at, agenda.c.due_at, lite=False)}


def _sooner_lite(new: Any) -> dict[str, Any]:
    return {"due_at": least(new.due_at, agenda.c.due_at, lite=True)}
