"""Messages of which nobody knows whether they left: what comes back about them, what a person says, and a worker's log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, select

from nurture.core.events import Withheld
from nurture.core.words import Gate
from nurture.storage.bulk import AnyRow, among, lock, update_rows
from nurture.storage.database import real_now
from nurture.storage.inbox import post_events
from nurture.storage.outbox import PARKED, release_outbox
from nurture.storage.parcels import unseen
from nurture.storage.results import CAME_BACK, Accepted, NeverLeft, Result, settle
from nurture.storage.tables import agenda, contacts, outbox
from nurture.storage.words import OutboxState, Purpose

_UNKNOWN = outbox.c.state == OutboxState.UNKNOWN.value
_OPEN = outbox.c.state.in_([OutboxState.UNKNOWN.value, OutboxState.INTENT.value])
_IN_FLIGHT = and_(outbox.c.token == bindparam("token"), outbox.c.state == OutboxState.INTENT.value)
_OVERDUE = and_(_IN_FLIGHT, outbox.c.leased_until <= bindparam("real_now"))

BY_A_PERSON = "A person settled it: "
NOT_SENT = f"{BY_A_PERSON}it was not sent."


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A message that is unknown. `again` is when it is looked into; None: a person or a webhook settles it."""

    key: str
    address: str
    purpose: str
    campaign: str
    step: str
    message_id: str | None
    since: datetime | None
    attempts: int
    again: datetime | None
    said: str


def list_unknown(c: Connection, limit: int | None = None) -> list[Doubtful]:
    """All that are unknown, longest first. For people: it looks through the whole outbox."""
    query = select(*_TOLD).join(contacts, contacts.c.id == outbox.c.contact_id)
    query = query.where(_UNKNOWN).order_by(outbox.c.settled_at, outbox.c.key)
    return [Doubtful(*row) for row in c.execute(query.limit(limit))]


_TOLD: list[ColumnElement[Any]] = [
    outbox.c.key, contacts.c.address,
    *(outbox.c[name] for name in ("purpose", "campaign", "step", "message_id", "settled_at", "attempts", "due_at", "detail")),
]  # fmt: skip


def settle_by_sign(
    c: Connection,
    seen: Mapping[str, datetime],
    business_now: datetime,
    to_be_told: Collection[int] = (),
    fetched: Collection[str] = (),
) -> set[str]:
    """Something came back about these messages, first at this instant: whoever was unknown among them was sent.

    Of one whose outcome is being waited for it is remembered, in case the worker that sent it never tells. What went in one
    request was taken or not as a whole, so that one of it speaks for the others. Answers which became `sent`.

    `to_be_told` are the contacts that this transaction goes on to post events for: they are locked with those of the
    messages, in one order. Two statements where there is nothing to do, as nearly always.

    Of those `fetched` nothing is known but that somebody follows their links, which a server that is being given one does,
    too, before it answers: while an attempt is repeated, that says nothing of those before it. What went in a request of
    several was given to no such server by us.
    """
    o = outbox.c
    query = select(o.key, o.contact_id, o.parcel).where(among(c, o.key, sorted(seen)), _OPEN)
    found = {row.key: row for row in c.execute(query)} if seen else {}
    parcels = {row.parcel: seen[row.key] for row in found.values() if row.parcel is not None}
    if parcels:
        others = {row.key: row for row in unseen(c, parcels) if row.key not in found}
        seen = {**seen, **{key: parcels[row.parcel] for key, row in others.items()}}
        found |= others
    lock(c, agenda, "contact_id", {*to_be_told, *(row.contact_id for row in found.values())})
    if not found:
        return set()
    held = lock(c, outbox, "key", found, _OPEN)
    settled = settle(c, [Accepted(key, seen[key], CAME_BACK) for key in held], _UNKNOWN, business_now)
    scanned = _repeated(c, set(fetched).intersection(held)) if len(settled) < len(held) else set()
    waited = [(key, seen[key]) for key in held if key not in settled and key not in scanned]
    update_rows(c, outbox, ("key", "seen_at"), waited, key=["key"])
    return settled


