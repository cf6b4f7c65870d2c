"""What came of messages: the outbox's honest states, one record an attempt, and the event that `decide` hears."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias, assert_never

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, select

from nurture.core.events import Bounced, Event, Refused, SendUnknown, Sent, Withheld
from nurture.core.words import Gate, Hardness
from nurture.plain_text import storable
from nurture.storage.bulk import AnyRow, among_given, given_values, insert_rows, is_sqlite, lock, update_rows
from nurture.storage.database import real_now
from nurture.storage.inbox import post_events
from nurture.storage.tables import agenda, deliveries, outbox
from nurture.storage.words import OutboxState, Purpose

_OURS = outbox.c.token == bindparam("token")
_STALE = and_(outbox.c.state == OutboxState.INTENT.value, outbox.c.leased_until <= bindparam("real_now"))

SETTLED = ("key", "state", "due_at", "settled_at", "gate", "detail", "token", "leased_until", "doubts")
ATTEMPT = ("contact_id", "key", "attempt", "at", "outcome", "provider_id", "detail")
LONGEST_DETAIL = 1_000
LONGEST_PROVIDER_ID = 200
"""Characters; of those that a provider's events name, as many are compared."""

CAME_BACK = "Something came back about it: it was sent."


@dataclass(frozen=True, slots=True)
class _Told:
    """A result, whatever a server said in it: its detail is text that every database stores, and not more than is read."""

    def __post_init__(self) -> None:
        self._keep("detail", storable(self.detail[:LONGEST_DETAIL]))  # type: ignore[attr-defined]

    def _keep(self, name: str, value: str | None) -> None:
        if value is not getattr(self, name):
            object.__setattr__(self, name, value)


@dataclass(frozen=True, slots=True)
class Accepted(_Told):
    """The next host took the message, really at `at`. What is too long for a name of its own, or is no text, is none."""

    key: str
    at: datetime
    detail: str = ""
    provider_id: str | None = None

    def __post_init__(self) -> None:
        _Told.__post_init__(self)
        name = self.provider_id or ""
        is_one = 0 < len(name) <= LONGEST_PROVIDER_ID and name.isprintable()
        self._keep("provider_id", self.provider_id if is_one else None)


@dataclass(frozen=True, slots=True)
class HeldBack(_Told):
    """It was not sent, and why; `until` when it may be tried again (`decide` queues it again)."""

    key: str
    gate: Gate
    until: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TurnedDown(_Told):
    """The next host refused it for good. `is_sure`: it would have known of an earlier attempt, so that none has left."""

    key: str
    hardness: Hardness
    detail: str = ""
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class Deferred(_Told):
    """It did not go out now; delivery itself tries again at `until`, and `decide` hears nothing."""

    key: str
    until: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NotKnown(_Told):
    """An attempt of which nobody knows whether it left. `again` is when that is looked into; None: a person does."""

    key: str
    detail: str = ""
    again: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeftOpen(_Told):
    """It was looked into, and whether an earlier attempt left is still not known; `again` as of `NotKnown`."""

    key: str
    again: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NeverLeft(_Told):
    """It was looked into, and no attempt left: as if none had been made, it is sent at `at`."""

    key: str
    at: datetime
    detail: str = ""


Result: TypeAlias = Accepted | HeldBack | TurnedDown | Deferred | NotKnown | LeftOpen | NeverLeft


Tell: TypeAlias = Callable[[Connection, Sequence[tuple[int, Event]], datetime], object]
"""What the contacts are told by: (contact, event), and when that was received. Their agenda is locked."""


def commit_results(
    c: Connection, token: int, results: Sequence[Result], business_now: datetime, tell: Tell = post_events
) -> set[str]:
    """Write what came of messages in this worker's hands, and give them back; answers whose result was written.

    A message that another worker took over, or that was withdrawn, is left out.
    """
    return settle(c, results, _OURS, business_now, tell, token=token)


def recover_stale(c: Connection, business_now: datetime, limit: int = 500) -> int:
    """Own up to intents whose worker vanished: they may have gone out. Answers how many became unknown.

    A worker looks into each as its transport and its campaign allow. Messages without an intent need nothing: when their
    lease has run out they are taken again.
    """
    query, told = select(outbox.c.key).where(_STALE).order_by(outbox.c.leased_until).limit(limit), real_now(c)
    keys = c.execute(query, {"real_now": told}).scalars().all()
    if not keys:
        return 0
    lost = [NotKnown(key, "the worker that had it vanished after the intent", business_now) for key in keys]
    return len(settle(c, lost, _STALE, business_now, real_now=told))


