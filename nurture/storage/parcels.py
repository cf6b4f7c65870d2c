"""Messages that go to a provider in one request: what is in doubt about one is in doubt about all, so they are kept together.

Who is in a request, in which order and under which key, stands on the messages before a byte of it is written (`Intent`).
While its outcome is not known it may only be repeated whole, by one worker; whoever claims one of it takes the others, too.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, bindparam, literal_column, or_, select, update

from nurture.storage.bulk import AnyRow, among, is_sqlite, one_of_those, update_rows
from nurture.storage.database import real_now
from nurture.storage.outbox import DECIDED, PARKED, OutboxClaim, OutboxRow, read_rows
from nurture.storage.tables import outbox
from nurture.storage.words import OutboxState

_STAMP = "%Y%m%dT%H%M%S.%f"

_INDEXED = outbox.c.state.in_([literal_column("'intent'"), literal_column("'unknown'")])
"""As the index of parcels says it: SQLite uses it for nothing else."""

_UNKNOWN = outbox.c.state == OutboxState.UNKNOWN.value
_DUE = and_(_UNKNOWN, outbox.c.due_at.is_not(None))
_FREE = or_(outbox.c.token.is_(None), outbox.c.leased_until <= bindparam("real_now"))
_IN_DOUBT = or_(_DUE, and_(_UNKNOWN, outbox.c.gate == PARKED), outbox.c.state == OutboxState.INTENT.value)
_NOT_OURS = or_(outbox.c.token.is_(None), outbox.c.token != bindparam("ours"))


def parcel_key(made_at: datetime, token: int, number: int) -> str:
    """The key of a request that no other bears. It tells when it was made: a provider remembers it for so long."""
    return f"{made_at.astimezone(UTC):{_STAMP}}-{token:016x}-{number}"


def made_at(parcel: str) -> datetime:
    """The business time at which the members of the parcel of this key were fixed."""
    return datetime.strptime(parcel.partition("-")[0], _STAMP).replace(tzinfo=UTC)


def take_others(
    c: Connection, claim: OutboxClaim, parcels: Collection[str], business_now: datetime
) -> tuple[OutboxRow, ...]:
    """Lease those in doubt of these parcels that nobody has, whenever they are due, under the claim's token."""
    theirs = select(outbox.c.key).where(among(c, outbox.c.parcel, parcels), _INDEXED, _DUE, _FREE, DECIDED)
    picked = theirs.with_for_update(skip_locked=True)
    change = update(outbox).values(token=claim.token, leased_until=claim.until)
    change = change.where(one_of_those(is_sqlite(c), outbox.c.key, picked))
    told = {"real_now": real_now(c), "business_now": business_now}
    taken = c.execute(change.returning(outbox.c.key), told).scalars().all()
    return read_rows(c, set(taken) - {row.key for row in claim.rows})


def torn(c: Connection, token: int, parcels: Collection[str]) -> frozenset[str]:
    """Those of these parcels of which others have a part that would be in a repetition, or which wait in part for a brake."""
    o = outbox.c
    query = select(o.parcel).where(among(c, o.parcel, parcels), _INDEXED, _IN_DOUBT, o.place.is_not(None), _NOT_OURS)
    return frozenset(c.execute(query.distinct(), {"ours": token}).scalars())


def unseen(c: Connection, parcels: Collection[str]) -> Sequence[AnyRow]:
    """Key, contact and parcel of those in doubt, or under way, in these requests and in every repetition of them, about which
    nothing came back yet.
    """
    o = outbox.c
    query = select(o.key, o.contact_id, o.parcel).where(among(c, o.parcel, sorted(parcels)), _INDEXED)
    return c.execute(query.where(o.place.is_not(None), o.seen_at.is_(None))).all()


def leave_out(c: Connection, token: int, keys: Collection[str]) -> None:
    """These messages of this worker are in no repetition of their parcel."""
    if keys:
        c.execute(
            update(outbox).where(among(c, outbox.c.key, sorted(keys)), outbox.c.token == token).values(place=None)
        )


def regroup(c: Connection, written: Collection[str], apart: Collection[str], back: Mapping[str, int]) -> None:
    """Of the messages whose results this transaction has written: those `apart` go by themselves from now on; those of `back`
    were, in these places, in all that the provider can have got under their key.
    """
    if alone := sorted(key for key in apart if key in written):
        c.execute(update(outbox).where(among(c, outbox.c.key, alone)).values(parcel=None, place=None))
    places = [(key, back[key]) for key in sorted(back) if key in written]
    update_rows(c, outbox, ("key", "place"), places, key=["key"])
