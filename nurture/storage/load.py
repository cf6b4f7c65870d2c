"""What is remembered of many contacts, read in a handful of statements whatever their number."""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

import orjson
from sqlalchemy import JSON, ColumnElement, Connection, Select, Table, Text, bindparam, func, select, type_coerce

from nurture.core.codec import event_from_json, position_from_json, reminder_from_json
from nurture.core.events import Event
from nurture.core.state import ContactState, Day, Enrolment, HandOff, Hold, SignalKey, Tally, Touch
from nurture.core.words import Basis, HandOffState, HoldKind, Rejection, SignalKind, Status, Suppression, TouchState
from nurture.storage.bulk import AnyRow, among_given, given_values, is_sqlite
from nurture.storage.tables import agenda, contacts, enrolments, events, hand_offs, holds, ledger, suppressions, touches

log = logging.getLogger(__name__)

UNREADABLE = (KeyError, TypeError, ValueError)
"""What rows say when they hold words that this version does not know."""

T = TypeVar("T")
Received: TypeAlias = tuple[datetime, Event]
Query: TypeAlias = Select[*tuple[Any, ...]]
Given: TypeAlias = Mapping[str, Any]

_BASIS = {basis.value: basis for basis in Basis}
_STATUS = {status.value: status for status in Status}
_SIGNALS = {signal.value: signal for signal in SignalKind}
_TOUCH_STATES = {state.value: state for state in TouchState}
"""Words by their text: looked up at a third of what calling an enumeration costs, for each row."""

