"""What a decision wants done, as data; and the decision itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from nurture.core.quick import quick
from nurture.core.reasons import Reason
from nurture.core.state import ContactState, HandOff, Touch
from nurture.core.words import Suppression, TaskKind

Detail: TypeAlias = str | int | bool | None


@quick
@dataclass(frozen=True, slots=True)
class SendTouch:
    """Put the touch into the outbox, to be composed from the pinned version of its campaign."""

    touch: Touch
    version: str


@quick
@dataclass(frozen=True, slots=True)
class WithdrawTouch:
    """Take the touch back if its intent is not committed yet; else it stands."""

    touch: str


@quick
@dataclass(frozen=True, slots=True)
class SendNotice:
    """Send a mail outside every campaign: it bypasses cadence, and heeds bounces but not objections.

    `purpose` is "confirmation" (to the contact), "hand_off" or "notify" (to a colleague, `to` given); `subject` names the
    form, the hand-off or the stage. `campaign`, `version` and `step` are of a notice that a step asks for.
    """

    key: str
    purpose: str
    subject: str
    language: str
    to: str | None = None
    campaign: str = ""
    version: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Ask a colleague to do something about the contact by `due_at`; done, the contact gets `tag`."""

    key: str
    campaign: str
    step: str
    what: TaskKind
    text: str
    team: str
    owner: str
    due_at: datetime
    tag: str = ""


@dataclass(frozen=True, slots=True)
class OfferHandOff:
    """Record a prospect for sales with the reasons a person can read."""

    hand_off: HandOff
    reasons: tuple["Because", ...]


@dataclass(frozen=True, slots=True)
class CloseHandOff:
    """Record what became of a hand-off."""

    hand_off: HandOff


@dataclass(frozen=True, slots=True)
class Suppress:
    """Never write again: kept under a hash of the address, beyond the contact itself."""

    reason: Suppression


@dataclass(frozen=True, slots=True)
class Unsuppress:
    """Lift one suppression."""

    reason: Suppression


Effect: TypeAlias = (
    SendTouch | WithdrawTouch | SendNotice | OpenTask | OfferHandOff | CloseHandOff | Suppress | Unsuppress
)


@quick
@dataclass(frozen=True, slots=True)
class Because:
    """One reason of a decision. `subject` is what it is about: a campaign, else empty."""

    reason: Reason
    subject: str = ""
    detail: Mapping[str, Detail] = field(default_factory=dict)


@quick
@dataclass(frozen=True, slots=True)
class Decision:
    """What `decide` answers. `because` is never empty."""

    state: ContactState
    effects: tuple[Effect, ...]
    because: tuple[Because, ...]
    at: datetime
