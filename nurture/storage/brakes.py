"""The brakes that are on, who put them on and why, and the messages that wait behind them.

A message that meets a brake is *parked*: its due date is taken away, so that no claim finds it again and what is behind it
moves up. Releasing the brake gives the date back. A release and a claim that parks wait for each other; should anything be
parked behind no brake all the same, the clock frees it within a minute.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, func, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from nurture.storage.bulk import among, is_sqlite, one_of_those
from nurture.storage.outbox import PARKED, SENDABLE
from nurture.storage.tables import brakes, enrolments, outbox
from nurture.storage.words import BrakeKind

EVERYTHING = ""
"""The `campaign` of a brake on all mail."""

JUMP = timedelta(hours=1)
"""By how much business time may go wrong unnoticed. By more, and all mail is held (`BrakeKind.CLOCK`)."""


@dataclass(frozen=True, slots=True)
class Brake:
    """Why mail stands still, for a person to read. `share` of ten thousand of those who entered after `starts` go."""

    campaign: str
    kind: BrakeKind
    since: datetime
    by: str
    why: str
    starts: datetime | None = None
    share: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """A brake with its end; None: it is on."""

    brake: Brake
    released_at: datetime | None
    released_by: str | None


_BRAKE = tuple(brakes.c[name] for name in ("campaign", "kind", "since", "by", "why", "starts", "share"))
_ON = brakes.c.released_at.is_(None)


def put_on(c: Connection, brake: Brake) -> bool:
    """Put it on; False where one of its kind is on already, which stays as it is."""
    insert = sqlite.insert(brakes) if is_sqlite(c) else postgresql.insert(brakes)
    row = {column.name: getattr(brake, column.name) for column in _BRAKE}
    made = c.execute(insert.values(row).on_conflict_do_nothing().returning(brakes.c.id))
    return made.first() is not None


def brakes_on(c: Connection) -> list[Brake]:
    """Every brake that is on, oldest first: one small index is read."""
    return [_brake(row) for row in c.execute(select(*_BRAKE).where(_ON).order_by(brakes.c.since, brakes.c.id))]


def hold_brakes(c: Connection) -> list[Brake]:
    """The same, as they stay until the transaction ends: whoever would release one waits, and finds what is parked behind."""
    query = select(*_BRAKE).where(_ON).order_by(brakes.c.since, brakes.c.id)
    return [_brake(row) for row in c.execute(query.with_for_update(read=True))]


def release(c: Connection, campaign: str, kinds: Collection[BrakeKind], by: str, now: datetime) -> list[Brake]:
    """Release these kinds of one campaign, or of all mail; answers which were on. What was parked is due again."""
    these = (_ON, brakes.c.campaign == campaign, brakes.c.kind.in_(sorted(kinds)))
    change = update(brakes).where(*these).values(released_at=now, released_by=by)
    released = [_brake(row) for row in c.execute(change.returning(*_BRAKE))]
    if released and campaign != EVERYTHING:
        _unpark(c, [campaign])
    if any(brake.kind is BrakeKind.CLOCK for brake in released):
        _mark_open(c)
    return released


def _mark_open(c: Connection) -> None:
    """Whatever may have left before the clock jumped has no age any more.

    At the release, not when the brake came on: by now all has stood still, and whoever vanished with an intent committed it
    before. In between nothing is repeated.
    """
    o = outbox.c
    for these in _OPEN:
        query = select(o.key).where(these).order_by(o.key).with_for_update()
        c.execute(update(outbox).where(one_of_those(is_sqlite(c), o.key, query)).values(clock_jumped=True))


_OPEN = (
    outbox.c.state == literal_column("'intent'"),
    and_(outbox.c.state == literal_column("'unknown'"), outbox.c.due_at.is_not(None)),
    and_(outbox.c.state == literal_column("'unknown'"), outbox.c.gate == literal_column(f"'{PARKED}'")),
)
"""As the indexes say it, one each. An unknown message that is not due is left to a person."""


def last_released(c: Connection, kinds: Collection[BrakeKind]) -> dict[str, datetime]:
    """When a person last let a campaign go on after one of these; what happened before it was looked at."""
    query = select(brakes.c.campaign, func.max(brakes.c.released_at, type_=brakes.c.released_at.type))
    query = query.where(brakes.c.kind.in_(sorted(kinds)), ~_ON).group_by(brakes.c.campaign)
    return {row[0]: row[1] for row in c.execute(query)}


def record(c: Connection, limit: int = 50) -> list[Record]:
    """Who braked and released, newest first."""
    query = select(*_BRAKE, brakes.c.released_at, brakes.c.released_by).order_by(brakes.c.id.desc()).limit(limit)
    return [Record(_brake(row[:7]), row.released_at, row.released_by) for row in c.execute(query)]


def park(c: Connection, token: int, keys: Iterable[str]) -> None:
    """Put these messages of a claim aside until the brake is released."""
    held = update(outbox).where(among(c, outbox.c.key, list(keys)), outbox.c.token == token)
    c.execute(held.values(due_at=None, gate=PARKED, token=None, leased_until=None))


def free_forgotten(c: Connection) -> int:
    """Make due again what is parked behind no brake; answers how many."""
    waiting = set(c.execute(select(outbox.c.campaign).where(outbox.c.gate == PARKED).distinct()).scalars())
    if not waiting:
        return 0
    return _unpark(c, sorted(waiting - {brake.campaign for brake in brakes_on(c)}))


def parked(c: Connection) -> dict[str, int]:
    """How many messages are parked, by campaign."""
    query = select(outbox.c.campaign, func.count()).where(outbox.c.gate == PARKED).group_by(outbox.c.campaign)
    return {row[0]: row[1] for row in c.execute(query)}


def newcomers(c: Connection, campaign: str, since: datetime, ids: Collection[int]) -> set[int]:
    """Those of these contacts who entered the campaign after that instant."""
    e = enrolments.c
    these = (e.campaign == campaign, e.began_at > since, among(c, e.contact_id, ids))
    return set(c.execute(select(e.contact_id).where(*these)).scalars())


def are_more_than(c: Connection, campaign: str, since: datetime, limit: int) -> bool:
    """Whether more than `limit` entered the campaign after that instant; no more rows than that are read."""
    e = enrolments.c
    some: Select[Any] = select(e.contact_id).where(e.campaign == campaign, e.began_at > since).limit(limit + 1)
    return int(c.execute(select(func.count()).select_from(some.subquery())).scalar_one()) > limit


def _unpark(c: Connection, campaigns: Collection[str]) -> int:
    """Due in the order in which they were queued; locked in the order in which everybody locks messages."""
    o = outbox.c
    these = (o.gate == PARKED, o.campaign.in_(campaigns), o.state.in_(SENDABLE))
    query = select(o.key).where(*these).order_by(o.key).with_for_update()
    freed = c.execute(
        update(outbox).where(one_of_those(is_sqlite(c), o.key, query)).values(due_at=o.queued_at, gate=None)
    )
    return freed.rowcount


def _brake(row: Any) -> Brake:
    campaign, kind, since, by, why, starts, share = row
    return Brake(campaign, BrakeKind(kind), since, by, why, starts, share)
