"""What an edit does with those in flight: kept where they are, moved, or moved and caught up; with safe defaults.

A contact is in one version of a campaign, so whoever is moved gets all of an edit. What can be chosen for a change of its
own is who is left out of it: those who stand at a step may be kept, and a mail that was added may also be sent to those who
are past it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nurture.authoring.problems import did_you_mean
from nurture.core.lineage import place_of, places_gone
from nurture.core.program import Program, Send
from nurture.core.world import World
from nurture.planning.changes import CampaignChange, Change, StageChange, StepChange, What


class Way(StrEnum):
    """What becomes of those in flight."""

    KEEP = "keep"
    MOVE = "move"
    CATCH_UP = "catch-up"


class ChoiceProblem(Exception):
    """A choice cannot be made; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose: for a whole campaign, or for one of its steps."""

    campaign: str
    step: str
    way: Way

    def __str__(self) -> str:
        return f"{self.campaign}{f':{self.step}' if self.step else ''}={self.way}"


@dataclass(frozen=True, slots=True)
class Treatment:
    """What becomes of those who are in an older version of a campaign. None is moved where `way` is keep.

    Whoever was kept in a still older one before stays there, unless somebody chooses for the whole campaign: `only_from`
    is the version whose people are moved.
    """

    campaign: str
    version: str
    way: Way
    only_from: str = ""
    keep_at: tuple[str, ...] = ()
    catch_up: tuple[str, ...] = ()


def read_choice(text: str) -> Choice:
    """`campaign=keep`, or `campaign:tofu/send:guide#1=catch-up` (ChoiceProblem: neither)."""
    target, _, way = text.rpartition("=")
    campaign, _, step = target.partition(":")
    if not campaign or way not in tuple(Way):
        raise ChoiceProblem(
            f"--choose {text!r} is not understood: write CAMPAIGN=WAY or CAMPAIGN:STEP=WAY, and as WAY keep, move or catch-up."
        )
    return Choice(campaign, step, Way(way))


def treatments(
    changes: Sequence[Change], old: World | None, new: World, choices: Sequence[Choice]
) -> tuple[Treatment, ...]:
    """What becomes of those in flight in each campaign that has another version, or for which somebody chose.

    Those whom an earlier choice has kept can be moved later, without any edit. Raises ChoiceProblem.
    """
    before = {program.name: program for program in old.current_programs()} if old else {}
    found: list[Treatment] = []
    for choice in choices:
        _check(choice, changes, before, new)
    for program in sorted(new.current_programs(), key=lambda p: p.name):
        was = before.get(program.name)
        mine = [choice for choice in choices if choice.campaign == program.name]
        moved = any(not choice.step and choice.way is not Way.KEEP for choice in mine)
        if was is not None and (was.version != program.version or moved):
            found.append(_treatment(program, was, _of(changes, program.name), mine))
    return tuple(found)


def way_of(change: Change, treatment: Treatment | None) -> Way | None:
    """What becomes of those whom the change concerns; None where it concerns everybody alike."""
    if isinstance(change, CampaignChange):
        return Way.KEEP if change.what is What.REMOVED else None
    if treatment is None:
        return None
    if isinstance(change, StepChange) and treatment.way is not Way.KEEP:
        if change.what is What.ADDED and change.step in treatment.catch_up:
            return Way.CATCH_UP
        return Way.KEEP if change.step in treatment.keep_at else Way.MOVE
    if isinstance(change, StageChange) and change.what is What.REMOVED and treatment.way is not Way.KEEP:
        return Way.KEEP if place_of(change.stage, None) in treatment.keep_at else Way.MOVE
    return Way.KEEP if treatment.way is Way.KEEP else Way.MOVE


def _of(changes: Iterable[Change], campaign: str) -> list[Change]:
    return [change for change in changes if getattr(change, "campaign", None) == campaign]


def _treatment(program: Program, was: Program, changes: Sequence[Change], choices: Sequence[Choice]) -> Treatment:
    whole = next((choice.way for choice in reversed(choices) if not choice.step), None)
    chosen: Mapping[str, Way] = {choice.step: choice.way for choice in choices if choice.step}
    if whole is Way.KEEP:
        return Treatment(program.name, program.version, Way.KEEP)
    added = _added_mails(changes, program)
    owed = [key for key in added if chosen.get(key, whole) is Way.CATCH_UP]
    kept = {key for key, way in chosen.items() if way is Way.KEEP and key in _keys(was)}
    if whole is None:  # nobody has said so of those whose stage is gone: they finish where they are
        kept |= places_gone(was, program) - chosen.keys()
    way = Way.CATCH_UP if owed else Way.MOVE
    only_from = was.version if whole is None else ""
    return Treatment(program.name, program.version, way, only_from, tuple(sorted(kept)), tuple(owed))


def _added_mails(changes: Sequence[Change], program: Program) -> list[str]:
    """The mails that came, and that people may be past."""
    added = [change for change in changes if isinstance(change, StepChange) and change.what is What.ADDED]
    stages = [(program.stage(change.stage), change.step) for change in added]
    return [key for stage, key in stages if isinstance(stage.steps[stage.index[key]], Send)]


def _keys(program: Program) -> set[str]:
    return {step.key for stage in program.stages for step in stage.steps}


def _check(choice: Choice, changes: Sequence[Change], before: Mapping[str, Program], new: World) -> None:
    """Raise ChoiceProblem unless there is something to choose."""
    old = before.get(choice.campaign)
    version = new.current.get(choice.campaign)
    if old is None or version is None:
        hint = did_you_mean(choice.campaign, before, otherwise="nothing is in flight there")
        raise ChoiceProblem(f"--choose {choice}: {choice.campaign} is no campaign that is applied and stays; {hint}.")
    program = new.program(choice.campaign, version)
    if not choice.step:
        return
    if choice.way is Way.CATCH_UP:
        added = _added_mails(_of(changes, program.name), program)
        if choice.step not in added:
            hint = did_you_mean(choice.step, added, otherwise="only a mail that this edit adds can be caught up on")
            raise ChoiceProblem(f"--choose {choice}: {choice.step} is no mail that the edit adds; {hint}.")
    elif choice.step not in _keys(old) | _keys(program):
        hint = did_you_mean(choice.step, _keys(old), otherwise="`nurture plan` names them")
        raise ChoiceProblem(f"--choose {choice}: the campaign has no such step; {hint}.")
