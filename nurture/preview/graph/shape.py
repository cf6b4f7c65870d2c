"""What follows what in a stage: the compiled jumps turned back into sequences with ways beside each other.

A step's ways are read from the names of its jumps, so that a new kind of step needs nothing here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nurture.core.program import Stage


class Turn(StrEnum):
    """Why a way is taken."""

    ON = ""
    YES = "yes"
    NO = "no"
    MET = "met"
    TIME_OUT = "time_out"


_JUMPS: Sequence[tuple[tuple[str, Turn], ...]] = (
    (("then", Turn.YES), ("otherwise", Turn.NO)),
    (("next", Turn.MET), ("otherwise", Turn.TIME_OUT)),
    (("next", Turn.ON),),
)
"""The names of the jumps that a step may have, those with most first."""


@dataclass(frozen=True, slots=True)
class Side:
    """One way out of a step until all ways meet again. `goes_on` is false where it ends or jumps away before."""

    turn: Turn
    items: tuple["Item", ...]
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Item:
    """A step, by its index in the stage, with the ways that begin at it; a plain step has none."""

    at: int
    sides: tuple[Side, ...] = ()

    @property
    def goes_on(self) -> bool:
        """Whether something can follow it."""
        return not self.sides or any(side.goes_on for side in self.sides)


@dataclass(frozen=True, slots=True)
class Shape:
    """A stage: its steps from the first on, and those that nothing leads to. `goes_on` tells whether its end is reached."""

    items: tuple[Item, ...]
    goes_on: bool
    loose: tuple[int, ...] = ()


def ways(step: object) -> list[tuple[Turn, int]]:
    """Where a step leads, as (why, index), the index being negative for the end of the stage; nothing where it ends there."""
    found: Any = step
    for names in _JUMPS:
        if all(isinstance(getattr(found, name, None), int) for name, _ in names):
            return [(turn, getattr(found, name)) for name, turn in names]
    return []


def shape_of(stage: Stage) -> Shape:
    """The sequences of a stage. Every step is in it exactly once."""
    reader = _Reader(stage)
    items, goes_on = reader.sequence(0, reader.end)
    loose = tuple(n for n in range(reader.end) if n not in reader.placed)
    return Shape(items, goes_on, loose)


class _Reader:
    """Walks one stage."""

    def __init__(self, stage: Stage) -> None:
        self.end = len(stage.steps)
        self.ways = [self._forward(n, ways(step)) for n, step in enumerate(stage.steps)]
        self.joins = self._joins()
        self.placed: set[int] = set()

    def _forward(self, here: int, found: list[tuple[Turn, int]]) -> list[tuple[Turn, int]]:
        """Jumps back are no flow of the drawing: the step's own words say where it goes."""
        ahead = [(turn, self.end if to < 0 else to) for turn, to in found]
        return [(turn, to) for turn, to in ahead if to > here]

    def _joins(self) -> list[int | None]:
        """Where the ways from a step meet again (its immediate post-dominator); None where nothing follows.

        A way that never comes to the end of the stage is left aside where another does; and where none does and they
        never meet, the last of them in the file is what follows.
        """
        joins: list[int | None] = [None] * (self.end + 1)
        reached: list[frozenset[int]] = [frozenset()] * self.end + [frozenset({self.end})]
        for here in reversed(range(self.end)):
            ahead = [to for _, to in self.ways[here]]
            reached[here] = frozenset({here}).union(*(reached[to] for to in ahead))
            going_on = [to for to in ahead if self.end in reached[to]] or ahead
            joins[here] = _meeting(going_on, joins)
            if joins[here] is None and len(ahead) > 1:
                last = max(ahead)
                joins[here] = last if all(max(reached[to]) < last for to in ahead if to != last) else None
        return joins

    def sequence(self, at: int, stop: int) -> tuple[tuple[Item, ...], bool]:
        """The steps from `at` until `stop`, and whether `stop` is reached."""
        items: list[Item] = []
        while at < stop and at not in self.placed:
            self.placed.add(at)
            out = self.ways[at]
            if len(out) < 2:
                items.append(Item(at))
                if not out:
                    return tuple(items), False
                at = out[0][1]
                continue
            join = self.joins[at]
            until = self.end if join is None else join
            sides = tuple(Side(turn, *self.sequence(to, until)) for turn, to in out)
            items.append(Item(at, sides if any(side.items for side in sides) else ()))
            if join is None:
                return tuple(items), False
            at = join
        return tuple(items), True


def _meeting(targets: Sequence[int], joins: Sequence[int | None]) -> int | None:
    """The first step that all of them come to; `joins` are known of all further ones."""
    met = targets[0] if targets else None
    for target in targets[1:]:
        other: int | None = target
        while met != other:
            if met is None or other is None:
                return None
            if met < other:
                met = joins[met]
            else:
                other = joins[other]
    return met
