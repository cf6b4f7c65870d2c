"""What holds whatever happens to a contact, in whatever order: nonsense, repetition and lateness included."""

import copy
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core import events
from nurture.core.calendar import hours_for, next_open
from nurture.core.conditions import And, DaysAway, Not, Ref, Scope
from nurture.core.decide import decide, may_send
from nurture.core.effects import Decision, SendTouch
from nurture.core.events import Event
from nurture.core.gates import GO
from nurture.core.newsletters import STAGE, Issue
from nurture.core.program import Audience, Cadence, Cap, Exit, Variant, WhenExhausted, WhenLate
from nurture.core.qualify import ledger_of
from nurture.core.state import Blocked, ContactState, Ready, Sending, next_timer, timers
from nurture.core.words import (
    MAY_BE_WRITTEN_TO,
    Basis,
    Confidence,
    Gate,
    Hardness,
    HoldKind,
    Intent,
    Rejection,
    SignalKind,
    Status,
    Suppression,
    TaskKind,
    TouchState,
)
from nurture.core.world import World
from tests.builders import (
    OFFICE,
    a_contact,
    a_content,
    a_program,
    a_prospect_rule,
    a_stage,
    a_world,
    at,
    business_days,
    days,
    did,
    engaged,
    hours,
    is_,
    relance,
    send,
    wait,
    wait_for,
    wait_until,
    when,
)

START = at("2027-03-22 08:00")
"""A week before the clocks change in Paris."""

SILENT = Not(did("visited", scope=Scope.WITHIN, days=2))
SILENT_LONG = Not(did("visited", scope=Scope.WITHIN, days=9))
SOON = DaysAway(Ref("due_on"), 0, 3)
CADENCE = Cadence(OFFICE, at_most=(Cap(1, 2), Cap(4, 30)), late_max=days(2), late_then=WhenLate.SHIFT)
CLOUD = a_program(
    a_stage(
        "tofu",
        send("guide", variants=(Variant("a", 5000), Variant("b", 5000))),
        wait_for(did("downloaded", "guide"), days(4), [relance("guide"), wait(hours(30)), relance("guide")]),
        wait(business_days(2)),
        send("etude"),
        advance=engaged(20),
    ),
    a_stage(
        "mofu",
        send("webinar"),
        wait_until("webinar"),
        when(did("attended", "webinar"), [send("slides")], [relance("webinar")]),
        status=Status.MQL,
        advance=did("attended", "webinar"),
        exhausted=WhenExhausted.ADVANCE,
    ),
    a_stage("bofu", send("cas"), wait(days(1)), send("demo"), exhausted=WhenExhausted.LEAVE),
    name="cloud",
    audience=Audience(did("submitted", "audit"), leave_if=is_("status", "customer"), again=days(5)),
    cadence=CADENCE,
    prospect=a_prospect_rule(engaged(60), cool_down=days(3)),
    priority=5,
)
NEWS = a_program(
    a_stage("tofu", send("etude"), send("lettre"), wait(days(3)), send("guide"), wait(days(1)), send("cas")),
    name="news",
    enter=did("clicked"),
    cadence=replace(CADENCE, late_then=WhenLate.SKIP),
)
QUIET = a_program(
    a_stage("tofu", wait(days(2)), send("rappel"), wait_for(SILENT_LONG, days(30))),
    name="quiet",
    audience=Audience(And((did("visited", scope=Scope.EVER), SILENT)), again=days(1), exits=(Exit(SOON, "soon"),)),
    cadence=CADENCE,
)
LETTER = replace(
    a_program(
        a_stage(STAGE, send("lettre"), exhausted=WhenExhausted.LEAVE),
        name="letter",
        audience=Audience(),
        cadence=CADENCE,  # a company's caps are every campaign's
    ),
    issue=Issue("everybody", START, START + timedelta(days=40)),
)
WEBINAR = a_content("webinar", ends_at=at("2027-04-06 12:00"), starts_at=at("2027-04-06 11:00"))
EDITED = replace(
    CLOUD,
    version="v2",
    stages=(
        a_stage("tofu", send("lettre"), send("guide"), wait(hours(30)), wait(business_days(2)), advance=engaged(30)),
        a_stage("bofu", send("demo"), wait(days(1)), send("cas")),
    ),
)
WORLD = a_world(CLOUD, NEWS, QUIET, LETTER, catalogue={"webinar": WEBINAR})
WORLD = replace(WORLD, programs={**WORLD.programs, ("cloud", "v2"): EDITED})
T = TypeVar("T")


