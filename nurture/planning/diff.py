"""The semantic diff of two states of the files: what means something else, not what looks different."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace

from nurture.authoring.bundle import Bundle, Compiled
from nurture.authoring.mails import TEMPLATES
from nurture.core.program import Content, Program, Stage
from nurture.core.world import World
from nurture.planning.changes import (
    CampaignChange,
    Change,
    ContentChange,
    Place,
    RuleChange,
    SharedChange,
    StageChange,
    What,
)
from nurture.planning.diff_steps import renamed_steps, step_changes
from nurture.planning.places import Places
from nurture.planning.written import written

CONTENT, SCORING, TEAMS, FORMS = (f"campaigns/{name}.yaml" for name in ("content", "scoring", "teams", "forms"))
ASSETS = "campaigns/assets"

RULES: Mapping[str, str] = {
    "title": "title",
    "language": "language",
    "priority": "priority",
    "hold_out": "hold_out",
    "when_unknown": "when_unknown",
    "sender": "sender",
    "goals": "goals",
    "prospect": "prospect",
}
"""What a program says as a whole, and the key of the file that says it."""

AUDIENCE: Mapping[str, str] = {
    "enter": "enter",
    "only_if": "only_if",
    "leave_if": "leave_if",
    "exits": "leave_if",
    "again": "again",
    "include_current": "include",
}
STAGE = ("advance", "exhausted", "status")


@dataclass(frozen=True)
class State:
    """One state of the files: as texts, and what they mean."""

    bundle: Bundle
    compiled: Compiled
    world: World


def changes(old: State | None, new: State) -> tuple[Change, ...]:
    """Every change, campaign by campaign, then what all of them share. Without an old state everything is added."""
    before = {program.name: program for program in old.world.current_programs()} if old else {}
    after = {program.name: program for program in new.world.current_programs()}
    where = Places(new.bundle.files)
    found: list[Change] = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            there = now or was
            what = What.REMOVED if now is None else What.ADDED
            found.append(CampaignChange(name, what, Place(there.file if there else "")))
        elif was.version != now.version:
            found += program_changes(was, now, where)
    return (*found, *(_shared(old, new, where) if old else ()))


def program_changes(old: Program, new: Program, where: Places) -> Iterator[Change]:
    """What differs between two versions of a campaign."""
    found = [*_rules(old, new, where), *_stages(old, new, where), *step_changes(old, new)]
    yield from found or renamed_steps(old, new)


def _rules(old: Program, new: Program, where: Places) -> Iterator[Change]:
    for name, key in RULES.items():
        yield from _rule(new, "", getattr(old, name), getattr(new, name), key, where, key)
    for name, key in AUDIENCE.items():
        was, now = getattr(old.audience, name), getattr(new.audience, name)
        yield from _rule(new, "", was, now, key, where, "audience", key)
    for name in (field.name for field in fields(new.cadence)):
        was, now = getattr(old.cadence, name), getattr(new.cadence, name)
        yield from _rule(new, "", was, now, f"cadence {name.replace('_', ' ')}", where, "cadence")


def _rule(
    program: Program, stage: str, was: object, now: object, rule: str, where: Places, *path: str
) -> Iterator[RuleChange]:
    if was != now:
        yield RuleChange(program.name, stage, rule, where.of(program.file, *path), written(was), written(now))


def _stages(old: Program, new: Program, where: Places) -> Iterator[Change]:
    names = [stage.name for stage in new.stages]
    for stage in old.stages:
        if stage.name not in names:
            yield StageChange(new.name, stage.name, What.REMOVED, where.of(new.file, "stages"))
    order = [stage.name for stage in old.stages if stage.name in names]
    kept = [name for name in names if name in order]
    for stage in new.stages:
        place = where.of(new.file, "stages", stage.name)
        if stage.name not in order:
            yield StageChange(new.name, stage.name, What.ADDED, place)
            continue
        if kept.index(stage.name) != order.index(stage.name):
            yield StageChange(new.name, stage.name, What.MOVED, place)
        yield from _of_stage(new, old.stage(stage.name), stage, where)


def _of_stage(new: Program, was: Stage, now: Stage, where: Places) -> Iterator[RuleChange]:
    for name in STAGE:
        before, after = getattr(was, name), getattr(now, name)
        yield from _rule(new, now.name, before, after, name, where, "stages", now.name, name)


def _shared(old: State, new: State, where: Places) -> Iterator[Change]:
    yield from _contents(old.world.catalogue, new.world.catalogue, where)
    yield from _subjects(
        old.compiled.templates, new.compiled.templates, "template", lambda n: Place(f"{TEMPLATES}/{n}")
    )
    yield from _subjects(old.world.teams, new.world.teams, "team", lambda n: where.of(TEAMS, "teams", n))
    yield from _subjects(old.compiled.forms, new.compiled.forms, "form", lambda n: where.of(FORMS, "forms", n))
    yield from _subjects(old.compiled.assets, new.compiled.assets, "file", lambda n: Place(f"{ASSETS}/{n}"))
    for name, key in (("rules", "signals"), ("personas", "personas"), ("grades", "grades"), ("mql", "mql")):
        if getattr(old.world.scoring, name) != getattr(new.world.scoring, name):
            yield SharedChange(f"scoring: {key}", What.CHANGED, where.of(SCORING, key))


def _subjects(
    old: Mapping[str, object], new: Mapping[str, object], subject: str, place: Callable[[str], Place]
) -> Iterator[SharedChange]:
    changed = What.REWORDED if subject == "template" else What.CHANGED
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield SharedChange(f"{subject} {name}", What.REMOVED, place(name))
        elif name not in old:
            yield SharedChange(f"{subject} {name}", What.ADDED, place(name))
        elif old[name] != new[name]:
            yield SharedChange(f"{subject} {name}", changed, place(name))


def _contents(old: Mapping[str, Content], new: Mapping[str, Content], where: Places) -> Iterator[ContentChange]:
    for name in sorted(old.keys() | new.keys()):
        place = where.of(CONTENT, "contents", name)
        if name not in new:
            yield ContentChange(name, What.REMOVED, place)
        elif name not in old:
            yield ContentChange(name, What.ADDED, place)
        else:
            yield from _content(old[name], new[name], place)


def _content(was: Content, now: Content, place: Place) -> Iterator[ContentChange]:
    if (was.starts_at, was.ends_at) != (now.starts_at, now.ends_at):
        yield ContentChange(now.id, What.RETIMED, place, _date(was), _date(now))
    said = {one.language: one for one in was.translations}, {one.language: one for one in now.translations}
    for language in sorted(said[0].keys() | said[1].keys()):
        before, after = said[0].get(language), said[1].get(language)
        if before != after:
            shown = [f"{language} {written(one.title)}" if one else "" for one in (before, after)]
            yield ContentChange(now.id, What.REWORDED, place, *shown)
    if _besides(was) != _besides(now):
        yield ContentChange(now.id, What.CHANGED, place, *(written(_besides(one)) for one in (was, now)))


def _date(content: Content) -> str:
    if content.starts_at is None or content.ends_at is None:
        return "no date"
    return f"{content.starts_at:%Y-%m-%d %H:%M}-{content.ends_at:%H:%M} UTC"


def _besides(content: Content) -> Content:
    """Without its words and dates."""
    return replace(content, translations=(), starts_at=None, ends_at=None, dated_at=None, moved=0)
