"""What is remembered of many contacts, read in a handful of statements whatever their number."""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, select

from nurture.core.codec import event_from_json, position_from_json
from nurture.core.events import Event
from nurture.core.state import ContactState, Day, Enrolment, HandOff, Hold, SignalKey, Tally, Touch
from nurture.core.words import Basis, HandOffState, HoldKind, Rejection, SignalKind, Status, Suppression, TouchState
from nurture.storage.bulk import AnyRow, among
from nurture.storage.tables import contacts, enrolments, events, hand_offs, holds, ledger, suppressions, touches

log = logging.getLogger(__name__)

UNREADABLE = (KeyError, TypeError, ValueError)
"""What rows say when they hold words that this version does not know."""

Received: TypeAlias = tuple[datetime, Event]

CONTACT = [
    contacts.c[name]
    for name in (
        "id", "key", "fields", "tags", "told", "language", "country", "zone", "basis", "status", "pending_forms",
        "soft_bounces", "engagement", "fit", "grade", "persona", "seq",
    )
]  # fmt: skip
ENROLMENT = [
    enrolments.c[name]
    for name in (
        "contact_id", "campaign", "version", "stage", "position", "details", "entered_at", "began_at", "anchor",
        "rotation", "held_out", "skipped",
    )
]  # fmt: skip
TOUCH = [
    touches.c[name]
    for name in (
        "contact_id", "key", "campaign", "rotation", "step", "part", "content", "at", "state", "variant", "thread",
        "strikes",
    )
]  # fmt: skip
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
    rows = c.execute(select(*CONTACT).where(among(c, contacts.c.id, ids))).all()
    parts = _Parts(c, ids)
    pending = _pending(c, ids, business_now)
    return {row[0]: Loaded(parts.state(row), tuple(pending.get(row[0], ()))) for row in rows}


class _Parts:
    """Everything of these contacts but their own row, by contact."""

    def __init__(self, c: Connection, ids: Collection[int]) -> None:
        self.suppressed = _suppressed(c, ids)
        self.holds = _grouped(c, select(holds).where(among(c, holds.c.contact_id, ids)).order_by(holds.c.n), _hold)
        self.signals = _signals(c, ids)
        self.touches = _grouped(c, select(*TOUCH).where(among(c, touches.c.contact_id, ids)), _touch)
        self.enrolments = _grouped(c, select(*ENROLMENT).where(among(c, enrolments.c.contact_id, ids)), _enrolment)
        self.hand_offs = _hand_offs(c, ids)

    def state(self, row: AnyRow) -> ContactState:
        (
            who, key, fields, tags, told, language, country, zone, basis, status, pending_forms, soft_bounces, engagement,
            fit, grade, persona, seq,
        ) = row  # fmt: skip
        return ContactState(
            key=key,
            fields=fields,
            tags=frozenset(tags),
            told=told,
            language=language,
            country=country,
            zone=zone,
            basis=Basis(basis),
            status=Status(status),
            suppressed=frozenset(self.suppressed.get(who, ())),
            pending_forms=frozenset(pending_forms),
            holds=tuple(self.holds.get(who, ())),
            signals=self.signals.get(who, {}),
            soft_bounces=frozenset(soft_bounces),
            touches={touch.key: touch for touch in self.touches.get(who, ())},
            enrolments={enrolment.campaign: enrolment for enrolment in self.enrolments.get(who, ())},
            hand_off=self.hand_offs.get(who),
            engagement=engagement,
            fit=fit,
            grade=grade,
            persona=persona,
            seq=seq,
        )


def _grouped(c: Connection, query: Select[*tuple[Any, ...]], read: Callable[[AnyRow], Any]) -> Mapping[int, list[Any]]:
    """What the rows say, by their first column, the contact."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in c.execute(query).all():
        found[row[0]].append(read(row))
    return found


def _suppressed(c: Connection, ids: Collection[int]) -> Mapping[int, list[Suppression]]:
    query = select(contacts.c.id, suppressions.c.reason).where(among(c, contacts.c.id, ids))
    query = query.join(suppressions, suppressions.c.address_hash == contacts.c.address_hash)
    return _grouped(c, query, lambda row: Suppression(row[1]))


def _hold(row: AnyRow) -> Hold:
    return Hold(HoldKind(row.kind), row.until)


def _signals(c: Connection, ids: Collection[int]) -> Mapping[int, Mapping[SignalKey, Tally]]:
    found: dict[int, dict[SignalKey, dict[int, Day]]] = defaultdict(dict)
    columns = [ledger.c[name] for name in ("contact_id", "signal", "object", "day", "count", "first_at", "last_at")]
    query = select(*columns).where(among(c, ledger.c.contact_id, ids))
    for who, signal, about, day, count, first_at, last_at in c.execute(query).all():
        found[who].setdefault((SignalKind(signal), about), {})[day] = Day(count, first_at, last_at)
    return found


def _touch(row: AnyRow) -> Touch:
    _, key, campaign, rotation, step, part, content, at, state, variant, thread, strikes = row
    return Touch(key, campaign, rotation, step, part, content, at, TouchState(state), variant, thread, strikes)


def _enrolment(row: AnyRow) -> Enrolment:
    _, campaign, version, stage, position, details, entered_at, began_at, anchor, rotation, held_out, skipped = row
    where = position_from_json(position, details)
    return Enrolment(campaign, version, stage, where, entered_at, began_at, anchor, rotation, held_out, tuple(skipped))


def _hand_offs(c: Connection, ids: Collection[int]) -> Mapping[int, HandOff]:
    query = select(*HAND_OFF).join(contacts, contacts.c.hand_off == hand_offs.c.key)
    return {row.contact_id: hand_off_of(row) for row in c.execute(query.where(among(c, contacts.c.id, ids)))}


def hand_off_of(row: AnyRow) -> HandOff:
    """The hand-off a row of `HAND_OFF` columns tells."""
    _, key, campaign, team, owner, offered_at, due_at, state, answered_at, rejection = row[: len(HAND_OFF)]
    why = None if rejection is None else Rejection(rejection)
    return HandOff(key, campaign, team, owner, offered_at, due_at, HandOffState(state), answered_at, why)


def _pending(c: Connection, ids: Collection[int], business_now: datetime) -> Mapping[int, list[Received]]:
    e = events.c
    query = select(e.contact_id, e.key, e.kind, e.at, e.received_at, e.payload)
    query = query.where(among(c, e.contact_id, ids), e.consumed_at.is_(None), e.received_at <= business_now)
    query = query.order_by(e.contact_id, e.received_at, e.key)
    return _grouped(c, query, _received)


def _received(row: AnyRow) -> Received:
    _, key, kind, at, received_at, payload = row
    return received_at, event_from_json(kind, key, at, payload)
