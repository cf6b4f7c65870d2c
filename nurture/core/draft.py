"""A decision being written: the state as changed so far, the effects wanted, the reasons said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from nurture.core.changing import changed, opened, unknown
from nurture.core.conditions import NEVER, Condition
from nurture.core.effects import Because, Decision, Detail, Effect, Suppress, WithdrawTouch
from nurture.core.events import Event, FieldValue, ProfileChanged
from nurture.core.facts import Facts, test_of
from nurture.core.gates import rank
from nurture.core.profile import learned, stamp_of, tagged
from nurture.core.program import Program
from nurture.core.quick import maker_of
from nurture.core.reasons import Reason
from nurture.core.state import (
    ContactState,
    Ended,
    Enrolment,
    Exhausted,
    Position,
    Sending,
    SignalKey,
    Touch,
)
from nurture.core.words import End, Status, Suppression
from nurture.core.world import World

NO_CAMPAIGN: frozenset[str] = frozenset()
_because, _decision = maker_of(Because), maker_of(Decision)


class Draft:
    """Private to one call of `decide`; nothing of it outlives the call but the values in its `Decision`.

    `state` is a copy made for this draft, which changes in place and has the decision's number; `before` is the state as it
    was given.
    """

    __slots__ = (
        "_alone", "_enrolments", "_parts", "_passing", "_several", "_touches", "because", "before", "calm", "caught_up",
        "due", "effects", "event", "is_changed", "is_look", "moves", "now", "owed", "present", "signal", "state", "unheard",
        "words", "world",
    )  # fmt: skip

    def __init__(self, world: World, state: ContactState, event: Event, now: datetime) -> None:
        self.world = world
        self.before = state
        self.state, self._parts = own, parts = opened(state)
        parts["seq"] += 1
        self.event = event
        self.now = now
        self.effects: list[Effect] = []
        self.because: list[Because] = []
        self.due: dict[str, datetime] = {}  # the campaigns whose timer fired, and when it was due
        self.moves: dict[str, int] = {}  # how often each campaign's steps chose another stage
        self.words = 0  # how many things steps wrote down
        self.signal: SignalKey | None = None  # what the event counts as, once absorbed
        # as it was before steps wrote something down that rules have not heard
        self.unheard: ContactState | None = None
        self.is_look = False  # whether the event is the day for which the contact was to be looked at: see turns.py
        self.is_changed = False  # whether anything of the state is, but for touches and enrolments
        self.calm = (
            False  # whether no rule that moves or ends an enrolment holds: asked, and nothing changed that they read
        )
        self.owed: frozenset[str] = NO_CAMPAIGN  # the campaigns whose timer held what a standstill left
        self.caught_up: frozenset[str] = NO_CAMPAIGN  # the campaigns of which a late touch has just gone out
        self._touches: dict[str, Touch] | None = None  # the state's, once they are this draft's own
        self._enrolments: dict[str, Enrolment] | None = None  # the state's, once they are this draft's own
        # one that this draft has made, and of which nobody else keeps anything
        self._passing: Enrolment | None = None
        # what `live` answers of one or none, until another is stored
        self._alone: Sequence[Enrolment] | None = None
        self._several: Sequence[Enrolment] | None = None  # the same, in order, where there are more
        # What conditions are read against at once: whoever asks sets the enrolment.
        self.present = Facts(own, world.scoring, now, None, False, None, world.home)

    def decision(self) -> Decision:
        """What was written."""
        if not self.because:
            self.say(Reason.RECORDED)
        return _decision(self.state, tuple(self.effects), tuple(self.because), self.now)

    def set(self, **parts: Any) -> None:
        """Change parts of the state, which is this draft's own (TypeError: a part it does not have)."""
        own = self._parts
        size = len(own)
        own.update(parts)
        if len(own) != size:
            raise unknown(self.before, parts)
        self.is_changed = True
        self.calm = False

    def say(self, reason: Reason, subject: str = "", **detail: Detail) -> None:
        """Add a reason to the journal."""
        self.because.append(_because(reason, subject, detail))

    def program(self, enrolment: Enrolment) -> Program:
        """The version the enrolment is pinned to."""
        return self.world.programs[enrolment.campaign, enrolment.version]

    def put(self, enrolment: Enrolment) -> None:
        """Store the enrolment as it is now."""
        self._own_enrolments()[enrolment.campaign] = enrolment
        self._alone = self._several = self._passing = None
        self.calm = False

    def place(self, enrolment: Enrolment, position: Position, anchor: datetime | None = None) -> None:
        """Put the enrolment at a position; `anchor` when a step was completed on the way. Rules read neither."""
        parts = enrolment.__dict__ if enrolment is self._passing else self._passing_on(enrolment)
        parts["position"] = position
        if anchor is not None:
            parts["anchor"] = anchor
        if type(position) is Ended:
            self._alone = self._several = None

    def _passing_on(self, enrolment: Enrolment) -> dict[str, Any]:
        """The parts of a copy in its place, which nobody has seen yet."""
        own, campaign = self._enrolments, enrolment.campaign
        if own is None:
            own = self._own_enrolments()
        if own.get(campaign) is not enrolment:
            self.calm = False
        own[campaign], parts = opened(enrolment)
        self._passing = passing = own[campaign]
        self._alone = (passing,) if len(own) == 1 else None
        self._several = None
        return parts

    def _own_enrolments(self) -> dict[str, Enrolment]:
        """Copied once, so that those as they were before stay as they are."""
        own = self._enrolments
        if own is None:
            own = self._parts["enrolments"] = self._enrolments = dict(self.state.enrolments)
        return own

    def put_touch(self, touch: Touch) -> None:
        """Store the touch as it is now. No rule reads it."""
        own = self._touches
        if own is None:
            own = self._parts["touches"] = self._touches = dict(self.state.touches)
        own[touch.key] = touch

    def live(self) -> Iterable[Enrolment]:
        """The enrolments that have not ended, most important first, each as it is when its turn comes."""
        alone = self._alone
        return self._running() if alone is None else alone

    def _running(self) -> Iterable[Enrolment]:
        enrolments, several = self.state.enrolments, self._several
        if len(enrolments) < 2:
            alone = tuple(enrolments.values())
            if alone and type(alone[0].position) is Ended:
                alone = ()
            self._alone = alone
            return alone
        if several is None:
            several = [e for e in enrolments.values() if type(e.position) is not Ended]
            several.sort(key=lambda e: rank(self.program(e), e))
            self._several = several
        return self._each(several)

    def _each(self, running: Iterable[Enrolment]) -> Iterator[Enrolment]:
        for one in running:
            enrolment = self.state.enrolments[one.campaign]
            if type(enrolment.position) is not Ended:
                yield enrolment

    def facts(self, enrolment: Enrolment | None = None) -> Facts:
        """What a condition about the enrolment is read against, as long as the state stays as it is."""
        return Facts(self.state, self.world.scoring, self.now, enrolment, home=self.world.home)

    def holds(self, condition: Condition, enrolment: Enrolment | None = None) -> bool:
        """Whether the condition is true now."""
        if condition is NEVER:  # what most rules are that an author may leave out
            return False
        facts = self.present
        facts.enrolment = enrolment
        try:
            test = condition.test
        except AttributeError:
            test = test_of(condition)
        return test(facts)

    def raise_status(self, status: Status) -> None:
        """A lead becomes an MQL; whoever went further keeps what was reached."""
        if self.state.status is Status.LEAD and status is Status.MQL:
            self.set_status(status)

    def set_status(self, status: Status) -> None:
        """Change the status, and say so."""
        if status is not self.state.status:
            self.say(Reason.STATUS, before=self.state.status.value, after=status.value)
            self.set(status=status)

    def withdraw(self, enrolment: Enrolment) -> None:
        """Take back the touch that the enrolment has in the outbox, if any."""
        if isinstance(enrolment.position, Sending):
            self.effects.append(WithdrawTouch(enrolment.position.touch))
            self.say(Reason.WITHDRAWN, enrolment.campaign, touch=enrolment.position.touch)

    def end(self, enrolment: Enrolment, why: End, reason: Reason) -> None:
        """End an enrolment."""
        self.say(reason, enrolment.campaign, end=why.value)
        self.withdraw(enrolment)
        self.place(enrolment, Ended(why, self.now))

    def end_because(self, enrolment: Enrolment, note: str, why: End = End.LEFT) -> None:
        """End an enrolment for a reason in the author's words, which is kept."""
        self.say(Reason.LEFT_BECAUSE, enrolment.campaign, note=note)
        self.withdraw(enrolment)
        self.place(enrolment, Ended(why, self.now, note))

    def write_down(self, fields: Mapping[str, FieldValue], tags: tuple[str, ...], untagged: tuple[str, ...]) -> None:
        """Note something of the contact, as if it had been told now; rules hear of it before the decision is over."""
        key = f"~{self.before.seq:09}.{self.words:03}"  # sorts after whatever was told at this instant, in the order of saying
        stamp = stamp_of(ProfileChanged(key, self.now))
        self.words += 1
        if self.unheard is None:
            self.unheard = changed(self.state)
            self._enrolments = self._touches = self._passing = None  # what is remembered there stays as it is
        self.set(**learned(self.state, stamp, fields))
        self.set(**tagged(self.state, stamp, tags, untagged))

    def suppress(self, reason: Suppression) -> None:
        """Never write to the contact again: every enrolment ends.

        The suppression itself may be known already: an objection is stored before its event is decided.
        """
        if reason not in self.state.suppressed:
            self.set(suppressed=self.state.suppressed | {reason})
            self.effects.append(Suppress(reason))
        self.say(Reason.SUPPRESSED, why=reason.value)
        for enrolment in self.live():
            self.end(enrolment, End.SUPPRESSED, Reason.LEFT)


def resume_at(position: Position) -> str | None:
    """The step at which a stopped enrolment goes on; None when its stage has none left."""
    return None if isinstance(position, _NOWHERE) else position.step


_NOWHERE = (Exhausted, Ended)
