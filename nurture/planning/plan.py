"""A plan: what the files would change, what becomes of those in flight, and the stages that applying it consists of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, select

from nurture.authoring.bundle import Bundle, compile_bundle
from nurture.authoring.problems import Problem
from nurture.core.world import World
from nurture.engine.worlds import as_known
from nurture.planning.ahead import same_for_all
from nurture.planning.changes import Change
from nurture.planning.choices import Choice, Treatment, treatments
from nurture.planning.counting import Progress, count_effects, in_flight
from nurture.planning.diff import State, changes
from nurture.planning.effects import Comparison
from nurture.planning.lines import Effects
from nurture.planning.stages import Activate, CarryOver, ForContacts, LookAgain, Stage, concerned, stages_of
from nurture.storage.database import Database
from nurture.storage.instance import instance
from nurture.storage.webinars import moved_webinars
from nurture.storage.worlds import Pin, load_bundles, pinned

DAYS = 7
"""How far ahead a plan looks for mails, unless told otherwise."""


class Refused(Exception):
    """The files have mistakes; nothing was applied."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"The files have {len(problems)} mistakes; nothing was applied.")
        self.problems = problems


@dataclass(frozen=True)
class Intent:
    """What applying files means, before anybody is counted. `base` is what is applied now; None before the first time."""

    bundle: Bundle
    base: str | None
    changes: tuple[Change, ...]
    choices: tuple[Choice, ...]
    treatments: tuple[Treatment, ...]
    stages: tuple[Stage, ...]
    before: World | None
    after: World

    @property
    def is_new(self) -> bool:
        """Whether there is anything to do."""
        return self.bundle.hash != self.base or any(isinstance(stage, CarryOver) for stage in self.stages)


@dataclass(frozen=True)
class Plan:
    """An intent, and what it does to those in flight within so many days. `reach` is how many contacts each stage tells."""

    intent: Intent
    effects: Effects
    reach: tuple[int, ...]
    days: int
    made_at: datetime


def intend(c: Connection, bundle: Bundle, choices: Sequence[Choice] = ()) -> Intent:
    """What applying the files means now. Raises Refused when they have mistakes, ChoiceProblem.

    Applied files that this version of the program can no longer read are as none: there is nothing to compare with.
    """
    salt, found = instance(c).salt, load_bundles(c)
    new = _state(bundle, salt)
    old = _readable(found.active, salt)
    pins: dict[Pin, Bundle] = dict(found.pinned)
    if old is not None:
        pins |= dict.fromkeys(pinned(c) & old.world.programs.keys(), old.bundle)
    differences = changes(old, new)
    treated = treatments(differences, old.world if old else None, new.world, choices)
    after = _world(c, new, salt, pins)
    moved = moved_webinars(c, after.catalogue.values())
    return Intent(
        bundle=bundle,
        base=found.active.hash if found.active is not None else None,
        changes=differences,
        choices=tuple(choices),
        treatments=treated,
        stages=stages_of(bundle.hash, after, treated, moved),
        before=_world(c, old, salt, found.pinned) if old is not None else None,
        after=after,
    )


def make_plan(
    db: Database,
    url: str,
    intent: Intent,
    now: datetime,
    *,
    days: int = DAYS,
    processes: int | None = None,
    progress: Progress = lambda done: None,
) -> Plan:
    """Count what the intent does to those in flight. Nothing is written. `url` is the database's, for other processes."""
    if not intent.is_new:
        return Plan(intent, Effects(), (), days, now)
    shared = intent.before is not None and not same_for_all(intent.before, intent.after)
    with db.read() as c:
        ids = in_flight(c, intent.stages, all_campaigns=shared, campaigns=_campaigns(intent))
        reach = tuple(0 if isinstance(stage, Activate) else _count(c, stage) for stage in intent.stages)
    comparison = Comparison(intent.before, intent.after, intent.stages, now, days)
    return Plan(intent, count_effects(comparison, url, ids, processes, progress), reach, days, now)


def _count(c: Connection, stage: ForContacts) -> int:
    return int(c.execute(select(func.count()).select_from(concerned(stage).subquery())).scalar_one())


def _campaigns(intent: Intent) -> list[str]:
    """Those of which somebody may notice something."""
    named = {name for stage in intent.stages if isinstance(stage, LookAgain) for name in stage.campaigns}
    return sorted({treatment.campaign for treatment in intent.treatments} | named)


def _readable(bundle: Bundle | None, salt: bytes) -> State | None:
    try:
        return _state(bundle, salt) if bundle is not None else None
    except Refused:
        return None


def _state(bundle: Bundle, salt: bytes) -> State:
    compiled = compile_bundle(bundle, salt=salt)
    if compiled.world is None:
        raise Refused(compiled.problems)
    return State(bundle, compiled, compiled.world)


def _world(c: Connection, state: State, salt: bytes, pins: Mapping[Pin, Bundle]) -> World:
    """The world in which those in flight are, too, under the name of its files."""
    world: World | None = state.world
    if pins.keys() - state.world.programs.keys():
        compiled = compile_bundle(state.bundle, salt=salt, pinned=pins)
        world = compiled.world
        if world is None:
            raise Refused(compiled.problems)
    assert world is not None, "it has its programs"
    return replace(as_known(c, world), hash=state.bundle.hash)
