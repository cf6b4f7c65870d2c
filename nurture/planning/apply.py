"""Applying files: the stages of a plan, performed. The first makes all files what contacts enter by, or none; each further
one tells the contacts it concerns, some thousands a transaction, and goes on where it was cut short.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from nurture.authoring.bundle import Bundle
from nurture.core.world import World
from nurture.planning.choices import Way
from nurture.planning.plan import Intent, intend
from nurture.planning.stages import Activate, CarryOver, ForContacts, LookAgain, concerned, from_json, news, to_json
from nurture.storage import applications
from nurture.storage.applications import AppliedMeanwhile, How
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.instance import instance
from nurture.storage.webinars import note_dates
from nurture.storage.worlds import CampaignVersion, activate, active_hash, store_bundle

AT_ONCE = 5000
"""Contacts told in one transaction."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class AppliedFiles:
    """What was applied. `changed` is False when the same files were applied before; `woken` contacts are looked at again,
    `carried` go on by another version.
    """

    hash: str
    versions: tuple[CampaignVersion, ...]
    changed: bool
    woken: int
    carried: int = 0


def apply_bundle(db: Database, bundle: Bundle, now: datetime) -> AppliedFiles:
    """Make the files what contacts enter from now on, and keep everybody in flight in the version they are in.

    Raises Refused when the files have mistakes.
    """
    with db.read() as c:
        intent = intend(c, bundle)
    return perform(db, keeping_all(intent), now)


def keeping_all(intent: Intent) -> Intent:
    """The same files, with nobody moved to another version."""
    kept = tuple(replace(each, way=Way.KEEP, keep_at=(), catch_up=()) for each in intent.treatments)
    stages = tuple(stage for stage in intent.stages if not isinstance(stage, CarryOver))
    return replace(intent, treatments=kept, stages=stages)


def perform(
    db: Database,
    intent: Intent,
    now: datetime,
    *,
    how: How = "apply",
    progress: Progress = lambda told: None,
    at_once: int = AT_ONCE,
) -> AppliedFiles:
    """Perform the stages of an intent, one after another (AppliedMeanwhile: what is applied is not what it was made for)."""
    versions = versions_of(intent.after)
    if not intent.is_new:
        return AppliedFiles(intent.bundle.hash, versions, False, 0)
    with db.begin() as c:
        n = _begin(c, intent, versions, how, now)
    told = finish(db, n, now, progress, at_once)
    return AppliedFiles(intent.bundle.hash, versions, True, told.woken, told.carried)


def versions_of(world: World) -> tuple[CampaignVersion, ...]:
    """The campaigns of a world, each with its version and file."""
    return tuple(CampaignVersion(p.name, p.version, p.file) for p in world.current_programs())


def _begin(c: Connection, intent: Intent, versions: tuple[CampaignVersion, ...], how: How, now: datetime) -> int:
    """The first stage: the files run, and what is still to be done is known."""
    applications.apply_alone(c)
    if active_hash(c) != intent.base:
        raise AppliedMeanwhile
    store_bundle(c, intent.bundle, versions, now)
    stages = [to_json(stage) for stage in intent.stages]
    choices = [str(choice) for choice in intent.choices]
    n = applications.record(c, intent.bundle.hash, intent.base, how, choices, stages, now)
    note_dates(c, intent.after.catalogue.values(), now)
    activate(c, intent.bundle.hash, now)
    for place, stage in enumerate(intent.stages):
        if isinstance(stage, Activate):
            applications.advance_stage(c, n, place, 0, 0, now)
    return n


@dataclass(frozen=True, slots=True)
class Told:
    """How many contacts the stages of an application have told."""

    woken: int
    carried: int


def finish(db: Database, n: int, now: datetime, progress: Progress = lambda told: None, at_once: int = AT_ONCE) -> Told:
    """Perform what is left of an application, a chunk of contacts a transaction; done twice at once, it is done once."""
    while True:
        with db.begin() as c:
            told = _chunk(c, n, now, at_once)
        if told is None:
            break
        progress(told)
    with db.read() as c:
        rows = [(from_json(dict(row.stage)), row.contacts) for row in applications.stage_rows(c, n)]
    woken = sum(contacts for stage, contacts in rows if isinstance(stage, LookAgain))
    return Told(woken, sum(contacts for stage, contacts in rows if isinstance(stage, CarryOver)))


def _chunk(c: Connection, n: int, now: datetime, at_once: int) -> int | None:
    """Tell the next contacts of the first stage that is not done; None when all are."""
    whole = applications.application(c, n)
    row = next((row for row in applications.stage_rows(c, n) if row.done_at is None), None)
    if row is None:
        if whole.finished_at is None:
            applications.finish(c, n, now)
        return None
    stage = from_json(dict(row.stage))
    assert not isinstance(stage, Activate), "done with the beginning"
    ids = _next(c, stage, row.last_contact, at_once)
    event = news(stage, instance(c).salt, whole.applied_at)
    told = post_events(c, [(who, event) for who in ids], now)
    done = len(ids) < at_once
    applications.advance_stage(c, n, row.n, ids[-1] if ids else row.last_contact, told, now if done else None)
    return told


def _next(c: Connection, stage: ForContacts, after: int, limit: int) -> list[int]:
    those = concerned(stage)
    who = those.selected_columns.contact_id
    return list(c.execute(those.where(who > after).order_by(who).limit(limit)).scalars())
