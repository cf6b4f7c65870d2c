"""Two versions side by side: the same contacts in the same mood, so that what differs is what the files differ in."""

from dataclasses import dataclass

from nurture.simulate.intervals import Range, total, totals
from nurture.simulate.report import FIGURES, Report, Week, begins
from nurture.simulate.running import Plan
from nurture.simulate.tally import Differences, per


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure in both, and the first less the second."""

    what: str
    one: float
    other: float
    difference: Range


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two reports, and how they differ; `weeks` are prospects of each week."""

    one: Report
    other: Report
    figures: tuple[Difference, ...]
    weeks: tuple[Week, ...]


def compare(plan: Plan, one: Report, other: Report, found: Differences) -> Comparison:
    """The intervals come of drawing contacts with what each did in both versions: what both share falls out."""
    rows = [
        Difference(what, one.figures[what].value, other.figures[what].value, total(per(found.figures, what), plan.seed))
        for what in FIGURES
    ]
    ranges = totals(dict(found.prospects), plan.weeks, plan.seed)
    weeks = tuple(Week(begins(plan, n), each) for n, each in enumerate(ranges))
    return Comparison(one, other, tuple(rows), weeks)