@dataclass
class Story:
    """A contact to whom anything happens; what must hold is checked at each decision."""

    state: ContactState
    now: datetime = START
    world: World = WORLD
    outbox: Counter[str] = field(default_factory=Counter)
    n: int = 0

    def happen(self, event: Event) -> Decision:
        if isinstance(event, events.CarriedOver) and (event.campaign, event.version) in self.world.programs:
            current = {**self.world.current, event.campaign: event.version}
            self.world = replace(self.world, current=current)
        decision = decide(self.world, self.state, event, self.now)
        self._listen(event)
        check(self.world, self.state, decision, self.now, self.outbox)
        self.state = decision.state
        return decision

    def _listen(self, event: Event) -> None:
        if isinstance(event, events.Withheld) and event.touch in self.outbox:
            self.outbox[event.touch] = 0

    def settle(self) -> None:
        """Fire what is due until nothing is: that ends."""
        for _ in range(50):
            due = next_timer(self.state)
            if due is None or due[0] > self.now:
                return
            self.happen(events.TimerFired(due[1], due[0]))
        raise AssertionError(f"still due after fifty timers: {next_timer(self.state)}")


def check(world: World, before: ContactState, decision: Decision, now: datetime, outbox: Counter[str]) -> None:
    """What every decision keeps."""
    after = decision.state
    assert decision.because
    assert decision.at == now
    assert after.seq == before.seq + 1
    assert after.engagement == sum(entry.remaining for entry in ledger_of(world.scoring, after, now))
    for enrolment in after.enrolments.values():
        assert not isinstance(enrolment.position, Ready)
        if isinstance(enrolment.position, Blocked):
            assert enrolment.position.gate in {Gate.CONSENT, Gate.HOLD}
        if isinstance(enrolment.position, Sending):
            assert enrolment.position.touch in after.touches
    known = dict(timers(before))
    assert all(due >= now or known.get(name) == due for name, due in timers(after))
    for effect in decision.effects:
        if isinstance(effect, SendTouch):
            check_touch(world, after, effect, now, outbox)


def check_touch(world: World, state: ContactState, effect: SendTouch, now: datetime, outbox: Counter[str]) -> None:
    """What every touch queued keeps."""
    touch = effect.touch
    program = world.program(touch.campaign, effect.version)
    assert outbox[touch.key] == 0, "queued twice without a Withheld between"
    outbox[touch.key] = 1
    assert not state.suppressed
    assert state.basis in MAY_BE_WRITTEN_TO
    assert not state.holds
    open_hours = hours_for(world, program.cadence, state)
    assert next_open(open_hours, now) == now
    dates = [
        open_hours.local(t.at).date().toordinal()
        for t in state.touches.values()
        if t.state in {TouchState.QUEUED, TouchState.SENT, TouchState.UNKNOWN, TouchState.BOUNCED}
    ]
    today = open_hours.local(now).date().toordinal()
    for cap in program.cadence.at_most:
        assert sum(today - cap.days < date <= today for date in dates) <= cap.count
    assert state.touches[touch.key] == touch
    assert may_send(world, state, touch, now) == GO


@dataclass
class Dice:
    """Choices hidden in one number, so that hypothesis draws a number an event, and shrinks it."""

    number: int

    def pick(self, options: Sequence[T]) -> T:
        self.number, choice = divmod(self.number, len(options))
        return options[choice]


NUMBERS = st.lists(st.integers(0, 2**48), min_size=8, max_size=60)
AGES = (timedelta(), timedelta(minutes=5), timedelta(days=3), timedelta(days=90))
OBJECTS = ("guide", "etude", "webinar", "/tarifs", "")
CAMPAIGNS = ("cloud", "news", "quiet", "letter", "gone")
FIELDS: tuple[dict[str, str | int | None], ...] = (
    {}, {"country": "BE"}, {"timezone": "Africa/Casablanca"}, {"due_on": "2027-04-20"}, {"role": None, "employees": 80},
)  # fmt: skip
TIMERS = ("enrolment:cloud", "enrolment:news", "hand_off", "look", "?")
RARE = ("suppressed", "bounced", "refused", "remove", "hand_off_answered")
OFTEN = (*RARE, *[kind for kind in events.KINDS if kind not in RARE] * 3, *("submitted", "signalled", "sent") * 8)


