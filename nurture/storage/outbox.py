"""Messages to hand over: taken, fixed as an intent, and checked against objections in the same transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from nurture.core.words import Suppression
from nurture.storage import leases
from nurture.storage.bulk import AnyRow, among, lock, update_rows
from nurture.storage.database import real_now
from nurture.storage.tables import agenda, contacts, outbox, suppressions
from nurture.storage.words import OutboxState, Purpose

HEEDED: Mapping[Purpose, frozenset[Suppression]] = {
    Purpose.TOUCH: frozenset(Suppression),
    Purpose.CONFIRMATION: frozenset({Suppression.BOUNCED, Suppression.ERASED}),
    Purpose.HAND_OFF: frozenset({Suppression.BOUNCED, Suppression.ERASED}),
    Purpose.NOTIFY: frozenset({Suppression.BOUNCED, Suppression.ERASED}),
}
"""Which suppressions keep a message back: a notice was asked for, or goes to a colleague."""

SENDABLE = (OutboxState.QUEUED, OutboxState.RETRY, OutboxState.UNKNOWN)
PARKED = "brake"
"""The gate of a message that waits behind a brake: it is not due, and will be."""

"""Of the unknown only those come up that are to be looked into: the others have no `due_at`, and so no token."""

INTENT = ("key", "composition", "message_id", "date", "sha256", "slots")
PARCEL = ("parcel", "place")

_OURS = outbox.c.token == bindparam("token")
_SENDABLE = outbox.c.state.in_(SENDABLE)
_ONE_MORE = outbox.c.attempts + 1


@dataclass(frozen=True, slots=True)
class Intent:
    """What fixes a message's bytes: the same template, slots and date give the same SHA-256 again.

    `parcel` is the key of the request in which it goes with others, and `place` its place among them.
    """

    key: str
    composition: str
    message_id: str
    date: datetime
    sha256: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    parcel: str | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message in this worker's hands. `address` is where it goes; `intent` is that of an earlier attempt.

    `doubts` are the attempts that may have left: while there are any, the message is `unknown` since `unknown_since`, and
    sending it is repeating it. `clock_jumped`: business time did, since one of them. `seen_at`: something came back about it.
    """

    key: str
    contact_id: int
    contact_key: str
    address: str
    purpose: Purpose
    campaign: str
    version: str
    rotation: int
    step: str
    part: str
    content: str
    variant: str | None
    thread: str | None
    subject: str
    language: str
    state: OutboxState
    round: int
    attempts: int
    queued_at: datetime
    doubts: int
    unknown_since: datetime | None
    clock_jumped: bool
    seen_at: datetime | None
    intent: Intent | None

    @property
    def parcel(self) -> str | None:
        """The request in which it may have left, while it is in doubt."""
        return self.intent.parcel if self.doubts and self.intent is not None else None


@dataclass(frozen=True, slots=True)
class OutboxClaim:
    """Messages in this worker's hands. `until` is the database's time, not the business's.

    `torn` are the parcels in doubt of which somebody else has a part, or which wait in part behind a brake.
    """

    token: int
    rows: tuple[OutboxRow, ...]
    until: datetime
    torn: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Permits:
    """Which intents were committed and may go on; which addresses must not be written to. A key in neither is lost to us."""

    go: frozenset[str]
    suppressed: Mapping[str, frozenset[Suppression]]


def claim_outbox(c: Connection, business_now: datetime, limit: int, lease: timedelta) -> OutboxClaim:
    """Take up to `limit` messages that are due, oldest first.

    A contact that is to be decided first is left alone: what it just said may take its messages back.
    """
    taken = leases.take(c, outbox, "key", business_now, limit, lease, DECIDED)
    if not taken.keys:
        return OutboxClaim(taken.token, (), taken.until)
    return OutboxClaim(taken.token, read_rows(c, taken.keys), taken.until)


def read_rows(c: Connection, keys: Collection[str]) -> tuple[OutboxRow, ...]:
    """These messages, oldest first."""
    rows = c.execute(_QUERY.where(among(c, outbox.c.key, keys)).order_by(outbox.c.queued_at, outbox.c.key))
    return tuple(_row(row) for row in rows)


