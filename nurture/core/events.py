"""What can happen to a contact, as the rules hear of it.

Every event bears a `key` that names it for ever (a repeated key is the same event) and `at`, the aware UTC instant when
the fact happened, which may be earlier than when it was received.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, TypeAlias

from nurture.core.words import (
    Basis,
    Confidence,
    Hardness,
    HoldKind,
    Intent,
    Rejection,
    SignalKind,
    Status,
    Suppression,
    TaskKind,
)

FieldValue: TypeAlias = str | int | bool


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A time that the state waited for has come; `key` is the timer's name, `at` when it was due."""

    kind: ClassVar[str] = "timer_fired"
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Signalled:
    """The contact did something that counts. A machine's signal is journalled and counts for nothing."""

    kind: ClassVar[str] = "signalled"
    key: str
    at: datetime
    signal: SignalKind
    object: str = ""
    confidence: Confidence = Confidence.HUMAN
    source: str = ""
    touch: str | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """A form was filled. With `confirm`, it counts once the contact has confirmed the address."""

    kind: ClassVar[str] = "submitted"
    key: str
    at: datetime
    form: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    confirm: bool = False
    basis: Basis = Basis.OPT_IN
    language: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The contact confirmed the address for a form (double opt-in)."""

    kind: ClassVar[str] = "confirmed"
    key: str
    at: datetime
    form: str


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """Fields, tags or the legal basis became known by an import, the API or a person. None in `fields` forgets a field."""

    kind: ClassVar[str] = "profile_changed"
    key: str
    at: datetime
    fields: Mapping[str, FieldValue | None] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    untagged: tuple[str, ...] = ()
    basis: Basis | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Delivery handed the touch over; `at` is the real time of the send."""

    kind: ClassVar[str] = "sent"
    key: str
    at: datetime
    touch: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """Delivery did not send a queued touch, and why (a `Gate` value); `until` when it may be tried again."""

    kind: ClassVar[str] = "withheld"
    key: str
    at: datetime
    touch: str
    gate: str
    until: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The next host refused the touch for good."""

    kind: ClassVar[str] = "refused"
    key: str
    at: datetime
    touch: str
    hardness: Hardness
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SendUnknown:
    """Whether the touch went out cannot be known; it is listed for a person."""

    kind: ClassVar[str] = "send_unknown"
    key: str
    at: datetime
    touch: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """The contact's mail host took the message."""

    kind: ClassVar[str] = "delivered"
    key: str
    at: datetime
    touch: str | None = None


@dataclass(frozen=True, slots=True)
class Bounced:
    """The message came back."""

    kind: ClassVar[str] = "bounced"
    key: str
    at: datetime
    hardness: Hardness
    touch: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The contact must not be written to any more: it objected, complained, or a person said so."""

    kind: ClassVar[str] = "suppressed"
    key: str
    at: datetime
    reason: Suppression
    touch: str | None = None


@dataclass(frozen=True, slots=True)
class Unsuppressed:
    """A person or the provider lifted a suppression (never a complaint or an erasure)."""

    kind: ClassVar[str] = "unsuppressed"
    key: str
    at: datetime
    reason: Suppression


@dataclass(frozen=True, slots=True)
class Replied:
    """A person answered."""

    kind: ClassVar[str] = "replied"
    key: str
    at: datetime
    intent: Intent
    touch: str | None = None


@dataclass(frozen=True, slots=True)
class AutoReplied:
    """A machine answered for the person; `return_on` is the local day on which the person is back, if it said so."""

    kind: ClassVar[str] = "auto_replied"
    key: str
    at: datetime
    return_on: date | None = None
    touch: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A person asked not to write to the contact until an instant, or until resumed."""

    kind: ClassVar[str] = "held"
    key: str
    at: datetime
    hold: HoldKind
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resumed:
    """A person lifted the holds and woke what had stopped; or, after mending, only what was set aside: holds stay."""

    kind: ClassVar[str] = "resumed"
    key: str
    at: datetime
    only_set_aside: bool = False


@dataclass(frozen=True, slots=True)
class Enrol:
    """A person put the contact into a campaign."""

    kind: ClassVar[str] = "enrol"
    key: str
    at: datetime
    campaign: str


@dataclass(frozen=True, slots=True)
class NewsletterDue:
    """A newsletter goes out, and the contact was found to be in its segment."""

    kind: ClassVar[str] = "newsletter_due"
    key: str
    at: datetime
    newsletter: str


@dataclass(frozen=True, slots=True)
class Remove:
    """A person took the contact out of a campaign; no rule puts it back."""

    kind: ClassVar[str] = "remove"
    key: str
    at: datetime
    campaign: str


@dataclass(frozen=True, slots=True)
class HandOffAnswered:
    """Sales accepted or rejected a hand-off; `rejection` is None when accepted."""

    kind: ClassVar[str] = "hand_off_answered"
    key: str
    at: datetime
    hand_off: str
    rejection: Rejection | None = None


@dataclass(frozen=True, slots=True)
class TaskDone:
    """A colleague did what a campaign had asked for; the contact gets the tag that the campaign gives for it."""

    kind: ClassVar[str] = "task_done"
    key: str
    at: datetime
    task: str
    what: TaskKind
    text: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class WorldChanged:
    """A new version of the files was applied, and this contact may have to be looked at again."""

    kind: ClassVar[str] = "world_changed"
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """A plan takes the contact's enrolment over to another version of its campaign.

    Whoever stands at a place of `keep_at` (a step, or `stage/` for its end) stays where it is. `catch_up` are steps that the version adds, and that whoever is
    past them gets all the same.
    """

    kind: ClassVar[str] = "carried_over"
    key: str
    at: datetime
    campaign: str
    version: str
    keep_at: tuple[str, ...] = ()
    catch_up: tuple[str, ...] = ()


Event: TypeAlias = (
    TimerFired
    | Signalled
    | Submitted
    | Confirmed
    | ProfileChanged
    | Sent
    | Withheld
    | Refused
    | SendUnknown
    | Delivered
    | Bounced
    | Suppressed
    | Unsuppressed
    | Replied
    | AutoReplied
    | Held
    | Resumed
    | Enrol
    | Remove
    | HandOffAnswered
    | TaskDone
    | WorldChanged
    | CarriedOver
    | NewsletterDue
)

KINDS: Mapping[str, type[Event]] = {
    cls.kind: cls
    for cls in (
        TimerFired, Signalled, Submitted, Confirmed, ProfileChanged, Sent, Withheld, Refused, SendUnknown, Delivered,
        Bounced, Suppressed, Unsuppressed, Replied, AutoReplied, Held, Resumed, Enrol, Remove, HandOffAnswered, TaskDone,
        CarriedOver, WorldChanged, NewsletterDue,
    )
}  # fmt: skip

_FACTS_FIRST = {kind: n for n, kind in enumerate(k for k in KINDS if k != TimerFired.kind)}


def order(event: Event, received_at: datetime) -> tuple[datetime, int, str]:
    """Sorts the inputs of one contact: by effective instant, then facts before timers, then by key.

    `received_at` is the instant from which the event could be known; for a timer, when it was due.
    """
    return received_at, _FACTS_FIRST.get(event.kind, len(_FACTS_FIRST)), event.key
