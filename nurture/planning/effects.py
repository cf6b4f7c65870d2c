"""What an edit does to one contact: the same rules run on the old and on the new files, and what differs.

Nobody does anything meanwhile, and mail goes at once. Mails of two runs are the same when they are of the same campaign,
content and kind, whatever step sends them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nurture.core.effects import Decision, SendTouch
from nurture.core.events import CarriedOver, Event, Sent
from nurture.core.invite import CATCH_UP, is_reminder
from nurture.core.state import ContactState, Ended, Sending, Touch, next_timer
from nurture.core.touches import PART
from nurture.core.words import RECEIVED
from nurture.core.world import World
from nurture.planning.ahead import Ahead
from nurture.planning.lines import BECAUSE_OF_IT, Effect, Effects, Line, Seen
from nurture.planning.stages import Activate, CarryOver, ForContacts, LookAgain, Stage, concerns, news
from nurture.planning.standing import position_change, shown
from nurture.simulate.course import Course
from nurture.simulate.forecast import Nobody
from nurture.storage.load import Received

SAME = timedelta(minutes=1)
"""What goes within a minute goes at the same time."""


class _Mail(NamedTuple):
    campaign: str
    content: str
    kind: str


@dataclass
class _Log:
    """The first time each mail goes out, whether a content is sent to who has it, and the steps on the way."""

    sent: dict[_Mail, datetime] = field(default_factory=dict)
    steps: set[tuple[str, str]] = field(default_factory=set)
    repeated: set[_Mail] = field(default_factory=set)

    def happened(self, state: ContactState, event: Event) -> None:
        """Facts that wait are told by what comes of them."""

    def decided(self, before: ContactState, event: Event, decision: Decision) -> None:
        """Note the mails."""
        if isinstance(event, Sent) and event.touch in decision.state.touches:
            self.sent.setdefault(_mail(decision.state.touches[event.touch]), decision.at)
        self.steps.update((b.subject, str(b.detail["step"])) for b in decision.because if "step" in b.detail)
        for effect in decision.effects:
            if isinstance(effect, SendTouch) and _repeats(effect.touch, before):
                self.repeated.add(_mail(effect.touch))


def _mail(touch: Touch) -> _Mail:
    part = PART if touch.part == CATCH_UP else touch.part
    return _Mail(touch.campaign, touch.content, "relance" if touch.thread and part == PART else part)


def _repeats(touch: Touch, before: ContactState) -> bool:
    """Whether it brings a content for the first time, as it says, to a contact who has it."""
    if touch.thread is not None or is_reminder(touch.part):
        return False
    return any(
        t.content == touch.content and t.state in RECEIVED and t.key != touch.key for t in before.touches.values()
    )


@dataclass(frozen=True)
class Comparison:
    """The old files and the new, and what the stages between tell contacts. `days` is how far one looks."""

    before: World | None
    after: World
    stages: tuple[Stage, ...]
    now: datetime
    days: int

    @property
    def end(self) -> datetime:
        """The last instant that counts."""
        return self.now + timedelta(days=self.days)

    @cached_property
    def ahead(self) -> Ahead:
        """From where on the two versions differ."""
        return Ahead(self.before, self.after)

    def of(self, state: ContactState, pending: Iterable[Received], effects: Effects) -> None:
        """Count what the edit does to a contact with these facts still to be decided."""
        waiting = tuple(pending)
        told = tuple(event for stage, event in self._news if concerns(stage, state))
        effects.contacts += 1
        try:
            lines = list(self._lines(state, waiting, told))
        except Exception as error:  # as the engine does: one contact that cannot be decided stands alone
            effects.note(Line(Effect.FAULT, "", type(error).__name__), Seen(state.key, str(error)))
            return
        for line, note in lines:
            effects.note(line, Seen(state.key, note))
        mails = [note for line, note in lines if line.effect in BECAUSE_OF_IT]
        effects.mailed += bool(mails)
        effects.days.update(datetime.fromisoformat(note).date() for note in mails)

    @property
    def may_be_past(self) -> bool:
        """Whether the stages do no more than take contacts over and wake who ran out of content."""
        carried = [stage for stage in self.stages if isinstance(stage, CarryOver)]
        looks = [stage for stage in self.stages if isinstance(stage, LookAgain)]
        return not any(s.keep_at or s.catch_up for s in carried) and not any(s.everybody or s.campaigns for s in looks)

    def of_past(self, state: ContactState, effects: Effects) -> bool:
        """Count a contact for whom nothing is due and who is past the edit; whether it is. Its enrolments are enough."""
        versions = {
            event.campaign: event.version
            for stage, event in self._news
            if isinstance(event, CarriedOver) and concerns(stage, state)
        }
        if not versions or _is_due(state, self.now) or not self.ahead.is_untouched(state, versions):
            return False
        effects.contacts += 1
        for campaign in versions:
            effects.note(Line(Effect.AS_BEFORE, campaign), Seen(state.key, ""))
        return True

    @cached_property
    def _news(self) -> tuple[tuple[ForContacts, Event], ...]:
        """What each stage tells those it concerns."""
        stages = (stage for stage in self.stages if not isinstance(stage, Activate))
        return tuple((stage, news(stage, self.after.salt, self.now)) for stage in stages)

    def _lines(
        self, state: ContactState, waiting: tuple[Received, ...], told: tuple[Event, ...]
    ) -> Iterator[tuple[Line, str]]:
        new, log = self._course(self.after, state, [*waiting, *((self.now, event) for event in told)])
        new.run(self.now, self.now)
        old, past = self._course(self.before, state, waiting) if self.before else (None, _Log())
        if old is not None and (waiting or _is_due(state, self.now)):
            old.run(self.now, self.now)
        here = old.state if old is not None else state
        yield from self._positions(here, new.state)
        there = new.state
        if self.ahead.is_same(here, there):
            past = log  # they have sent the same by now, and go on alike
        elif not (_rests(here, self.end) and _rests(there, self.end)):
            new.run(self.now, self.end)
            if old is None or self.ahead.is_same_so_far(here, there, log.steps):
                past = log if old is not None else past
            else:
                old.run(self.now, self.end)
        yield from self._mails(past, log)

    def _course(self, world: World, state: ContactState, facts: Iterable[Received]) -> tuple[Course, _Log]:
        log = _Log()
        return Course(world, state, facts, Nobody(), log), log

    def _mails(self, old: _Log, new: _Log) -> Iterator[tuple[Line, str]]:
        for mail in sorted(old.sent.keys() | new.sent.keys()):
            was, now = old.sent.get(mail), new.sent.get(mail)
            effect = _difference(was, now)
            if effect is not None:
                instant = now or was
                assert instant is not None
                about = f"{mail.content}{_called(mail.kind)}"
                yield Line(effect, mail.campaign, about), shown(instant, self._zone(mail.campaign))
        for mail in sorted(new.repeated):
            yield Line(Effect.REPEATED, mail.campaign, mail.content), ""

    def _positions(self, old: ContactState, new: ContactState) -> Iterator[tuple[Line, str]]:
        """What becomes at once of where the contact stands in each campaign that has another version or dates."""
        concerned = {stage.campaign for stage in self.stages if isinstance(stage, CarryOver)}
        for name, now in new.enrolments.items():
            was = old.enrolments.get(name)
            if was is None or (isinstance(was.position, Ended) and not isinstance(now.position, Ended)):
                yield Line(Effect.ENTERS, name), now.stage
            elif not isinstance(was.position, Ended) and (name in concerned or was != now):
                yield position_change(was, now, self._zone(name))
                if any(r.part == CATCH_UP for r in now.reminders if r not in was.reminders):
                    yield Line(Effect.CATCHES_UP, name), ", ".join(r.step for r in now.reminders if r.part == CATCH_UP)

    def _zone(self, campaign: str) -> ZoneInfo:
        version = self.after.current.get(campaign)
        return ZoneInfo(self.after.program(campaign, version).cadence.zone if version else "UTC")


def _called(kind: str) -> str:
    return "" if kind == PART else f" ({kind})"


def _difference(was: datetime | None, now: datetime | None) -> Effect | None:
    if was is None or now is None:
        return Effect.MAILED if was is None else Effect.NOT_MAILED
    if abs(now - was) <= SAME:
        return None
    return Effect.SOONER if now < was else Effect.LATER


def _is_due(state: ContactState, now: datetime) -> bool:
    """Whether something comes of it now: a time that is over, or a mail on its way."""
    timer = next_timer(state)
    if timer is not None and timer[0] <= now:
        return True
    return any(isinstance(enrolment.position, Sending) for enrolment in state.enrolments.values())


def _rests(state: ContactState, until: datetime) -> bool:
    """Whether nothing comes before that."""
    timer = next_timer(state)
    return timer is None or timer[0] > until
