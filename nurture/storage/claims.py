"""Which contacts are due, and in whose hands: the engine's side of the agenda."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select

from nurture.storage import leases
from nurture.storage.bulk import among_given, given_values, is_sqlite, lock, update_rows
from nurture.storage.database import real_now
from nurture.storage.tables import agenda, outbox, receipts

_OURS = agenda.c.token == bindparam("token")
_ONE_MORE = agenda.c.strikes + 1


@dataclass(frozen=True, slots=True)
class Claim:
    """Contacts in this worker's hands. `until` is the database's time, not the business's."""

    token: int
    ids: tuple[int, ...]
    until: datetime


def claim_contacts(c: Connection, business_now: datetime, limit: int, lease: timedelta) -> Claim:
    """Take up to `limit` contacts that are due; cost follows `limit`, whatever else the agenda holds."""
    taken = leases.take(c, agenda, "contact_id", business_now, limit, lease)
    return Claim(taken.token, taken.keys, taken.until)


def still_held(c: Connection, claim: Claim, ids: set[int]) -> set[int]:
    """Lock those of `ids` that are still this claim's, until the transaction ends."""
    return set(lock(c, agenda, "contact_id", ids, _OURS, token=claim.token))


def idle(c: Connection, ids: Collection[int]) -> set[int]:
    """Those of these contacts that no worker has in hand. They stay so to the end of a transaction that locked their agenda."""
    told = {**given_values(c, ids), "real_now": real_now(c)}
    return set(c.execute(_idle(is_sqlite(c)), told).scalars())


def release(c: Connection, claim: Claim) -> None:
    """Give back what was not committed: it is due again at once."""
    lock(c, agenda, "contact_id", claim.ids, _OURS, token=claim.token)
    leases.give_back(c, agenda, claim.token)


def set_aside(c: Connection, claim: Claim, problems: Mapping[int, str], until: datetime) -> None:
    """Give back contacts that could not be decided, not due before `until`, with what went wrong for a person to read."""
    held = still_held(c, claim, set(problems))
    rows = [(who, until, None, None, problems[who]) for who in sorted(held)]
    names = ("contact_id", "due_at", "token", "leased_until", "problem")
    update_rows(c, agenda, names, rows, key=["contact_id"], also={"strikes": _ONE_MORE})


def next_due(c: Connection) -> datetime | None:
    """When the next contact, message or receipt in nobody's hands is due; may lie in the past."""
    found = (leases.first_due(c, table) for table in (agenda, outbox, receipts))
    return min((due for due in found if due is not None), default=None)


def in_hand(c: Connection, business_now: datetime) -> int:
    """How much that is due lies in workers' hands: while there is any, virtual time must stand still."""
    at_work = (and_(table.c.due_at <= business_now, table.c.token.is_not(None)) for table in (agenda, receipts))
    counts = [c.execute(select(func.count()).where(test)).scalar_one() for test in at_work]
    sending = or_(and_(outbox.c.due_at <= business_now, outbox.c.token.is_not(None)), outbox.c.state == "intent")
    return sum(counts) + int(c.execute(select(func.count()).select_from(outbox).where(sending)).scalar_one())


@lru_cache
def _idle(lite: bool) -> Select[*tuple[Any, ...]]:
    return select(agenda.c.contact_id).where(among_given(lite, agenda.c.contact_id), leases.is_free(agenda))
