"""Who is set aside, and why, for a person to mend and release: a mail that cannot be made, a campaign that goes round."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select

from nurture.core.words import Gate, Stop
from nurture.storage.tables import contacts, enrolments, outbox

GOES_ROUND = "Its campaign goes from stage to stage without a wait."


@dataclass(frozen=True, slots=True)
class SetAside:
    """A contact in a campaign that stopped at a step, and the sentence that says what is to be mended."""

    address: str
    campaign: str
    step: str
    at: datetime | None
    problem: str


def set_aside(c: Connection, limit: int = 100, *, contact: int | None = None) -> list[SetAside]:
    """Those set aside, of one contact or of all, by address; `at` is when the last attempt failed."""
    e, o, p = enrolments.c, outbox.c, contacts.c
    failed = and_(o.contact_id == e.contact_id, o.campaign == e.campaign, o.step == _step())
    failed = and_(failed, o.rotation == e.rotation, o.gate == Gate.FAULT.value)
    query: Select[Any] = select(p.address, e.campaign, _step(), o.settled_at, _problem())
    query = query.select_from(enrolments.join(contacts, p.id == e.contact_id).outerjoin(outbox, failed))
    query = query.where(_is_set_aside(), *([] if contact is None else [e.contact_id == contact]))
    rows = c.execute(query.order_by(p.address, e.campaign).limit(limit))
    return [SetAside(*row) for row in rows]


def count_set_aside(c: Connection) -> int:
    """How many there are."""
    return int(c.execute(select(func.count()).select_from(enrolments).where(_is_set_aside())).scalar_one())


def ids_set_aside(c: Connection) -> list[int]:
    """The contacts set aside, each once."""
    e = enrolments.c
    query = select(e.contact_id).where(_is_set_aside()).distinct().order_by(e.contact_id)
    return list(c.execute(query).scalars())


def _is_set_aside() -> ColumnElement[bool]:
    e = enrolments.c
    return and_(e.position == "stopped", _why().in_((Stop.QUARANTINED.value, Stop.LOOPED.value)))


def _problem() -> ColumnElement[str]:
    return case((_why() == Stop.LOOPED.value, GOES_ROUND), else_=func.coalesce(outbox.c.detail, ""))


def _why() -> ColumnElement[str]:
    why: ColumnElement[str] = enrolments.c.details["why"].as_string()
    return why


def _step() -> ColumnElement[str]:
    step: ColumnElement[str] = enrolments.c.details["step"].as_string()
    return step