_SEQ = select(agenda.c.seq).where(agenda.c.contact_id == contacts.c.id).scalar_subquery()
CONTACT = [
    contacts.c[name]
    for name in (
        "id", "key", "fields", "tags", "told", "language", "country", "zone", "basis", "status", "pending_forms",
        "soft_bounces", "engagement", "fit", "grade", "persona", "looks_at", "created_at",
    )
] + [func.coalesce(_SEQ, 0)]  # fmt: skip
ENROLMENT = [
    enrolments.c[name]
    for name in (
        "contact_id", "campaign", "version", "stage", "position", "details", "entered_at", "began_at", "anchor",
        "rotation", "held_out", "skipped", "reminders",
    )
]  # fmt: skip
TOUCH = [
    touches.c[name]
    for name in (
        "contact_id", "key", "campaign", "rotation", "step", "part", "content", "at", "state", "variant", "thread",
        "strikes",
    )
]  # fmt: skip
SIGNAL = [ledger.c[name] for name in ("contact_id", "signal", "object", "day", "count", "first_at", "last_at")]
HAND_OFF = [
    hand_offs.c[name]
    for name in (
        "contact_id", "key", "campaign", "team", "owner", "offered_at", "due_at", "state", "answered_at", "rejection",
    )
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loaded:
    """A contact's state, and the facts received about it that no decision has used yet, oldest first."""

    state: ContactState
    pending: tuple[Received, ...]


def load_contacts(c: Connection, ids: Collection[int], business_now: datetime) -> dict[int, Loaded]:
    """The contacts of these numbers, without those that are not there.

    One that cannot be read (kept by a version of the program with other words) is left out too, and logged: it harms
    nobody else.
    """
    if not ids:
        return {}
    try:
        return _load(c, ids, business_now)
    except UNREADABLE as error:
        return _load_apart(c, sorted(ids), business_now, error)


def _load_apart(c: Connection, ids: Sequence[int], business_now: datetime, error: Exception) -> dict[int, Loaded]:
    """In halves, until whoever cannot be read stands alone."""
    if len(ids) == 1:
        log.error("contact %s cannot be read", ids[0], exc_info=error)
        return {}
    half = len(ids) // 2
    return load_contacts(c, ids[:half], business_now) | load_contacts(c, ids[half:], business_now)


def _load(c: Connection, ids: Collection[int], business_now: datetime) -> dict[int, Loaded]:
    ask, given = _queries(is_sqlite(c)), given_values(c, ids)
    rows = c.execute(ask.contacts, given).all()  # first, with the number of the state: no part is older than it says
    parts = _Parts(c, ids, ask, given)
    pending = read_pending(c, ids, business_now)
    return {row[0]: Loaded(parts.state(row), tuple(pending.get(row[0], ()))) for row in rows}


def load_again(
    c: Connection, known: Mapping[int, ContactState], ids: Collection[int], business_now: datetime
) -> dict[int, Loaded]:
    """The same as `load_contacts` for contacts that nobody else writes just now, some of whose states were read before.

    Every write of a state counts up its number in the same transaction, so that only the number is asked for, with what
    does not go by it: suppressions, which stand under the address, and facts that nobody has decided on.
    """
    same = _still_so(c, {who: known[who] for who in ids if who in known})
    found: dict[int, Loaded] = {}
    if same:
        suppressed, pending = read_suppressed(c, same), read_pending(c, same, business_now)
        for who, state in same.items():
            reasons = frozenset(suppressed.get(who, ()))
            state = state if reasons == state.suppressed else replace(state, suppressed=reasons)
            found[who] = Loaded(state, tuple(pending.get(who, ())))
    return found | load_contacts(c, [who for who in ids if who not in same], business_now)


def _still_so(c: Connection, states: Mapping[int, ContactState]) -> dict[int, ContactState]:
    """Those that are still as they were. By number and key: SQLite gives the number of who was erased to the next."""
    if not states:
        return {}
    rows = c.execute(_numbers(is_sqlite(c)), given_values(c, list(states)))
    return {row[0]: states[row[0]] for row in rows if (states[row[0]].key, states[row[0]].seq) == (row[1], row[2])}


@lru_cache
def _numbers(lite: bool) -> Query:
    query = select(agenda.c.contact_id, contacts.c.key, agenda.c.seq).join(
        contacts, contacts.c.id == agenda.c.contact_id
    )
    return query.where(among_given(lite, agenda.c.contact_id))


def read_pending(c: Connection, ids: Collection[int], business_now: datetime) -> Mapping[int, list[Received]]:
    """The facts received about these contacts that no decision has used yet, oldest first."""
    given = {**given_values(c, ids), "by": business_now}
    return _grouped(c, _queries(is_sqlite(c)).pending, given, _received)


def read_suppressed(c: Connection, ids: Collection[int]) -> Mapping[int, list[Suppression]]:
    """Why not to write to these contacts."""
    return _grouped(c, _queries(is_sqlite(c)).suppressed, given_values(c, ids), lambda row: Suppression(row[1]))


class _Parts:
    """Everything of these contacts but their own row, by contact."""

    def __init__(self, c: Connection, ids: Collection[int], ask: "_Queries", given: Given) -> None:
        self.unpack = ask.unpack
        self.suppressed = read_suppressed(c, ids)
        self.holds = _grouped(c, ask.holds, given, _hold)
        self.signals = _signals(c, ask, given)
        self.touches = _named(c, ask.touches, given, _touch)
        self.enrolments = _named(c, ask.enrolments, given, lambda row: _enrolment(row, ask.unpack))
        self.hand_offs = {row.contact_id: hand_off_of(row) for row in c.execute(ask.hand_offs, given)}

    def state(self, row: AnyRow) -> ContactState:
        (
            who, key, fields, tags, told, language, country, zone, basis, status, pending_forms, soft_bounces, engagement,
            fit, grade, persona, looks_at, created_at, seq,
        ) = row  # fmt: skip
        unpack, suppressed, held = self.unpack, self.suppressed.get(who), self.holds.get(who)
        return ContactState(
            key=key,
            fields=unpack(fields),
            tags=frozenset(unpack(tags)),
            told=unpack(told),
            language=language,
            country=country,
            zone=zone,
            basis=_BASIS[basis],
            status=_STATUS[status],
            suppressed=frozenset(suppressed) if suppressed else frozenset(),
            pending_forms=frozenset(unpack(pending_forms)),
            holds=tuple(held) if held else (),
            signals=self.signals.get(who, {}),
            soft_bounces=frozenset(unpack(soft_bounces)),
            touches=self.touches.get(who, {}),
            enrolments=self.enrolments.get(who, {}),
            hand_off=self.hand_offs.get(who),
            engagement=engagement,
            fit=fit,
            grade=grade,
            persona=persona,
            looks_at=looks_at,
            seq=seq,
            created_at=created_at,
        )


class _Queries(NamedTuple):
    """What is asked about some contacts, the contact first in each row. Built once: building costs more than asking."""

    contacts: Query
    suppressed: Query
    holds: Query
    signals: Query
    touches: Query
    enrolments: Query
    hand_offs: Query
    pending: Query
    unpack: Callable[[Any], Any]  # what makes a value of the JSON that contacts and enrolments come with


@lru_cache
def _queries(lite: bool) -> _Queries:
    def of(table: Table, columns: Iterable[ColumnElement[Any]]) -> Query:
        return select(*columns).where(among_given(lite, table.c.contact_id))

    whose, e = among_given(lite, contacts.c.id), events.c
    reasons = select(contacts.c.id, suppressions.c.reason).where(whose)
    unused = of(events, (e.contact_id, e.key, e.kind, e.at, e.received_at, e.payload))
    unused = unused.where(e.consumed_at.is_(None), e.received_at <= bindparam("by"))
    return _Queries(
        contacts=select(*_raw(lite, CONTACT)).where(whose),
        suppressed=reasons.join(suppressions, suppressions.c.address_hash == contacts.c.address_hash),
        holds=of(holds, holds.c).order_by(holds.c.n),
        signals=of(ledger, SIGNAL),
        touches=of(touches, TOUCH),
        enrolments=of(enrolments, _raw(lite, ENROLMENT)),
        hand_offs=select(*HAND_OFF).join(contacts, contacts.c.hand_off == hand_offs.c.key).where(whose),
        pending=unused.order_by(e.contact_id, e.received_at, e.key),
        unpack=orjson.loads if lite else lambda value: value,
    )


def _raw(lite: bool, columns: Iterable[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """On SQLite JSON as text, past the two processors that SQLAlchemy has for each value; PostgreSQL's driver reads it."""
    return [type_coerce(col, Text()) if lite and isinstance(col.type, JSON) else col for col in columns]


def _grouped(c: Connection, query: Query, given: Given, read: Callable[[AnyRow], Any]) -> Mapping[int, list[Any]]:
    """What the rows say, by their first column, the contact."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in c.execute(query, given).all():
        found[row[0]].append(read(row))
    return found


def _named(c: Connection, query: Query, given: Given, read: Callable[[AnyRow], T]) -> Mapping[int, dict[str, T]]:
    """The same, each by what its second column names it."""
    found: dict[int, dict[str, T]] = defaultdict(dict)
    for row in c.execute(query, given).all():
        found[row[0]][row[1]] = read(row)
    return found


def _hold(row: AnyRow) -> Hold:
    return Hold(HoldKind(row.kind), row.until)


def _signals(c: Connection, ask: _Queries, given: Given) -> Mapping[int, Mapping[SignalKey, Tally]]:
    found: dict[int, dict[SignalKey, dict[int, Day]]] = defaultdict(dict)
    for who, signal, about, day, count, first_at, last_at in c.execute(ask.signals, given).all():
        found[who].setdefault((_SIGNALS[signal], about), {})[day] = Day(count, first_at, last_at)
    return found


def _touch(row: AnyRow) -> Touch:
    _, key, campaign, rotation, step, part, content, at, state, variant, thread, strikes = row
    return Touch(key, campaign, rotation, step, part, content, at, _TOUCH_STATES[state], variant, thread, strikes)


def _enrolment(row: AnyRow, unpack: Callable[[Any], Any]) -> Enrolment:
    _, campaign, version, stage, position, details, entered_at, began_at, anchor, rotation, held_out, skipped, due = row
    where, passed = position_from_json(position, unpack(details)), tuple(unpack(skipped))
    reminders = tuple(map(reminder_from_json, unpack(due)))
    return Enrolment(
        campaign, version, stage, where, entered_at, began_at, anchor, rotation, held_out, passed, reminders
    )


def hand_off_of(row: AnyRow) -> HandOff:
    """The hand-off a row of `HAND_OFF` columns tells."""
    _, key, campaign, team, owner, offered_at, due_at, state, answered_at, rejection = row[: len(HAND_OFF)]
    why = None if rejection is None else Rejection(rejection)
    return HandOff(key, campaign, team, owner, offered_at, due_at, HandOffState(state), answered_at, why)


def _received(row: AnyRow) -> Received:
    _, key, kind, at, received_at, payload = row
    return received_at, event_from_json(kind, key, at, payload)
