"""From the typed tree of a condition to SQL, node by node: a new kind of node is one arm of `between` more."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from sqlalchemy import false

from nurture.core.conditions import (
    Always,
    And,
    Compare,
    CompareDate,
    Condition,
    DaysAway,
    InSegment,
    IsUnknown,
    Not,
    OneOf,
    Or,
    Ref,
    Signalled,
    Tagged,
)
from nurture.storage.conditions import readings
from nurture.storage.conditions.asked import Asked
from nurture.storage.conditions.bounds import Bounds, all_of, always, any_of, contrary, unsure
from nurture.storage.conditions.comparing import compared, one_of, unknown
from nurture.storage.conditions.dates import dated, days_away
from nurture.storage.conditions.engagement import can_be_told, engagement
from nurture.storage.conditions.fit import best_fit, fit_of_now, kept_grade
from nurture.storage.conditions.readings import Reading
from nurture.storage.conditions.signals import passage, signalled
from nurture.storage.conditions.tags import tagged
from nurture.storage.tables import contacts, enrolments

DEEPEST = 8
"""Levels of `and`, `or` and `not` that SQLite is told of: its parser, until 3.46, keeps a hundred open ends at most."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Conditions about contacts, all read against the same. `kept`: scores are those of the last decision, not of now."""

    asked: Asked
    kept: bool = False
    depth: int = 0

    def between(self, condition: Condition) -> Bounds:
        """What the condition lies between."""
        match condition:
            case And() | Or() | Not() if self.asked.lite and self.depth == DEEPEST:
                return unsure()
            case And(terms):
                return all_of(map(self._below.between, terms))
            case Or(terms):
                return any_of(map(self._below.between, terms))
            case Not(term):
                return contrary(self._below.between(term))
            case Always():
                return always()
            case Signalled():
                return signalled(condition, self.asked)
            case Tagged(tag):
                return tagged(tag, self.asked)
            case Compare(ref) | OneOf(ref) | IsUnknown(ref) if ref.name == "fit":
                return self._fit(condition)
            case Compare(ref, op, value):
                return self._of(ref, lambda known: compared(known, op, value))
            case OneOf(ref, values):
                return self._of(ref, lambda known: one_of(known, values))
            case CompareDate(ref=ref):
                return self._of(ref, lambda known: dated(known, condition, self.asked))
            case DaysAway(ref=ref):
                return self._of(ref, lambda known: days_away(known, condition, self.asked))
            case InSegment(condition=inner):
                return replace(self, asked=replace(self.asked, campaign=None)).between(inner)
            case IsUnknown(ref):
                return self._of(ref, unknown)
            case _:
                assert_never(condition)

    def read(self, ref: Ref) -> Reading | None:
        """What the reference stands for, as `core.facts` reads it; None where SQL cannot say it. Not the fit of now."""
        match ref.name:
            case "engagement":
                return self._engagement()
            case "fit":
                return readings.nullable(contacts.c.grade, self.asked)
            case "created":
                return readings.day_of(contacts.c.created_at, self.asked)
            case "status":
                return readings.status()
            case "stage":
                return self._stage()
            case "country" | "language":
                return readings.apart(contacts.c[ref.name], self.asked)
            case _:
                return readings.field(ref.name, self.asked)

    @property
    def _below(self) -> "Tree":
        return replace(self, depth=self.depth + 1)

    def _of(self, ref: Ref, test: Callable[[Reading], Bounds]) -> Bounds:
        known = self.read(ref)
        return unsure() if known is None else test(known)

    def _engagement(self) -> Reading | None:
        if self.kept:
            return readings.points(contacts.c.engagement)
        if not can_be_told(self.asked.scoring):
            return None
        return readings.points(engagement(self.asked))

    def _stage(self) -> Reading:
        if self.asked.campaign is None:
            return Reading(false())
        return readings.nullable(passage(enrolments.c.stage, self.asked.campaign), self.asked)

    def _fit(self, ask: Compare | OneOf | IsUnknown) -> Bounds:
        scoring = self.asked.scoring
        if self.kept:
            return kept_grade(ask, scoring, readings.nullable(contacts.c.grade, self.asked))
        criteria = Tree(replace(self.asked, campaign=None), kept=True)
        fit = best_fit(scoring, criteria.between, criteria.read, self.asked.lite)
        return unsure() if fit is None else fit_of_now(ask, scoring, fit)