DECIDED = ~(
    select(agenda.c.contact_id)
    .where(agenda.c.contact_id == outbox.c.contact_id, agenda.c.due_at <= bindparam("business_now"))
    .exists()
)


def release_outbox(c: Connection, token: int) -> None:
    """Give back what has no intent yet: it is due again at once."""
    held = select(outbox.c.key).where(outbox.c.token == token)
    lock(c, outbox, "key", c.execute(held).scalars().all())
    leases.give_back(c, outbox, token)


def commit_intents(
    c: Connection, token: int, intents: Sequence[Intent], *, lease: timedelta | None = None, parcels: bool = False
) -> Permits:
    """Fix these messages before anything of them leaves, and answer which may go on.

    Suppressions are read in this transaction: whoever objected before it is not written to. A message withdrawn or taken
    over meanwhile is in neither set. `lease` holds the messages that much longer, from now. `parcels`: some of them go, or
    went, with others.
    """
    held = set(lock(c, outbox, "key", [i.key for i in intents], _OURS, _SENDABLE, token=token))
    stopped = read_suppressions(c, held)
    go = held - stopped.keys()
    kept = [i for i in intents if i.key in go]
    rows: list[tuple[Any, ...]] = [(i.key, i.composition, i.message_id, i.date, i.sha256, dict(i.slots)) for i in kept]
    if parcels:
        rows = [(*row, i.parcel, i.place) for row, i in zip(rows, kept, strict=True)]
    also: dict[str, Any] = {"state": OutboxState.INTENT, "due_at": None, "attempts": _ONE_MORE}
    if lease is not None:
        also["leased_until"] = real_now(c) + lease
    update_rows(c, outbox, (*INTENT, *PARCEL) if parcels else INTENT, rows, key=["key"], also=also)
    return Permits(frozenset(go), stopped)


def read_suppressions(c: Connection, keys: Collection[str]) -> dict[str, frozenset[Suppression]]:
    """Of these messages, those that must not leave, with the reasons: to be read again right before the final dot."""
    whose = func.coalesce(outbox.c.recipient_hash, contacts.c.address_hash)
    query = select(outbox.c.key, suppressions.c.reason).join(contacts, contacts.c.id == outbox.c.contact_id)
    query = query.join(suppressions, suppressions.c.address_hash == whose).where(among(c, outbox.c.key, keys), _HEEDS)
    found: dict[str, set[Suppression]] = {}
    for key, reason in c.execute(query):
        found.setdefault(key, set()).add(Suppression(reason))
    return {key: frozenset(reasons) for key, reasons in found.items()}


def read_gone(c: Connection, keys: Collection[str]) -> set[str]:
    """Of these messages, those that are there no more: their contact was erased."""
    return set(keys) - set(c.execute(select(outbox.c.key).where(among(c, outbox.c.key, keys))).scalars())


_HEEDS = or_(
    *(
        and_(outbox.c.purpose == purpose.value, suppressions.c.reason.in_(sorted(reasons)))
        for purpose, reasons in HEEDED.items()
    )
)

_WHOSE = [outbox.c[name] for name in ("key", "contact_id")] + [
    contacts.c.key,
    func.coalesce(outbox.c.recipient, contacts.c.address),
]
_WHAT = [
    outbox.c[name]
    for name in (
        "purpose", "campaign", "version", "rotation", "step", "part", "content", "variant", "thread", "subject",
        "language", "state", "round", "attempts", "queued_at", "doubts", "settled_at",
        "clock_jumped", "seen_at",
    )
]  # fmt: skip
_QUERY = select(*_WHOSE, *_WHAT, *(outbox.c[name] for name in (*INTENT, *PARCEL))).join(
    contacts, contacts.c.id == outbox.c.contact_id
)


def _row(row: AnyRow) -> OutboxRow:
    what, intent = row[5:15], row[23:]
    told = (*row[:4], Purpose(row[4]), *what, OutboxState(row[15]), *row[16:21], bool(row[21]), row[22])
    return OutboxRow(*(*told, None if row.composition is None else Intent(*intent)))
