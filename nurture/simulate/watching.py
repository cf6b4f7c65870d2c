"""Looks at one contact's decisions and notes what a report is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from nurture.core.calendar import hours_for
from nurture.core.effects import Because, Decision
from nurture.core.events import Bounced, Event, Replied, Sent, Signalled, Suppressed
from nurture.core.reasons import Reason
from nurture.core.state import Blocked, ContactState, Ended, Enrolment, Sending, Slotted, Stopped
from nurture.core.words import Gate
from nurture.core.world import World
from nurture.simulate.tally import Mine, Tally

HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)
NOBODY = "none"
HOLIDAY = "holiday"
HOLD_OUT = "hold_out"

PASSED_OVER = frozenset(
    {
        Reason.ALREADY_HAD, Reason.NOT_TRANSLATED, Reason.NOT_SENT_BEFORE, Reason.ACTED_ON, Reason.TWO_RELANCES,
        Reason.TOO_LATE, Reason.HELD_OUT,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Span:
    """The weeks that are simulated, and the zone in which their days and hours are told."""

    start: datetime
    weeks: int
    zone: ZoneInfo
    first_day: date = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "first_day", self.start.astimezone(self.zone).date())

    @property
    def end(self) -> datetime:
        """When they are over."""
        return self.start + self.weeks * WEEK

    def day_of(self, at: datetime) -> int:
        """The day, counted from the first."""
        return (at.astimezone(self.zone).date() - self.first_day).days

    def week_of(self, at: datetime) -> int:
        """The week, counted from the first."""
        return min((at - self.start) // WEEK, self.weeks - 1)


@dataclass(slots=True)
class _Stay:
    """Where an enrolment is since when, and as whom it came there."""

    stage: str
    rotation: int
    since: datetime | None  # None: since before the simulation began
    group: tuple[str, str]
    exhausted: bool = False


@dataclass(slots=True)
class _Kept:
    """What keeps an enrolment from writing."""

    gate: str
    since: datetime


class Watch:
    """Looks on at one contact's course in one world."""

    def __init__(self, world: World, span: Span, tally: Tally, state: ContactState) -> None:
        self.mine = Mine()
        self._world = world
        self._span = span
        self._tally = tally
        self._stays: dict[str, _Stay] = {}
        self._kept: dict[str, _Kept] = {}
        self._capped: dict[str, tuple[str, datetime]] = {}
        self._gates: set[tuple[str, str]] = set()
        for name, enrolment in state.enrolments.items():
            if not isinstance(enrolment.position, Ended):
                self._begins(name, enrolment, state, None)
                self._holds(name, enrolment, state, span.start)

    # What the contact does.

    def happened(self, state: ContactState, event: Event) -> None:
        """Count a fact, whether or not a rule reads it."""
        match event:
            case Signalled(signal=signal, object=about, touch=str(key)):
                touch = state.touches.get(key)
                if touch is not None and touch.content == about:
                    self._tally.contents[touch.campaign, about, signal.value] += 1
                self.mine.figures[signal.value] += 1
            case Suppressed(reason=reason):
                self.mine.figures[reason.value] += 1
            case Bounced():
                self.mine.figures["bounced"] += 1
            case Replied():
                self.mine.figures["replied"] += 1
            case _:
                pass

    # What is decided.

    def decided(self, before: ContactState, event: Event, decision: Decision) -> None:
        """Note one decision."""
        self._tally.decisions += 1
        after, at = decision.state, decision.at
        if isinstance(event, Sent):
            self._sent(before, event)
        for because in decision.because:
            note = NOTES.get(because.reason)
            if note is not None:
                note(self, because, decision)
        if after.enrolments is not before.enrolments:
            for name, enrolment in after.enrolments.items():
                old = before.enrolments.get(name)
                if enrolment is not old:
                    self._moved(name, old, enrolment, after, at)

    def _sent(self, state: ContactState, event: Sent) -> None:
        touch = state.touches.get(event.touch)
        if touch is None:
            return
        local = event.at.astimezone(self._span.zone)
        day = (local.date() - self._span.first_day).days
        self._tally.mails[touch.campaign, day, local.hour] += 1
        what = "sent" if touch.thread is None else "relanced"
        self._tally.contents[touch.campaign, touch.content, what] += 1
        self.mine.figures["mails"] += 1

    def _prospect(self, because: Because, decision: Decision) -> None:
        self.mine.weeks.append(self._span.week_of(decision.at))
        self.mine.figures["prospects"] += 1
        self._tally.answers[because.subject, "offered"] += 1

    def _answer(self, because: Because, decision: Decision) -> None:
        said = because.detail.get("rejection") or "accepted"
        self._tally.answers[because.subject, str(said)] += 1

    def _exhausted(self, because: Because, decision: Decision) -> None:
        name, stage = because.subject, str(because.detail["stage"])
        stay = self._stays.get(name)
        if stay is not None and stay.stage == stage and not stay.exhausted:
            stay.exhausted = True
            self._tally.stages[name, stage, "exhausted"] += 1
            self._tally.exhausted[name, stage, *stay.group, self._span.day_of(decision.at)] += 1
            self.mine.figures["exhausted"] += 1

    def _passed(self, because: Because, decision: Decision) -> None:
        self._tally.stages[because.subject, str(because.detail["stage"]), "passed"] += 1

    def _left_out(self, because: Because, decision: Decision) -> None:
        if "step" in because.detail:
            self._tally.passed_over[because.subject, because.reason.value] += 1

    # Where the enrolments are.

    def _moved(self, name: str, old: Enrolment | None, new: Enrolment, state: ContactState, at: datetime) -> None:
        stay = self._stays.get(name)
        over = isinstance(new.position, Ended)
        if stay is not None and (over or (stay.stage, stay.rotation) != (new.stage, new.rotation)):
            self._leaves(name, stay, at, over=over)
            stay = None
        if stay is None and not over:
            self._begins(name, new, state, at)
        if old is None or old.position is not new.position:
            self._released(name, at, new)
            self._holds(name, new, state, at)

    def _begins(self, name: str, enrolment: Enrolment, state: ContactState, at: datetime | None) -> None:
        language = self._world.program(name, enrolment.version).language
        group = (state.persona or NOBODY, language)
        self._stays[name] = _Stay(enrolment.stage, enrolment.rotation, at, group)
        self._tally.groups[name, enrolment.stage, *group] += 1
        self._tally.stages[name, enrolment.stage, "entered" if at is not None else "before"] += 1
        if enrolment.held_out and (name, HOLD_OUT) not in self._gates:
            self._gates.add((name, HOLD_OUT))
            self._tally.held[name, HOLD_OUT, "contacts"] += 1

    def _leaves(self, name: str, stay: _Stay, at: datetime, *, over: bool) -> None:
        del self._stays[name]
        self._tally.stages[name, stay.stage, "ended" if over else "moved_on"] += 1
        if stay.since is not None:
            self._tally.stays[name, stay.stage, (at - stay.since) // HOUR] += 1

    # What holds them.

    def _holds(self, name: str, enrolment: Enrolment, state: ContactState, at: datetime) -> None:
        match enrolment.position:
            case Slotted(step=step, until=until, gate=gate):
                what = HOLIDAY if gate is Gate.WINDOW and self._closed(enrolment, state, at, until) else gate.value
                self._keep(name, what, at)
                if gate is Gate.CAP and name not in self._capped:
                    self._capped[name] = step, at
                    self._tally.capped[name, "kept"] += 1
            case Blocked(gate=gate):
                self._keep(name, gate.value, at)
            case Stopped(why=why):
                self._keep(name, why.value, at)
            case _:
                pass

    def _keep(self, name: str, what: str, at: datetime) -> None:
        self._kept[name] = _Kept(what, at)
        self._tally.held[name, what, "times"] += 1
        if (name, what) not in self._gates:
            self._gates.add((name, what))
            self._tally.held[name, what, "contacts"] += 1

    def _released(self, name: str, at: datetime, enrolment: Enrolment) -> None:
        kept = self._kept.pop(name, None)
        if kept is not None:
            self._tally.held[name, kept.gate, "hours"] += (at - kept.since) // HOUR
        capped = self._capped.get(name)
        if capped is None:
            return
        step, since = capped
        match enrolment.position:
            case Slotted(step=same) if same == step:
                pass
            case Sending(step=same) if same == step:
                del self._capped[name]
                self._tally.capped[name, "sent"] += 1
                self._tally.capped[name, "hours"] += (at - since) // HOUR
            case _:
                del self._capped[name]
                self._tally.capped[name, "lost"] += 1

    def _closed(self, enrolment: Enrolment, state: ContactState, at: datetime, until: datetime) -> bool:
        """Whether a public holiday lies between, on a day that would be open."""
        cadence = self._world.program(enrolment.campaign, enrolment.version).cadence
        hours = hours_for(self._world, cadence, state)
        day, last = hours.local(at).date(), hours.local(until).date()
        while day <= last:
            if day in hours.closed and day.isoweekday() in hours.window.weekdays:
                return True
            day += timedelta(days=1)
        return False

    def ended(self, state: ContactState) -> None:
        """The weeks are over: note where everything stands."""
        end = self._span.end
        for name, stay in self._stays.items():
            self._tally.stages[name, stay.stage, "there"] += 1
        for name, kept in self._kept.items():
            self._tally.held[name, kept.gate, "hours"] += (end - kept.since) // HOUR
        for name in self._capped:
            self._tally.capped[name, "waiting"] += 1
        for name, enrolment in state.enrolments.items():
            if enrolment.held_out:
                until = enrolment.position.at if isinstance(enrolment.position, Ended) else end
                since = max(enrolment.began_at, self._span.start)
                self._tally.held[name, HOLD_OUT, "hours"] += max(until - since, timedelta()) // HOUR
        self._tally.statuses[state.status.value] += 1
        self._tally.contacts += 1
        self.mine.into(self._tally)


Note: TypeAlias = Callable[[Watch, Because, Decision], None]

NOTES: Mapping[Reason, Note] = {
    Reason.PROSPECT: Watch._prospect,
    Reason.HAND_OFF_ACCEPTED: Watch._answer,
    Reason.HAND_OFF_REJECTED: Watch._answer,
    Reason.HAND_OFF_EXPIRED: Watch._answer,
    Reason.EXHAUSTED: Watch._exhausted,
    Reason.STAGE_SKIPPED: Watch._passed,
    **dict.fromkeys(PASSED_OVER, Watch._left_out),
}
"""What is noted of a reason; of the others, nothing."""