def settle(
    c: Connection,
    results: Sequence[Result],
    ours: ColumnElement[bool],
    business_now: datetime,
    tell: Tell = post_events,
    **told: Any,
) -> set[str]:
    """Write the results of those messages for which `ours` holds, and answer which. Contacts are locked before messages.

    `ours` is made once, by a module, and reads `told` as parameters.
    """
    lite, given = is_sqlite(c), {**given_values(c, [r.key for r in results]), **told}
    whose = {row.key: row.contact_id for row in c.execute(_whose(lite, ours), given)}
    if not whose:
        return set()
    lock(c, agenda, "contact_id", set(whose.values()))
    rows = {row.key: row for row in c.execute(_locked(lite, ours), {**given, **given_values(c, whose)})}
    kept = sorted((r for r in results if r.key in rows), key=lambda r: r.key)
    honest = [_honest(r, rows[r.key]) for r in kept]
    update_rows(c, outbox, SETTLED, [_settled(r, rows[r.key], business_now) for r in honest], key=["key"])
    update_rows(
        c, outbox, ("key", "seen_at"), [(r.key, None) for r in honest if _was_turned_away(r, rows[r.key])], key=["key"]
    )
    insert_rows(c, deliveries, ATTEMPT, [_attempt(r, rows[r.key], business_now) for r in kept if type(r) in ATTEMPTED])
    heard = [(rows[r.key].contact_id, _event(r, rows[r.key], business_now)) for r in honest]
    tell(c, [(who, event) for who, event in heard if event is not None], business_now)
    return set(rows)


@lru_cache
def _whose(lite: bool, ours: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    o = outbox.c
    return select(o.key, o.contact_id).where(among_given(lite, o.key), ours)


@lru_cache
def _locked(lite: bool, ours: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Read as they are once locked: something may come back about them while that is waited for."""
    o = outbox.c
    query = select(o.key, o.contact_id, o.purpose, o.round, o.attempts, o.doubts, o.settled_at, o.seen_at)
    return query.where(among_given(lite, o.key), ours).order_by(o.key).with_for_update()


def _honest(result: Result, row: AnyRow) -> Result:
    """What may be said of the whole message, where an earlier attempt may have left or something came back already."""
    match result:
        case NotKnown() | LeftOpen() | NeverLeft() if row.seen_at is not None:
            return Accepted(result.key, row.seen_at, CAME_BACK)
        case Deferred() | HeldBack() if row.seen_at is not None and row.doubts:
            return Accepted(result.key, row.seen_at, CAME_BACK)
        case TurnedDown() if row.seen_at is not None and row.doubts and result.hardness is not Hardness.HARD:
            return Accepted(result.key, row.seen_at, CAME_BACK)
        case Deferred() | HeldBack() if row.doubts:
            return LeftOpen(result.key, result.until, result.detail or "It may have gone out, and may not be repeated.")
        case TurnedDown(is_sure=False) if row.doubts and result.hardness is not Hardness.HARD:
            return LeftOpen(result.key, None, f"It may have gone out; repeated, it was refused: {result.detail}")
        case _:
            return result


def _was_turned_away(result: Result, row: AnyRow) -> bool:
    """Whether what came back was about an attempt that the server then turned away: it says nothing of the next."""
    return isinstance(result, Deferred) and row.seen_at is not None and not row.doubts


def _settled(result: Result, row: AnyRow, now: datetime) -> tuple[Any, ...]:
    """The row of `SETTLED`."""
    free = (result.detail, None, None)  # detail, and no more token or lease
    match result:
        case Accepted():
            return (result.key, OutboxState.SENT, None, result.at, None, *free, 0)
        case HeldBack():
            return (result.key, OutboxState.WITHHELD, None, now, result.gate, *free, 0)
        case TurnedDown():
            return (result.key, OutboxState.REFUSED, None, now, None, *free, 0)
        case Deferred():
            return (result.key, OutboxState.RETRY, result.until, None, None, *free, 0)
        case NeverLeft():
            return (result.key, OutboxState.RETRY, result.at, None, None, *free, 0)
        case NotKnown():
            since = row.settled_at if row.doubts else now
            return (result.key, OutboxState.UNKNOWN, result.again, since, None, *free, row.doubts + 1)
        case LeftOpen():
            return (result.key, OutboxState.UNKNOWN, result.again, row.settled_at or now, None, *free, row.doubts)
        case _:
            assert_never(result)


ATTEMPTED: Mapping[type[Result], OutboxState] = {
    Accepted: OutboxState.SENT,
    TurnedDown: OutboxState.REFUSED,
    Deferred: OutboxState.RETRY,
    NotKnown: OutboxState.UNKNOWN,
}
"""Which results are those of an attempt, and what is written of it."""


def _attempt(result: Result, row: AnyRow, now: datetime) -> tuple[Any, ...]:
    at = result.at if isinstance(result, Accepted) else now
    provider_id = result.provider_id if isinstance(result, Accepted) else None
    return (row.contact_id, result.key, row.attempts, at, ATTEMPTED[type(result)], provider_id, result.detail)


def _event(result: Result, row: AnyRow, now: datetime) -> Event | None:
    """Its key holds the round, so that a touch withheld and queued again can be sent, or withheld, again.

    As long as a message is looked into the contact hears nothing: what comes next waits for the answer.
    """
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
        case NotKnown(again=None) | LeftOpen(again=None):
            return SendUnknown(_name("unknown", row), now, key)
        case Deferred() | NotKnown() | LeftOpen() | NeverLeft():
            return None
        case _:
            assert_never(result)


def _name(outcome: str, row: AnyRow) -> str:
    return f"{outcome}:{row.key}:{row.round}"
