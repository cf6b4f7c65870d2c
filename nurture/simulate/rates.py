"""How many people do what with a mail: the assumptions, and the evidence that moves them.

Shares are of the people to whom a content is sent: `opened` and `clicked` (its button: a page or a download) of all of
them, `registered` of those who clicked, `attended` of those who registered. People differ: each one's own chance lies
around the rate, the same person being keen or not in every mail (`spread`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

from nurture.simulate.habits import ANSWERS

WEIGHT = 200
"""With how many people an assumption weighs against what a history counted."""

ASSUMED, COUNTED, GIVEN = "assumed", "counted", "given"


@dataclass(frozen=True, slots=True)
class OfContent:
    """What people do with a content of one kind, from 0 to 1."""

    opened: float
    clicked: float
    registered: float = 0.0
    attended: float = 0.0


@dataclass(frozen=True, slots=True)
class OfPeople:
    """What people do whatever the content, from 0 to 1.

    `visited` and `interested` are shares of those who clicked and who replied, `bounced` of those written to for the first
    time; the others are shares of mails.
    """

    visited: float = 0.15
    replied: float = 0.004
    interested: float = 0.35
    unsubscribed: float = 0.004
    complained: float = 0.0002
    away: float = 0.01
    bounced: float = 0.015


OTHER = "other"
KINDS: Mapping[str, OfContent] = {
    "white_paper": OfContent(opened=0.32, clicked=0.09),
    "article": OfContent(opened=0.27, clicked=0.05),
    "webinar": OfContent(opened=0.28, clicked=0.06, registered=0.5, attended=0.45),
    "case_study": OfContent(opened=0.28, clicked=0.06),
    "demo": OfContent(opened=0.28, clicked=0.04),
    OTHER: OfContent(opened=0.27, clicked=0.05),
}
"""Assumptions, written down for want of a history; no statistics of anybody's."""

STAGES: Mapping[str, float] = {"tofu": 1.0, "mofu": 1.1, "bofu": 1.2}
"""How much more is done with contents of a later stage, by the same people: an assumption."""

RELANCE = 0.6
"""How much of it is done with a relance, by those who have not acted yet: an assumption."""


@dataclass(frozen=True, slots=True)
class Rates:
    """All of them. `stages` and `personas` multiply opened and clicked; the persona `none` is whoever fits none."""

    kinds: Mapping[str, OfContent] = field(default_factory=lambda: KINDS)
    stages: Mapping[str, float] = field(default_factory=lambda: STAGES)
    personas: Mapping[str, float] = field(default_factory=dict)
    people: OfPeople = field(default_factory=OfPeople)
    relance: float = RELANCE
    sales: tuple[tuple[int, str], ...] = ANSWERS
    sources: Mapping[str, str] = field(default_factory=dict)

    def of(self, kind: str, stage: str, persona: str | None, *, relance: bool) -> OfContent:
        """The rates of a mail to somebody of that persona."""
        base = self.kinds.get(kind) or self.kinds[OTHER]
        factor = self.stages.get(stage, 1.0) * self.personas.get(persona or "none", 1.0)
        if relance:
            factor *= self.relance
        opened, clicked = min(base.opened * factor, 0.98), min(base.clicked * factor, 0.95)
        return replace(base, opened=max(opened, clicked), clicked=clicked)

    def told(self) -> list[tuple[str, float, str]]:
        """Every rate with its name and where it is from, for a reader to agree with or not."""
        rows = [
            (f"{kind}.{name}", value) for kind, rates in sorted(self.kinds.items()) for name, value in _parts(rates)
        ]
        rows += [(name, value) for name, value in _parts(self.people)]
        rows += [(f"stages.{name}", value) for name, value in self.stages.items()]
        rows += [(f"personas.{name}", value) for name, value in sorted(self.personas.items())]
        rows.append(("relance", self.relance))
        whole = sum(share for share, _ in self.sales)
        rows += [(f"sales.{answer}", share / whole) for share, answer in self.sales]
        return [(name, value, self.sources.get(name, ASSUMED)) for name, value in rows]


Part = TypeVar("Part", OfContent, OfPeople)


def _parts(rates: OfContent | OfPeople) -> list[tuple[str, float]]:
    return [(each.name, getattr(rates, each.name)) for each in fields(rates)]


@dataclass(frozen=True, slots=True)
class Count:
    """So many of so many did it."""

    did: int
    of: int


def posterior(assumed: float, counted: Count, weight: int = WEIGHT) -> float:
    """The mean of the Beta distribution that `weight` people of assumption and the counted ones make."""
    return (assumed * weight + min(counted.did, counted.of)) / (weight + counted.of)


def with_history(rates: Rates, counts: Mapping[str, Count]) -> Rates:
    """The rates moved by what was counted, by names such as `article.clicked` and `unsubscribed`."""
    seen = {name: count for name, count in counts.items() if count.of}
    kinds = dict(rates.kinds)
    for kind in {name.partition(".")[0] for name in seen if "." in name}:
        kinds[kind] = _moved(rates.kinds.get(kind) or rates.kinds[OTHER], seen, f"{kind}.")
    sources = {name: f"{COUNTED}: {count.did} of {count.of}" for name, count in seen.items()}
    people = _moved(rates.people, seen, "")
    return replace(rates, kinds=kinds, people=people, sources={**rates.sources, **sources})


def _moved(rates: Part, counts: Mapping[str, Count], before: str) -> Part:
    new = {name: posterior(value, counts[before + name]) for name, value in _parts(rates) if before + name in counts}
    return replace(rates, **new)


def spread(rate: float, quantile: float) -> float:
    """The chance of the person at this quantile (0 ≤ q < 1): Beta(1, 1/rate − 1), whose mean is the rate.

    Most people do less than the average and a few much more, which is what makes prospects.
    """
    if rate <= 0:
        return 0.0
    return 1.0 - (1.0 - quantile) ** (rate / (1.0 - rate)) if rate < 1 else 1.0
