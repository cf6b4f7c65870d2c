"""What comes in raw: stored before it is answered, sorted afterwards, never lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, TypeAlias, assert_never

from sqlalchemy import Connection, bindparam, select

from nurture.storage import leases
from nurture.storage.bulk import among, is_sqlite, lock, update_rows
from nurture.storage.canonical import canonical
from nurture.storage.each import wire_text
from nurture.storage.tables import receipts
from nurture.storage.words import ReceiptState

SETTLED = ("id", "state", "due_at", "settled_at", "problem", "token", "leased_until")
_OURS = receipts.c.token == bindparam("token")

# One statement for all, so that the thread that writes lets go of the interpreter's lock once and not row by row. The bodies are one
# value, of which each row has its piece (of no bytes substr makes NULL): bytes do not go into JSON.
_RECEIVED_LITE = """
    INSERT INTO receipts (source, key, body, meta, received_at, state, due_at, problem)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),
        coalesce(substr(?1, json_extract(value, '$[2]'), json_extract(value, '$[3]')), x''),
        json_extract(value, '$[4]'), ?2, ?3, ?2, ''
    FROM json_each(?4) WHERE TRUE
    ON CONFLICT (source, key) DO NOTHING
"""

# Whole columns in binary (%b), as only the driver's own SQL can say. Bodies inside JSON cost twice as much in the server, and
# lists that psycopg writes as text four times as much here.
_RECEIVED = """
    INSERT INTO receipts (source, key, body, meta, received_at, state, due_at, problem)
    SELECT given.source, given.key, given.body, given.meta::jsonb, %(now)s, %(new)s, %(now)s, ''
    FROM unnest(%(sources)b::text[], %(keys)b::text[], %(bodies)b::bytea[], %(metas)b::text[])
        AS given (source, key, body, meta)
    ON CONFLICT (source, key) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A body as it came. `key` is the sender's name for it: from one source, the same key is the same receipt."""

    source: str
    key: str
    body: bytes
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """A receipt in this worker's hands."""

    id: int
    receipt: Receipt
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ReceiptClaim:
    """Receipts in this worker's hands, oldest first."""

    token: int
    receipts: tuple[StoredReceipt, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class Sorted:
    """Everything in it was understood and posted."""

    id: int


@dataclass(frozen=True, slots=True)
class Parked:
    """It is about something not known yet: looked at again at `until`."""

    id: int
    until: datetime
    problem: str = ""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """It cannot be sorted; `problem` is the sentence a person reads."""

    id: int
    problem: str


Settlement: TypeAlias = Sorted | Parked | NotUnderstood


def receive(c: Connection, incoming: Sequence[Receipt], received_at: datetime) -> None:
    """Store what came in and is new."""
    new = {(r.source, r.key): r for r in reversed(incoming)}
    given = [new[name] for name in sorted(new)]
    if is_sqlite(c):
        places = accumulate([len(r.body) for r in given], initial=1)
        rows = [(r.source, r.key, at, len(r.body), canonical(r.meta)) for r, at in zip(given, places, strict=False)]
        bodies = b"".join([r.body for r in given])
        c.exec_driver_sql(_RECEIVED_LITE, (bodies, wire_text(received_at), ReceiptState.NEW, canonical(rows)))
    elif given:
        columns = {
            "sources": [r.source for r in given],
            "keys": [r.key for r in given],
            "bodies": [r.body for r in given],
            "metas": [canonical(r.meta) for r in given],
        }
        c.exec_driver_sql(_RECEIVED, {**columns, "now": received_at, "new": ReceiptState.NEW})


def claim_receipts(c: Connection, business_now: datetime, limit: int, lease: timedelta) -> ReceiptClaim:
    """Take up to `limit` receipts that were not sorted yet."""
    taken = leases.take(c, receipts, "id", business_now, limit, lease)
    if not taken.keys:
        return ReceiptClaim(taken.token, (), taken.until)
    r = receipts.c
    query = (
        select(r.id, r.source, r.key, r.body, r.meta, r.received_at).where(among(c, r.id, taken.keys)).order_by(r.id)
    )
    found = (StoredReceipt(row[0], Receipt(row[1], row[2], bytes(row[3]), row[4]), row[5]) for row in c.execute(query))
    return ReceiptClaim(taken.token, tuple(found), taken.until)


def still_held(c: Connection, claim: ReceiptClaim, ids: Iterable[int]) -> set[int]:
    """Lock those of `ids` that are still this claim's, until the transaction ends."""
    return set(lock(c, receipts, "id", ids, _OURS, token=claim.token))


def settle_receipts(
    c: Connection, claim: ReceiptClaim, settlements: Sequence[Settlement], business_now: datetime
) -> set[int]:
    """Write what became of receipts in this worker's hands, in the transaction that posts their events."""
    held = still_held(c, claim, [s.id for s in settlements])
    rows = [_settled(s, business_now) for s in settlements if s.id in held]
    update_rows(c, receipts, SETTLED, rows, key=["id"])
    return held


def _settled(settlement: Settlement, now: datetime) -> tuple[Any, ...]:
    match settlement:
        case Sorted():
            return (settlement.id, ReceiptState.SORTED, None, now, "", None, None)
        case Parked():
            return (settlement.id, ReceiptState.PARKED, settlement.until, None, settlement.problem, None, None)
        case NotUnderstood():
            return (settlement.id, ReceiptState.NOT_UNDERSTOOD, None, now, settlement.problem, None, None)
        case _:
            assert_never(settlement)