def _repeated(c: Connection, keys: Collection[str]) -> set[str]:
    """Of these, those that go by themselves, and of which an earlier attempt may have left."""
    o = outbox.c
    query = select(o.key).where(among(c, o.key, sorted(keys)), o.doubts > 0, o.parcel.is_(None))
    return set(c.execute(query).scalars())


def settle_by_person(c: Connection, keys: Collection[str], business_now: datetime, *, was_sent: bool) -> set[str]:
    """A person found out about unknown messages; answers which were unknown, and so are settled.

    Sent: as if the transport had said so. Not sent: a notice, and a touch that is still looked into, are sent again; where
    the campaign has gone on without it, the contact's record says that it did not get the touch.
    """
    if was_sent:
        said = [Accepted(key, business_now, f"{BY_A_PERSON}it was sent.") for key in keys]
        return settle(c, said, _UNKNOWN, business_now)
    o = outbox.c
    query = select(o.key, o.contact_id, o.purpose, o.due_at, o.gate, o.round).where(
        among(c, o.key, sorted(keys)), _UNKNOWN
    )
    rows = {row.key: row for row in c.execute(query)}
    lock(c, agenda, "contact_id", {row.contact_id for row in rows.values()})
    held = lock(c, outbox, "key", rows, _UNKNOWN)
    passed = [rows[key] for key in held if rows[key].purpose == Purpose.TOUCH and not _is_looked_into(rows[key])]
    again = [NeverLeft(key, business_now, NOT_SENT) for key in held if rows[key] not in passed]
    _pass_over(c, passed, business_now)
    settle(c, again, _UNKNOWN, business_now)
    return set(held)


def _is_looked_into(row: AnyRow) -> bool:
    """Whether it is due again, or will be once a brake is released."""
    return row.due_at is not None or row.gate == PARKED


def _pass_over(c: Connection, rows: Sequence[AnyRow], now: datetime) -> None:
    done = [(row.key, OutboxState.WITHHELD, Gate.NOT_SENT, now, NOT_SENT, 0) for row in rows]
    update_rows(c, outbox, ("key", "state", "gate", "settled_at", "detail", "doubts"), done, key=["key"])
    told = [
        (row.contact_id, Withheld(f"not-sent:{row.key}:{row.round}", now, row.key, Gate.NOT_SENT, detail=NOT_SENT))
        for row in rows
    ]
    post_events(c, told, now)


def settle_vanished(c: Connection, token: int, results: Sequence[Result], business_now: datetime) -> int:
    """Write what is known of the batch of a worker that is surely dead, and free what had no intent yet."""
    settled = settle(c, results, _IN_FLIGHT, business_now, token=token) if results else set()
    release_outbox(c, token)
    return len(settled)


def overdue_tokens(c: Connection) -> Sequence[int]:
    """The batches whose intents are committed, and whose worker has had its time."""
    o = outbox.c
    query = select(o.token).where(o.state == OutboxState.INTENT.value, o.leased_until <= real_now(c)).distinct()
    return c.execute(query).scalars().all()


def settle_overdue(c: Connection, token: int, results: Sequence[Result], business_now: datetime) -> int:
    """Write what is known of the batch of a worker that lives, but has had its time; answers of how many messages."""
    if not results:
        return 0
    return len(settle(c, results, _OVERDUE, business_now, token=token, real_now=real_now(c)))


def held_under(c: Connection, token: int) -> Sequence[tuple[str, str | None]]:
    """The messages of this token whose intent is committed and whose outcome is not, and the parcel of each.

    All of the token are locked first, contacts before messages: a commit that its worker did not live to see the end of is
    waited for.
    """
    o = outbox.c
    rows = c.execute(select(o.key, o.contact_id).where(o.token == token)).all()
    lock(c, agenda, "contact_id", {row.contact_id for row in rows})
    lock(c, outbox, "key", [row.key for row in rows])
    query = select(o.key, o.parcel).where(o.token == token, o.state == OutboxState.INTENT.value)
    return [(key, parcel) for key, parcel in c.execute(query)]
