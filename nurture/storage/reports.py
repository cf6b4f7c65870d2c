"""Where everything stands, in numbers: for `nurture status`, the demo's table, and the dashboard."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, cast, func, select

from nurture.storage.bulk import is_sqlite
from nurture.storage.tables import agenda, contacts, deliveries, enrolments, events, hand_offs, outbox, receipts
from nurture.storage.words import OutboxState, ReceiptState


@dataclass(frozen=True, slots=True)
class Standing:
    """How many enrolments of a campaign are in a stage, in a kind of position."""

    campaign: str
    stage: str
    position: str
    count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything at a glance; each mapping holds only what there is."""

    contacts: dict[str, int]  # by status
    enrolments: list[Standing]
    outbox: dict[str, int]  # by state
    hand_offs: dict[str, int]  # by state
    receipts: dict[str, int]  # by state
    events: dict[str, int]  # by kind
    due: int
    failing: int


@dataclass(frozen=True, slots=True)
class UnknownMessage:
    """A message whose fate is not known."""

    key: str
    address: str
    campaign: str
    step: str
    message_id: str | None
    at: datetime | None
    detail: str


@dataclass(frozen=True, slots=True)
class StrangeReceipt:
    """Something received that could not be sorted; its body is kept."""

    id: int
    source: str
    received_at: datetime
    problem: str


def counts(c: Connection, business_now: datetime) -> Counts:
    """Count everything. Its cost grows with the tables: for people, not for the engine."""
    return Counts(
        contacts=_by(c, contacts.c.status),
        enrolments=standings(c),
        outbox=_by(c, outbox.c.state),
        hand_offs=_by(c, hand_offs.c.state),
        receipts=_by(c, receipts.c.state),
        events=_by(c, events.c.kind),
        due=_count(c, agenda.c.due_at <= business_now),
        failing=_count(c, agenda.c.strikes > 0),
    )


def standings(c: Connection) -> list[Standing]:
    """The funnel: enrolments by campaign, stage and position."""
    e = enrolments.c
    by = (e.campaign, e.stage, e.position)
    return [Standing(*row) for row in c.execute(select(*by, func.count()).group_by(*by).order_by(*by))]


def sent_per_day(c: Connection, since: datetime) -> dict[date, int]:
    """Messages handed over from an instant on, by UTC date."""
    d = deliveries.c
    day: ColumnElement[Any] = func.date(d.at) if is_sqlite(c) else cast(func.timezone("UTC", d.at), Date)
    query = select(day, func.count()).where(d.at >= since, d.outcome == "sent").group_by(day).order_by(day)
    return {date.fromisoformat(str(row[0])): row[1] for row in c.execute(query)}


def problems(c: Connection, limit: int = 100) -> list[tuple[int, int, str]]:
    """Contacts that could not be decided: (contact, strikes, sentence), most strikes first."""
    a = agenda.c
    query = select(a.contact_id, a.strikes, a.problem).where(a.strikes > 0).order_by(a.strikes.desc(), a.contact_id)
    return [(row[0], row[1], row[2]) for row in c.execute(query.limit(limit))]


def unknown_messages(c: Connection, limit: int = 100) -> list[UnknownMessage]:
    """Messages that may or may not have gone out, newest first: a person looks for them at the provider."""
    o, p = outbox.c, contacts.c
    query = select(o.key, p.address, o.campaign, o.step, o.message_id, o.settled_at, o.detail)
    query = query.join(contacts, p.id == o.contact_id).where(o.state == OutboxState.UNKNOWN.value)
    rows = c.execute(query.order_by(o.settled_at.desc(), o.key).limit(limit))
    return [UnknownMessage(*row) for row in rows]


def strange_receipts(c: Connection, limit: int = 100) -> list[StrangeReceipt]:
    """What was not understood, or was about a message that nobody knew within a week; newest first."""
    r = receipts.c
    query = select(r.id, r.source, r.received_at, r.problem).where(r.state == ReceiptState.NOT_UNDERSTOOD.value)
    return [StrangeReceipt(*row) for row in c.execute(query.order_by(r.id.desc()).limit(limit))]


def _by(c: Connection, column: ColumnElement[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in c.execute(select(column, func.count()).group_by(column).order_by(column))}


def _count(c: Connection, test: ColumnElement[bool]) -> int:
    return int(c.execute(select(func.count()).where(test)).scalar_one())
