"""What the counts of a run mean: the figures that a marketer asks for, ready to be shown or written as JSON."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from nurture.core.world import World
from nurture.simulate.intervals import Range, total, totals, weekly
from nurture.simulate.pace import Pace, pace_of
from nurture.simulate.running import Plan
from nurture.simulate.tally import Tally, per

HOURS = 24.0
FIGURES = ("mails", "opened", "clicked", "downloaded", "registered", "attended", "replied", "unsubscribed", "complained", "bounced", "prospects")  # fmt: skip
"""Figures summed over contacts, each with its interval."""


@dataclass(frozen=True, slots=True)
class Day:
    """The mails of one date, by campaign."""

    day: date
    mails: Mapping[str, int]

    @property
    def all(self) -> int:
        """All campaigns together."""
        return sum(self.mails.values())


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage of a campaign. Times are in days, of those who moved on or ended; None: nobody did.

    `entered` during these weeks; `before`: were there at the start; `passed`: its aim was met before its first mail.
    """

    campaign: str
    stage: str
    entered: int
    before: int
    passed: int
    moved_on: int
    ended: int
    there: int
    exhausted: int
    median_days: float | None
    p90_days: float | None


@dataclass(frozen=True, slots=True)
class HeldRow:
    """What kept a campaign from writing: how many contacts, how often, and for how many contact-days."""

    campaign: str
    gate: str
    contacts: int
    times: int
    days: float


@dataclass(frozen=True, slots=True)
class ExhaustionRow:
    """Who runs out of content: of those who came to the stage, how many, and by when the first and half of them."""

    campaign: str
    stage: str
    persona: str
    language: str
    came: int
    exhausted: int
    first: date | None
    half: date | None


@dataclass(frozen=True, slots=True)
class Week:
    """Prospects handed over in one week."""

    begins: date
    prospects: Range


@dataclass(frozen=True, slots=True)
class CapRow:
    """What caps did to sends: kept ones that went later, that never went, and that still wait at the end."""

    campaign: str
    kept: int
    sent_later: int
    lost: int
    waiting: int
    days_later: float


@dataclass(frozen=True, slots=True)
class ContentRow:
    """One content in one campaign: mails, and what those who had them did."""

    campaign: str
    content: str
    sent: int
    relanced: int
    opened: int
    clicked: int
    downloaded: int
    registered: int
    attended: int


@dataclass(frozen=True, slots=True)
class Assumption:
    """A rate, and where it is from."""

    name: str
    value: float
    source: str


Group: TypeAlias = tuple[str, str, str, str]
"""Campaign, stage, persona, language."""

HeatMap: TypeAlias = tuple[tuple[int, ...], ...]
"""Mails by weekday (Monday first) and hour of the day."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything about one version of the files."""

    version: str
    start: datetime
    weeks: int
    zone: str
    seed: int
    contacts: int
    made_up: int
    decisions: int
    figures: Mapping[str, Range]
    statuses: Mapping[str, int]
    days: tuple[Day, ...]
    hours: HeatMap
    stages: tuple[StageRow, ...]
    held: tuple[HeldRow, ...]
    exhaustion: tuple[ExhaustionRow, ...]
    prospects: tuple[Week, ...]
    caps: tuple[CapRow, ...]
    passed_over: Mapping[str, int]
    contents: tuple[ContentRow, ...]
    answers: Mapping[str, int]
    pace: Pace | None
    faults: Mapping[str, int]
    rates: tuple[Assumption, ...]


def report_of(plan: Plan, name: str, world: World, tally: Tally, mails_per_hour: int = 0) -> Report:
    """The report of one version's notes."""
    return Report(
        version=name,
        start=plan.start,
        weeks=plan.weeks,
        zone=plan.zone,
        seed=plan.seed,
        contacts=tally.contacts,
        made_up=plan.made_up,
        decisions=tally.decisions,
        figures={what: total(per(tally.per_contact, what), plan.seed) for what in FIGURES},
        statuses=dict(sorted(tally.statuses.items())),
        days=_days(plan, tally),
        hours=_hours(plan, tally),
        stages=_stages(world, tally),
        held=_held(tally),
        exhaustion=_exhaustion(plan, world, tally),
        prospects=_weeks(plan, tally),
        caps=_caps(tally),
        passed_over=_over_campaigns(tally.passed_over),
        contents=_contents(world, tally),
        answers=_over_campaigns(tally.answers),
        pace=pace_of(_by_hour(tally), mails_per_hour) if mails_per_hour else None,
        faults=dict(sorted(tally.faults.items())),
        rates=tuple(Assumption(*told) for told in plan.rates.told()),
    )


def begins(plan: Plan, week: int) -> date:
    """The first date of a week."""
    return plan.span.first_day + timedelta(weeks=week)


def _days(plan: Plan, tally: Tally) -> tuple[Day, ...]:
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for (campaign, day, _), mails in tally.mails.items():
        found[day][campaign] += mails
    first = plan.span.first_day
    return tuple(Day(first + timedelta(days=n), dict(sorted(found[n].items()))) for n in range(plan.weeks * 7))