def arbitrary(story: Story, dice: Dice) -> Event:
    """Anything at all, of now or of long ago; what happens most is offered most."""
    story.n += 1
    kind, key, then, now = dice.pick(OFTEN), f"e{story.n}", story.now - dice.pick(AGES), story.now
    touch = dice.pick([*sorted(story.state.touches), "unknown"])
    match kind:
        case "signalled":
            return events.Signalled(key, then, dice.pick([*SignalKind]), dice.pick(OBJECTS), dice.pick([*Confidence]))
        case "submitted":
            form, confirm, basis = dice.pick(["audit", "x"]), dice.pick([False, True]), dice.pick([*Basis])
            return events.Submitted(key, then, form, {"role": "dsi"}, confirm, basis)
        case "confirmed":
            return events.Confirmed(key, then, dice.pick(["audit", "x"]))
        case "profile_changed":
            tags, basis, status = (
                dice.pick([(), ("salon",)]),
                dice.pick([None, *Basis]),
                dice.pick([None, None, *Status]),
            )
            return events.ProfileChanged(key, then, dice.pick(FIELDS), tags, (), basis, status)
        case "withheld":
            until = dice.pick([None, now - timedelta(days=1), now + timedelta(hours=3), now + timedelta(days=9)])
            return events.Withheld(key, then, touch, dice.pick([*Gate, "rate"]), until)
        case "refused":
            return events.Refused(key, then, touch, dice.pick([*Hardness]))
        case "bounced":
            return events.Bounced(key, then, dice.pick([*Hardness]), dice.pick([None, touch]))
        case "sent" | "send_unknown" | "delivered":
            return events.KINDS[kind](key, then, touch)  # type: ignore[call-arg]
        case "suppressed" | "unsuppressed":
            return events.KINDS[kind](key, then, dice.pick([*Suppression]))  # type: ignore[call-arg]
        case "replied":
            return events.Replied(key, then, dice.pick([*Intent]))
        case "auto_replied":
            return events.AutoReplied(key, then, dice.pick([None, (now + timedelta(days=4)).date()]))
        case "held":
            return events.Held(key, then, dice.pick([*HoldKind]), dice.pick([None, then, now + timedelta(days=2)]))
        case "enrol" | "remove" | "newsletter_due":
            return events.KINDS[kind](key, then, dice.pick(CAMPAIGNS))  # type: ignore[call-arg]
        case "task_done":
            return events.TaskDone(key, then, "task", dice.pick([*TaskKind]), "", dice.pick(["", "salon"]))
        case "hand_off_answered":
            hand_off = story.state.hand_off.key if story.state.hand_off else "none"
            return events.HandOffAnswered(
                key, then, dice.pick([hand_off, hand_off, "?"]), dice.pick([None, *Rejection])
            )
        case "carried_over":
            owed = dice.pick([(), ("tofu/send:lettre",)])
            return events.CarriedOver(key, then, dice.pick(["cloud", "cloud", "?"]), dice.pick(["v2", "v1"]), (), owed)
        case "timer_fired":
            return events.TimerFired(dice.pick(TIMERS), then)
        case _:
            return events.KINDS[kind](key, then)  # type: ignore[call-arg]


MOVES = (timedelta(), timedelta(), timedelta(minutes=5), timedelta(hours=7), timedelta(days=1), timedelta(days=6))


@settings(max_examples=300)
@given(NUMBERS)
def test_whatever_happens_every_decision_keeps_what_is_promised(numbers: list[int]) -> None:
    story = Story(a_contact())
    for dice in map(Dice, numbers):
        story.now += dice.pick(MOVES)
        story.settle()
        story.happen(arbitrary(story, dice))
        story.settle()


@settings(max_examples=40)
@given(NUMBERS)
def test_a_decision_is_pure(numbers: list[int]) -> None:
    story = Story(a_contact())
    for dice in map(Dice, numbers):
        story.now += dice.pick(MOVES)
        event, before = arbitrary(story, dice), copy.deepcopy(story.state)
        decision = decide(WORLD, story.state, event, story.now)
        assert story.state == before
        assert decide(WORLD, before, event, story.now) == decision
        story.happen(event)


@settings(max_examples=80)
@given(NUMBERS)
def test_whatever_happens_nothing_waits_for_ever_without_a_waker(numbers: list[int]) -> None:
    """Answer everything, lift everything: each enrolment then ends, is exhausted, or waits for a time to come."""
    story = Story(a_contact())
    for dice in map(Dice, numbers):
        story.now += dice.pick(MOVES)
        story.happen(arbitrary(story, dice))
    story.happen(events.ProfileChanged("basis", story.now, basis=Basis.OPT_IN))
    story.happen(events.Resumed("resumed", story.now))
    for _ in range(80):
        for enrolment in [*story.state.enrolments.values()]:
            if isinstance(enrolment.position, Sending):
                story.happen(events.Sent(f"sent{story.n}", story.now, enrolment.position.touch))
        due = next_timer(story.state)
        if due is None:
            break
        story.now = max(story.now, due[0])
        story.happen(events.TimerFired(due[1], due[0]))
    assert list(timers(story.state)) == []
    names = {type(enrolment.position).__name__ for enrolment in story.state.enrolments.values()}
    assert names <= {"Ended", "Exhausted"}
