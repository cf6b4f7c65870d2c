"""Which step of a version is which of another, and where one goes on whose step is gone.

Keys survive edits, so most steps are found by theirs. A wait or a branch is named after the step before it, and gets
another name when that step goes: it is the same if it means the same and stands behind the same step that is left.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, NamedTuple

from nurture.core.acts import END
from nurture.core.program import Mailing, Program, Stage, Step

JUMPS = ("next", "then", "otherwise")
"""The parts of a step that say where one goes on."""

START = ""
"""Stands for the place before the first step of a stage."""


class Edge(NamedTuple):
    """A step, by its place, and which of its jumps is taken."""

    place: int
    jump: str


def meaning(step: Step) -> Step:
    """The step without its name, its line and its jumps: equal for steps that do the same."""
    given = {field.name for field in fields(step)}
    blank: dict[str, Any] = {"key": "", "line": 0} | dict.fromkeys(JUMPS, END)
    return replace(step, **{name: value for name, value in blank.items() if name in given})


def counterparts(old: Stage, new: Stage) -> dict[str, str]:
    """The key in the new stage of each step of the old one that is still there."""
    found = {step.key: step.key for step in old.steps if step.key in new.index}
    waiting: dict[tuple[str, Step], list[str]] = defaultdict(list)
    for behind, step in _renamed(new, found):
        waiting[behind, meaning(step)].append(step.key)
    for behind, step in _renamed(old, found):
        same = waiting[behind, meaning(step)]
        if same:
            found[step.key] = same.pop(0)
    return found


def _renamed(stage: Stage, known: Mapping[str, str]) -> Iterator[tuple[str, Step]]:
    """The steps that may have another name, each with the last step before it in the file that has kept its own."""
    behind = START
    for step in stage.steps:
        if step.key in known:
            behind = step.key
        elif not isinstance(step, Mailing):
            yield behind, step


def resumed(old: Stage, new: Stage, step: str | None) -> str | None:
    """The step of the new stage at which whoever is at `step` of the old one goes on (None: nothing is left to do).

    Where it is gone: behind the nearest step before it that is still there, or at the beginning.
    """
    if step is None or step not in old.index:
        return None
    same = counterparts(old, new)
    if step in same:
        return same[step]
    for edge in _backwards(old, old.index[step]):
        kept = same.get(old.steps[edge.place].key)
        if kept is not None:
            return _target(new, new.index[kept], edge.jump)
    return new.steps[0].key if new.steps else None


def place_of(stage: str, step: str | None) -> str:
    """The name of where somebody stands: a step, or the end of the stage."""
    return step if step is not None else f"{stage}/"


def places_gone(old: Program, new: Program) -> frozenset[str]:
    """Where whoever stands has no stage any more in the new version."""
    gone = [stage for stage in old.stages if stage.name not in new.stage_index]
    return frozenset(place_of(stage.name, key) for stage in gone for key in (*stage.index, None))


def following(old: Program, new: Program, stage: str) -> Stage | None:
    """The stage of the new version in which whoever is in `stage` of the old one goes on: itself, else the next that is left."""
    for left in old.stages[old.stage_index[stage] :]:
        if left.name in new.stage_index:
            return new.stage(left.name)
    return None


def adds_mail(old: Stage, new: Stage) -> bool:
    """Whether the new stage has a mail for who has come to the end of the old one."""
    return any(isinstance(step, Mailing) and step.key not in old.index for step in new.steps)


def must_pass(stage: Stage, step: str, on_the_way_to: str | None) -> bool:
    """Whether nobody comes from the stage's beginning to a step (None: to its end) but over the other one."""
    barred, goal = stage.index[step], END if on_the_way_to is None else stage.index[on_the_way_to]
    seen: set[int] = set()
    waiting = [0]
    while waiting:
        here = waiting.pop()
        if here in seen or here == barred:
            continue
        seen.add(here)
        waiting += [] if here == END else [there for _, there in _jumps(stage.steps[here])]
    return barred != goal and goal not in seen


def _jumps(step: Step) -> Iterator[tuple[str, int]]:
    for name in JUMPS:
        if hasattr(step, name):
            yield name, getattr(step, name)


def _backwards(stage: Stage, place: int) -> Iterator[Edge]:
    """Every way by which one may have come to a step, the last part of it first."""
    into: dict[int, list[Edge]] = defaultdict(list)
    for n, step in enumerate(stage.steps):
        for name, there in _jumps(step):
            into[there].append(Edge(n, name))
    seen, row = {place}, [place]
    for here in row:
        for edge in into[here]:
            yield edge
            if edge.place not in seen:
                seen.add(edge.place)
                row.append(edge.place)


def _target(stage: Stage, place: int, jump: str) -> str | None:
    step = stage.steps[place]
    there = getattr(step, jump, getattr(step, "next", END))
    return None if there == END else stage.steps[there].key
