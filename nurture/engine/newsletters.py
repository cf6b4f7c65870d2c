"""Newsletters whose instant has come: everybody in the segment is told, some hundred at a time, once for ever.

Run by the clock, which may run twice or die anywhere: how far a newsletter has come is kept with the events that were posted, in
one transaction, and an event posted again is the same event. What members make of it is decided like anything else.

A newsletter to more people than may enter a campaign at once without a person's word is held before the first of them is
told, with the share that goes ahead. One that nobody was there to send until it had expired is not sent at all.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Connection

from nurture.core.facts import holds
from nurture.core.newsletters import Issue, due, newsletters
from nurture.core.program import Program
from nurture.core.world import World
from nurture.delivery.brakes import Approval
from nurture.engine.segments import Asked, everybody, is_reachable, some_after
from nurture.storage import newsletters as progress
from nurture.storage.brakes import Brake, put_on
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.words import BrakeKind

log = logging.getLogger(__name__)

BEFORE = timedelta(seconds=1)
"""An approval holds those who entered after it begins, so it begins before the first does."""


def send_newsletters(db: Database, world: World, now: datetime, approval: Approval) -> int:
    """Tell the members of every newsletter that is due; answers how many. A world without any costs nothing."""
    ripe = [(program, issue) for program, issue in newsletters(world) if issue.at <= now]
    if not ripe:
        return 0
    with db.read() as c:
        known = progress.progress_of(c)
    return sum(
        _send(db, world, program, issue, now, approval)
        for program, issue in ripe
        if program.name not in known or known[program.name].done_at is None
    )


def _send(db: Database, world: World, program: Program, issue: Issue, now: datetime, approval: Approval) -> int:
    if issue.expires_at <= now:
        _give_up(db, program, issue, now)
        return 0
    too_many = approval.above > 0 and _is_to_more_than(db, world, program, approval.above, now)
    with db.begin() as c:
        if progress.begin(c, program.name, now) and too_many:
            _ask(c, program, issue, approval, now)
    total = 0
    while (told := _tell_some(db, world, program, now)) is not None:
        total += told
    return total


def _tell_some(db: Database, world: World, program: Program, now: datetime) -> int | None:
    """The next contacts; None when nobody is left."""
    return write_on(db, program, read_on(db, world, program, now), now)


@dataclass(frozen=True, slots=True)
class Seen:
    """How far it had come when it was looked at, and who is next: the members, and the last who was asked."""

    looked_to: int
    last: int | None
    members: Sequence[int] = ()


def read_on(db: Database, world: World, program: Program, now: datetime) -> Seen:
    """Ask the next contacts, holding up nobody who writes."""
    with db.read() as c:
        looked_to = progress.progress_of(c)[program.name].looked_to
        some = some_after(c, world, looked_to, now)
    return Seen(looked_to, None) if some is None else Seen(looked_to, some[0], _members(program, some[1]))


def write_on(db: Database, program: Program, seen: Seen, now: datetime) -> int | None:
    """Tell them, in one transaction; None when it is done, and 0 when another clock has told these."""
    with db.begin() as c:
        here = progress.take(c, program.name)
        if here is None:
            return None
        if here.looked_to != seen.looked_to:
            return 0
        if seen.last is None:
            progress.finish(c, program.name, now)
            return None
        post_events(c, [(who, due(program, now)) for who in seen.members], now)
        progress.advance(c, program.name, seen.last, len(seen.members))
        return len(seen.members)


def _members(program: Program, asked: Asked) -> list[int]:
    condition = program.audience.only_if
    return [who for who, facts in asked.items() if is_reachable(facts.state) and holds(condition, facts)]


def _is_to_more_than(db: Database, world: World, program: Program, most: int, now: datetime) -> bool:
    found = (who for asked in everybody(db, world, now) for who in _members(program, asked))
    return next(islice(found, most, None), None) is not None


def _ask(c: Connection, program: Program, issue: Issue, approval: Approval, now: datetime) -> None:
    why = (
        f"The newsletter {program.name} goes to more than {approval.above:,} contacts, those in {issue.segment}: "
        f"{approval.share / 100:g} % of them are written to, the others once it is approved."
    )
    if put_on(c, Brake(program.name, BrakeKind.APPROVAL, now, "nurture", why, now - BEFORE, approval.share)):
        log.warning("%s `nurture approve %s` lets them go.", why, program.name)


def _give_up(db: Database, program: Program, issue: Issue, now: datetime) -> None:
    with db.begin() as c:
        progress.begin(c, program.name, now)
        here = progress.take(c, program.name)
        progress.finish(c, program.name, now)
    told = here.told if here is not None else 0
    expired = f"{issue.expires_at:%Y-%m-%d %H:%M} UTC"
    log.warning("The newsletter %s expired at %s: %d contacts were told, nobody else is.", program.name, expired, told)
