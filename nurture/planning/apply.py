"""Applying the authors' files: all of them as one new version, or nothing.

Contacts in flight keep the version they are pinned to. Those who had run out of content are looked at again, since the
new version may have something for them; so are those whose campaign goes by the date of a webinar that was moved or
cancelled, and everybody where a campaign takes in who matches already, or whom a day to come lets in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from nurture.authoring.bundle import Bundle, compile_bundle
from nurture.authoring.problems import Problem
from nurture.core.events import WorldChanged
from nurture.core.ids import derive
from nurture.core.invite import Invite
from nurture.core.program import WaitUntil
from nurture.core.world import World
from nurture.storage.contacts import every_contact_id
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.instance import instance
from nurture.storage.tables import enrolments
from nurture.storage.webinars import note_dates
from nurture.storage.worlds import CampaignVersion, activate, active_hash, load_bundles, store_bundle

AT_ONCE = 5000


class Refused(Exception):
    """The files have mistakes; nothing was applied."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"The files have {len(problems)} mistakes; nothing was applied.")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class AppliedFiles:
    """What was applied. `changed` is False when the same files were applied before; `woken` contacts are looked at again."""

    hash: str
    versions: tuple[CampaignVersion, ...]
    changed: bool
    woken: int


def apply_bundle(db: Database, bundle: Bundle, now: datetime) -> AppliedFiles:
    """Make the files what contacts enter from now on, in one transaction. Raises Refused when they have mistakes."""
    with db.begin() as c:
        salt, before = instance(c).salt, active_hash(c)
        compiled = compile_bundle(bundle, salt=salt, pinned=load_bundles(c).pinned)
        if compiled.world is None:
            raise Refused(compiled.problems)
        versions = versions_of(compiled.world)
        applied = store_bundle(c, bundle, versions, now)
        moved = note_dates(c, compiled.world.catalogue.values(), now)
        if applied == before:
            return AppliedFiles(applied, versions, False, 0)
        activate(c, applied, now)
        woken = sum(_wake(c, salt, applied, ids, now) for ids in _to_look_at(c, compiled.world, moved))
        return AppliedFiles(applied, versions, True, woken)


def versions_of(world: World) -> tuple[CampaignVersion, ...]:
    """The campaigns of a world, each with its version and file."""
    return tuple(CampaignVersion(p.name, p.version, p.file) for p in world.current_programs())


def _to_look_at(c: Connection, world: World, moved: frozenset[str]) -> Iterator[list[int]]:
    if world.looks_at_everybody:
        last = 0
        while ids := every_contact_id(c, last, AT_ONCE):
            yield ids
            last = ids[-1]
        return
    e = enrolments.c
    waiting = and_(e.position != "ended", e.campaign.in_(_naming(world, moved)))
    woken = select(e.contact_id).where(or_(e.position == "exhausted", waiting)).distinct().order_by(e.contact_id)
    for some in c.execute(woken).scalars().partitions(AT_ONCE):
        yield list(some)


def _naming(world: World, webinars: frozenset[str]) -> list[str]:
    """The campaigns with a step that goes by the date of one of these webinars, in any version still run."""
    found = {
        program.name
        for program in world.programs.values()
        for stage in program.stages
        for step in stage.steps
        if (isinstance(step, WaitUntil) and step.webinar in webinars)
        or (isinstance(step, Invite) and step.content in webinars)
    }
    return sorted(found)


def _wake(c: Connection, salt: bytes, bundle: str, ids: list[int], now: datetime) -> int:
    event = WorldChanged("world:" + derive(salt, "world", bundle, now.isoformat()), now)
    return post_events(c, [(who, event) for who in ids], now)
