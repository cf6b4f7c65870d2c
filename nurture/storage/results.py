"""What came of messages: the outbox's honest states, one record an attempt, and the event that `decide` hears."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias, assert_never

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, select

from nurture.core.events import Bounced, Event, Refused, SendUnknown, Sent, Withheld
from nurture.core.words import Gate, Hardness
from nurture.storage.bulk import AnyRow, among_given, given_values, insert_rows, is_sqlite, lock, update_rows
from nurture.storage.database import real_now
from nurture.storage.inbox import post_events
from nurture.storage.tables import agenda, deliveries, outbox
from nurture.storage.words import OutboxState, Purpose

_OURS = outbox.c.token == bindparam("token")
_STALE = and_(outbox.c.state == OutboxState.INTENT.value, outbox.c.leased_until <= bindparam("real_now"))

SETTLED = ("key", "state", "due_at", "settled_at", "gate", "detail", "token", "leased_until")
ATTEMPT = ("contact_id", "key", "attempt", "at", "outcome", "provider_id", "detail")


@dataclass(frozen=True, slots=True)
class Accepted:
    """The next host took the message, really at `at`."""

    key: str
    at: datetime
    detail: str = ""
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """It was not sent, and why; `until` when it may be tried again (`decide` queues it again)."""

    key: str
    gate: Gate
    until: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """The next host refused it for good."""

    key: str
    hardness: Hardness
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Deferred:
    """It did not go out now; delivery itself tries again at `until`, and `decide` hears nothing."""

    key: str
    until: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NotKnown:
    """Whether it went out cannot be known."""

    key: str
    detail: str = ""


Result: TypeAlias = Accepted | HeldBack | TurnedDown | Deferred | NotKnown


def commit_results(c: Connection, token: int, results: Sequence[Result], business_now: datetime) -> set[str]:
    """Write what came of messages in this worker's hands, and give them back; answers whose result was written.

    A message that another worker took over, or that was withdrawn, is left out.
    """
    return _settle(c, results, _OURS, business_now, token=token)


def recover_stale(c: Connection, business_now: datetime, limit: int = 500) -> int:
    """Own up to intents whose worker vanished: they may have gone out. Answers how many became unknown.

    Messages without an intent need nothing: when their lease has run out they are taken again.
    """
    query, told = select(outbox.c.key).where(_STALE).order_by(outbox.c.leased_until).limit(limit), real_now(c)
    keys = c.execute(query, {"real_now": told}).scalars().all()
    lost = [NotKnown(key, "the worker that had it vanished after the intent") for key in keys]
    return len(_settle(c, lost, _STALE, business_now, real_now=told))


def _settle(
    c: Connection, results: Sequence[Result], ours: ColumnElement[bool], business_now: datetime, **told: Any
) -> set[str]:
    """Contacts are locked before messages, as everywhere. `told` are what `ours` asks for."""
    given = {**given_values(c, [r.key for r in results]), **told}
    rows = {row.key: row for row in c.execute(_about(is_sqlite(c), ours), given)}
    lock(c, agenda, "contact_id", {row.contact_id for row in rows.values()})
    held = set(lock(c, outbox, "key", rows, ours, **told))
    kept = sorted((r for r in results if r.key in held), key=lambda r: r.key)
    update_rows(c, outbox, SETTLED, [_settled(r, business_now) for r in kept], key=["key"])
    tried = [_attempt(r, rows[r.key], business_now) for r in kept if not isinstance(r, HeldBack)]
    insert_rows(c, deliveries, ATTEMPT, tried)
    heard = [(rows[r.key].contact_id, _event(r, rows[r.key], business_now)) for r in kept]
    post_events(c, [(who, event) for who, event in heard if event is not None], business_now)
    return held


@lru_cache
def _about(lite: bool, ours: ColumnElement[bool]) -> Select[tuple[str, int, str, int, int]]:
    o = outbox.c
    return select(o.key, o.contact_id, o.purpose, o.round, o.attempts).where(among_given(lite, o.key), ours)


def _settled(result: Result, now: datetime) -> tuple[Any, ...]:
    """The row of `SETTLED`."""
    match result:
        case Accepted():
            return (result.key, OutboxState.SENT, None, result.at, None, result.detail, None, None)
        case HeldBack():
            return (result.key, OutboxState.WITHHELD, None, now, result.gate, result.detail, None, None)
        case TurnedDown():
            return (result.key, OutboxState.REFUSED, None, now, None, result.detail, None, None)
        case Deferred():
            return (result.key, OutboxState.RETRY, result.until, None, None, result.detail, None, None)
        case NotKnown():
            return (result.key, OutboxState.UNKNOWN, None, now, None, result.detail, None, None)
        case _:
            assert_never(result)


def _attempt(result: Result, row: AnyRow, now: datetime) -> tuple[Any, ...]:
    _, state, _, at, _, detail, _, _ = _settled(result, now)
    provider_id = result.provider_id if isinstance(result, Accepted) else None
    return (row.contact_id, result.key, row.attempts, at or now, state, provider_id, detail)


def _event(result: Result, row: AnyRow, now: datetime) -> Event | None:
    """Its key holds the round, so that a touch withheld and queued again can be sent, or withheld, again."""
    if row.purpose == Purpose.CONFIRMATION and isinstance(result, TurnedDown):
        return Bounced(_name("refused", row), now, result.hardness, detail=result.detail)
    if row.purpose != Purpose.TOUCH:
        return None
    key = result.key
    match result:
        case Accepted():
            return Sent(_name("sent", row), result.at, key)
        case HeldBack():
            return Withheld(_name("withheld", row), now, key, result.gate, result.until, result.detail)
        case TurnedDown():
            return Refused(_name("refused", row), now, key, result.hardness, result.detail)
        case NotKnown():
            return SendUnknown(_name("unknown", row), now, key)
        case Deferred():
            return None
        case _:
            assert_never(result)


def _name(outcome: str, row: AnyRow) -> str:
    return f"{outcome}:{row.key}:{row.round}"