def _hours(plan: Plan, tally: Tally) -> HeatMap:
    first = plan.span.first_day.weekday()
    found: Counter[tuple[int, int]] = Counter()
    for (_, day, hour), mails in tally.mails.items():
        found[(first + day) % 7, hour] += mails
    return tuple(tuple(found[weekday, hour] for hour in range(24)) for weekday in range(7))


def _by_hour(tally: Tally) -> Counter[int]:
    found: Counter[int] = Counter()
    for (_, day, hour), mails in tally.mails.items():
        found[day * 24 + hour] += mails
    return found


def _funnel(world: World, campaigns: Iterable[str]) -> list[tuple[str, str]]:
    """The stages of these campaigns in their order, those of older versions included."""
    stages: dict[tuple[str, str], None] = {}
    for program in (*world.current_programs(), *world.programs.values()):
        if program.name in campaigns:
            stages |= dict.fromkeys((program.name, stage.name) for stage in program.stages)
    order = {program.name: n for n, program in enumerate(world.current_programs())}
    return sorted(stages, key=lambda each: (order.get(each[0], len(order)), each[0]))


def _stages(world: World, tally: Tally) -> tuple[StageRow, ...]:
    stays: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for (campaign, stage, hours), times in tally.stays.items():
        stays[campaign, stage][hours] += times
    rows = []
    for campaign, stage in _funnel(world, {name for name, _, _ in tally.stages}):
        of = {what: tally.stages[campaign, stage, what] for what in STAGE_WHATS}
        spent = stays[campaign, stage]
        rows.append(StageRow(campaign, stage, **of, median_days=_quantile(spent, 0.5), p90_days=_quantile(spent, 0.9)))
    return tuple(rows)


STAGE_WHATS = ("entered", "before", "passed", "moved_on", "ended", "there", "exhausted")


def _quantile(hours: Counter[int], share: float) -> float | None:
    """In days."""
    whole = hours.total()
    if not whole:
        return None
    seen = 0
    for value, times in sorted(hours.items()):
        seen += times
        if seen >= share * whole:
            return round(value / HOURS, 1)
    return None


def _held(tally: Tally) -> tuple[HeldRow, ...]:
    named = sorted({(campaign, gate) for campaign, gate, _ in tally.held})
    rows = [
        HeldRow(name, gate, tally.held[name, gate, "contacts"], tally.held[name, gate, "times"], round(tally.held[name, gate, "hours"] / HOURS, 1))
        for name, gate in named
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (row.campaign, -row.days, row.gate)))


def _exhaustion(plan: Plan, world: World, tally: Tally) -> tuple[ExhaustionRow, ...]:
    days: dict[Group, Counter[int]] = defaultdict(Counter)
    for (campaign, stage, persona, language, day), times in tally.exhausted.items():
        days[campaign, stage, persona, language][day] += times
    order = {each: n for n, each in enumerate(_funnel(world, {group[0] for group in tally.groups}))}
    rows = []
    for group in sorted(tally.groups, key=lambda g: (order.get((g[0], g[1]), len(order)), g)):
        spent = days[group]
        first, half = (_day_of(plan, spent, share) for share in (0.0, 0.5))
        rows.append(ExhaustionRow(*group, tally.groups[group], spent.total(), first, half))
    return tuple(rows)


def _day_of(plan: Plan, days: Counter[int], share: float) -> date | None:
    seen = 0
    for day, times in sorted(days.items()):
        seen += times
        if seen >= share * days.total():
            return plan.span.first_day + timedelta(days=day)
    return None


def _weeks(plan: Plan, tally: Tally) -> tuple[Week, ...]:
    ranges = totals(weekly(tally.prospects), plan.weeks, plan.seed)
    return tuple(Week(begins(plan, n), each) for n, each in enumerate(ranges))


def _caps(tally: Tally) -> tuple[CapRow, ...]:
    def row(name: str) -> CapRow:
        kept, sent, lost, waiting, hours = (
            tally.capped[name, what] for what in ("kept", "sent", "lost", "waiting", "hours")
        )
        return CapRow(name, kept, sent, lost, waiting, round(hours / HOURS / sent, 1) if sent else 0.0)

    return tuple(row(name) for name in sorted({name for name, _ in tally.capped}))


def _contents(world: World, tally: Tally) -> tuple[ContentRow, ...]:
    whats = ("sent", "relanced", "opened", "clicked", "downloaded", "registered", "attended")
    order = {content: n for n, content in enumerate(world.catalogue)}
    named = {(campaign, content) for campaign, content, what in tally.contents if what in {"sent", "relanced"}}
    ordered = sorted(named, key=lambda each: (each[0], order.get(each[1], len(order)), each[1]))
    return tuple(ContentRow(*each, *(tally.contents[*each, what] for what in whats)) for each in ordered)


def _over_campaigns(counts: Counter[tuple[str, str]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for (_, what), times in counts.items():
        found[what] += times
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
