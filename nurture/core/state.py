"""What is remembered of one contact, and where it stands in each campaign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from nurture.core.events import FieldValue
from nurture.core.invite import Reminder
from nurture.core.quick import maker_of, quick
from nurture.core.words import (
    Basis,
    End,
    Gate,
    HandOffState,
    HoldKind,
    Rejection,
    SignalKind,
    Status,
    Stop,
    Suppression,
    TouchState,
)


@quick
@dataclass(frozen=True, slots=True)
class Day:
    """One signal on one object during one UTC day."""

    count: int
    first_at: datetime
    last_at: datetime


Tally: TypeAlias = Mapping[int, Day]
"""The days of one signal on one object, by ordinal of the UTC date."""

SignalKey: TypeAlias = tuple[SignalKind, str]


@quick
@dataclass(frozen=True)
class Touch:
    """One intended message. `at` is when it was queued, then when it really went out."""

    key: str
    campaign: str
    rotation: int
    step: str
    part: str
    content: str
    at: datetime
    state: TouchState
    variant: str | None = None
    thread: str | None = None  # the key of the touch that this one answers
    strikes: int = 0


@dataclass(frozen=True, slots=True)
class Hold:
    """A reason not to write for now; without `until` a person lifts it."""

    kind: HoldKind
    until: datetime | None


@quick
@dataclass(frozen=True, slots=True)
class Ready:
    """About to run `step` (None: the stage has no step left). Exists only within a decision."""

    step: str | None
    skipping: bool = False  # a send was skipped: so are the waits that follow it


ready = maker_of(Ready)


@quick
@dataclass(frozen=True, slots=True)
class Waiting:
    """In a wait, until a time. Waker: the timer."""

    step: str
    until: datetime


@quick
@dataclass(frozen=True, slots=True)
class Listening:
    """In a wait for a condition, at most until a time. Waker: the signal or the timer."""

    step: str
    until: datetime


@quick
@dataclass(frozen=True, slots=True)
class Slotted:
    """A due send that a gate keeps until a time. Waker: the timer."""

    step: str
    until: datetime
    gate: Gate


@dataclass(frozen=True, slots=True)
class Blocked:
    """A due send kept without a date. Waker: a person (hold) or a confirmation (consent)."""

    step: str
    gate: Gate


@quick
@dataclass(frozen=True, slots=True)
class Sending:
    """A touch is in the outbox. Waker: delivery.

    `step` is the touch's own; another one when the touch is being withdrawn, and the step is where to go on then.
    `late`: it is caught up on after a standstill, and what follows does not come right behind it.
    """

    step: str | None
    touch: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Exhausted:
    """No content left in the stage. Waker: a signal that advances, or content added."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Stopped before the end; `step` is where it would go on. Waker: see `Stop`."""

    why: Stop
    step: str | None


@quick
@dataclass(frozen=True, slots=True)
class Ended:
    """Over. `note` is the author's reason, where a step or a rule gave one."""

    why: End
    at: datetime
    note: str = ""


Position: TypeAlias = Ready | Waiting | Listening | Slotted | Blocked | Sending | Exhausted | Stopped | Ended


@quick
@dataclass(frozen=True)
class Enrolment:
    """A contact in a campaign, pinned to a version. One per (contact, campaign); `rotation` counts re-entries from 0.

    `began_at` is when this rotation began; `anchor` when the step before the present one was completed.
    """

    campaign: str
    version: str
    stage: str
    position: Position
    entered_at: datetime
    began_at: datetime
    anchor: datetime
    rotation: int = 0
    held_out: bool = False
    skipped: tuple[str, ...] = ()
    reminders: tuple[Reminder, ...] = ()


@dataclass(frozen=True)
class HandOff:
    """A prospect given to sales."""

    key: str
    campaign: str
    team: str
    owner: str
    offered_at: datetime
    due_at: datetime
    state: HandOffState
    answered_at: datetime | None = None
    rejection: Rejection | None = None


@quick
@dataclass(frozen=True)
class ContactState:
    """All that `decide` knows of a contact. `seq` numbers its decisions."""

    key: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    told: Mapping[str, str] = field(default_factory=dict)  # when each field and tag was last told: see profile.py
    language: str = ""
    country: str = ""
    zone: str | None = None
    basis: Basis = Basis.NONE
    status: Status = Status.LEAD
    suppressed: frozenset[Suppression] = frozenset()
    pending_forms: frozenset[str] = frozenset()
    holds: tuple[Hold, ...] = ()
    signals: Mapping[SignalKey, Tally] = field(default_factory=dict)
    soft_bounces: frozenset[int] = frozenset()  # UTC days with a soft bounce since the last delivery
    touches: Mapping[str, Touch] = field(default_factory=dict)
    enrolments: Mapping[str, Enrolment] = field(default_factory=dict)
    hand_off: HandOff | None = None
    engagement: int = 0  # milli-points, when last decided
    fit: int | None = None  # percent; None while nothing is known
    grade: str | None = None
    persona: str | None = None
    looks_at: datetime | None = None  # when time alone next makes a rule true: see turns.py
    seq: int = 0
    created_at: datetime | None = None  # when it was first heard of; nothing that happens changes it


ENROLMENT_TIMER = "enrolment:"
HAND_OFF_TIMER = "hand_off"
LOOK_TIMER = "look"
REMINDER_TIMER = "reminder:"


TIMED = (Waiting, Listening, Slotted)
"""Positions that a timer wakes."""


def due_of(position: Position) -> datetime | None:
    """When a timer wakes the enrolment; None when something else does."""
    return position.until if isinstance(position, TIMED) else None


def timers(state: ContactState) -> Sequence[tuple[str, datetime]]:
    """What the state waits for, as (name, due): a function of what it holds, so nothing is ever set or cancelled apart."""
    found = []
    for name, enrolment in state.enrolments.items():
        due = due_of(enrolment.position)
        if due is not None:
            found.append((ENROLMENT_TIMER + name, due))
        if enrolment.reminders and type(enrolment.position) is not Ended:
            found.append((REMINDER_TIMER + name, min([reminder.due for reminder in enrolment.reminders])))
    if state.hand_off is not None and state.hand_off.state is HandOffState.OFFERED:
        found.append((HAND_OFF_TIMER, state.hand_off.due_at))
    if state.looks_at is not None:
        found.append((LOOK_TIMER, state.looks_at))
    return found


def next_timer(state: ContactState) -> tuple[datetime, str] | None:
    """The earliest (due, name), ties by name."""
    first = None
    for name, due in timers(state):
        if first is None or (due, name) < first:
            first = due, name
    return first
