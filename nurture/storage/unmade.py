"""Notices that could not be made: no campaign waits for their outcome, so that a person has to see them and have them tried again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from nurture.core.words import Gate
from nurture.storage.bulk import among, lock
from nurture.storage.effects import FRESH
from nurture.storage.tables import contacts, outbox
from nurture.storage.words import OutboxState, Purpose

_UNMADE = and_(
    outbox.c.state == OutboxState.WITHHELD.value,
    outbox.c.gate == Gate.FAULT.value,
    outbox.c.purpose != Purpose.TOUCH.value,
)


@dataclass(frozen=True, slots=True)
class Unmade:
    """A confirmation, a hand-off or a message to a team that never left; `problem` is the sentence that says what to mend."""

    key: str
    purpose: str
    contact: str
    recipient: str
    campaign: str
    at: datetime
    problem: str


def unmade(c: Connection, limit: int = 100, *, contact: int | None = None) -> list[Unmade]:
    """Those of one contact or of all, oldest first. Its cost grows with the outbox: for people, not for the engine."""
    o, p = outbox.c, contacts.c
    recipient = func.coalesce(o.recipient, p.address)
    query = select(o.key, o.purpose, p.address, recipient, o.campaign, o.settled_at, o.detail)
    query = query.join(contacts, p.id == o.contact_id).where(*_whose(contact))
    return [Unmade(*row) for row in c.execute(query.order_by(o.settled_at, o.key).limit(limit))]


def count_unmade(c: Connection) -> int:
    """How many there are."""
    return int(c.execute(select(func.count()).select_from(outbox).where(_UNMADE)).scalar_one())


def try_again(c: Connection, now: datetime, *, contact: int | None = None) -> int:
    """Queue them again, of one contact or of all, as if they were new; answers how many."""
    keys = c.execute(select(outbox.c.key).where(*_whose(contact))).scalars().all()
    held = lock(c, outbox, "key", keys, _UNMADE)
    fresh = {**dict.fromkeys(FRESH), "round": outbox.c.round + 1}
    change = update(outbox).where(among(c, outbox.c.key, held))
    c.execute(change.values(state=OutboxState.QUEUED, attempts=0, due_at=now, detail="", **fresh))
    return len(held)


def _whose(contact: int | None) -> list[ColumnElement[bool]]:
    return [_UNMADE] if contact is None else [_UNMADE, outbox.c.contact_id == contact]
