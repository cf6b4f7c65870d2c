"""A campaign compiled: stages of steps with keys and jumps, ready to be run one contact at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeAlias

from nurture.core.acts import END, Assign, HandOver, Leave, Move, Notify, Tag, Task
from nurture.core.conditions import ALWAYS, NEVER, Condition, comes_true
from nurture.core.invite import Invite
from nurture.core.moments import WaitMoment
from nurture.core.newsletters import Issue
from nurture.core.remembering import Own
from nurture.core.sender import Sender
from nurture.core.spans import Span
from nurture.core.winners import WinnerRule
from nurture.core.words import Status


@dataclass(frozen=True, slots=True)
class Variant:
    """One wording of a mail; `share` in hundredths of a percent of the contacts (5000 = half)."""

    name: str
    share: int
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """Send a content that the contact does not have yet."""

    key: str
    content: str
    next: int = END
    variants: tuple[Variant, ...] = ()
    subject: str | None = None
    template: str | None = None
    winner: WinnerRule | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Relance:
    """Write again in the thread of a content already sent, only if it was not acted on."""

    key: str
    content: str
    next: int = END
    template: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass since the previous step was completed."""

    key: str
    span: Span
    next: int = END
    line: int = 0


class Edge(StrEnum):
    """Which end of a webinar a wait looks at."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Wait until a webinar of the catalogue begins or ends, or `before` that; past, or without a date, it does not wait."""

    key: str
    webinar: str
    edge: Edge
    next: int = END
    before: Span | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Wait up to a time for a condition; on time-out go to `otherwise`, which leads back to `next`."""

    key: str
    span: Span
    condition: Condition
    next: int = END
    otherwise: int = END
    line: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """Go one way or the other, once, by what holds when the step is reached."""

    key: str
    condition: Condition
    then: int = END
    otherwise: int = END
    line: int = 0


Step: TypeAlias = (
    Send | Relance | Invite | Wait | WaitUntil | WaitMoment | WaitFor | Branch | Tag | Assign | Move | Leave | HandOver
    | Notify | Task
)  # fmt: skip

Mailing: TypeAlias = Send | Relance | Invite
MAILINGS = (Send, Relance, Invite)
"""Steps that write to the contact."""


class WhenUnknown(StrEnum):
    """What becomes of a message of which nobody can find out whether it left."""

    AT_MOST_ONCE = "at_most_once"  # it is left unknown, and listed
    AT_LEAST_ONCE = "at_least_once"  # the same bytes are sent again, a few times


class WhenExhausted(StrEnum):
    """What happens when a stage has no step left."""

    WAIT = "wait"
    ADVANCE = "advance"
    LEAVE = "leave"


@dataclass(frozen=True)
class Stage:
    """One part of the funnel. `steps[0]` is where it begins; jumps are indices into `steps` or `END`."""

    name: str
    steps: tuple[Step, ...]
    status: Status | None = None
    advance: Condition = NEVER
    exhausted: WhenExhausted = WhenExhausted.WAIT

    @cached_property
    def index(self) -> dict[str, int]:
        """Where each step key lies."""
        return {step.key: n for n, step in enumerate(self.steps)}

    @cached_property
    def by_key(self) -> Mapping[str | None, Step]:
        """Its steps by key; None, which stands for the end of the stage, is the key of none."""
        return {step.key: step for step in self.steps}


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `count` touches in any `days` consecutive local dates, over all campaigns."""

    count: int
    days: int


class WhenLate(StrEnum):
    """What becomes of a message that is overdue by more than the author allows."""

    SKIP = "skip"
    SEND = "send"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class Window:
    """Open hours: ISO weekdays (1 = Monday) and a local time range, the end excluded."""

    weekdays: frozenset[int]
    start: time
    end: time


ANY_TIME = Window(frozenset(range(1, 8)), time(0), time.max)


HOME = "Europe/Paris"
"""Where a company is that does not say."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """When a campaign may write. `holidays` is "contact", a country code, or "none".

    With `everywhere`, whoever lives in a country of several zones, nobody knows in which, is written to only when the window
    is open in all of them.
    """

    window: Window = ANY_TIME
    use_contact_zone: bool = True
    zone: str = HOME
    holidays: str = "contact"
    country: str = "FR"
    at_most: tuple[Cap, ...] = ()
    late_max: Span | None = None
    late_then: WhenLate = WhenLate.SEND
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Exit:
    """When a contact must leave, and why in the author's words."""

    when: Condition
    why: str


@dataclass(frozen=True, slots=True)
class Goal:
    """What a campaign is for. Once `when` holds, whoever has not come so far goes to `stage` (at the step whose key is
    `step`, if any); without a stage the campaign is over, and `why` is kept."""

    when: Condition
    stage: str | None = None
    step: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who enters (an edge), who may (at entry), who must leave (at every decision), and when one may come back."""

    enter: Condition = NEVER
    only_if: Condition = ALWAYS
    leave_if: Condition = NEVER
    again: Span | None = None
    include_current: bool = False
    exits: tuple[Exit, ...] = ()


@dataclass(frozen=True, slots=True)
class ProspectRule:
    """When a contact of this campaign is a prospect, and to whom it is handed."""

    when: Condition
    team: str
    within: Span
    recycle_to: str
    cool_down: Span


@dataclass(frozen=True)
class Program:
    """One version of one campaign. `hold_out` in hundredths of a percent; `version` is a hash of its meaning."""

    name: str
    version: str
    title: str
    language: str
    sender: Sender
    stages: tuple[Stage, ...]
    audience: Audience = field(default_factory=Audience)
    cadence: Cadence = field(default_factory=Cadence)
    prospect: ProspectRule | None = None
    goals: tuple[Goal, ...] = ()
    priority: int = 0
    hold_out: int = 0
    when_unknown: WhenUnknown = WhenUnknown.AT_MOST_ONCE
    file: str = ""
    issue: Issue | None = None  # of a newsletter

    @cached_property
    def stage_index(self) -> dict[str, int]:
        """Where each stage lies in the funnel."""
        return {stage.name: n for n, stage in enumerate(self.stages)}

    @cached_property
    def by_name(self) -> Mapping[str, Stage]:
        """Its stages by name."""
        return {stage.name: stage for stage in self.stages}

    @cached_property
    def invites(self) -> Mapping[str, Invite]:
        """Its invitations by step key."""
        return {step.key: step for stage in self.stages for step in stage.steps if isinstance(step, Invite)}

    def rules(self) -> Iterator[Condition]:
        """Every condition that is asked again with each event: who enters and leaves, and what takes one elsewhere."""
        audience = self.audience
        yield from (audience.enter, audience.leave_if, *(e.when for e in audience.exits), *(g.when for g in self.goals))
        if self.prospect is not None:
            yield self.prospect.when
        for stage in self.stages:
            yield stage.advance
            yield from (step.condition for step in stage.steps if isinstance(step, WaitFor))

    @cached_property
    def movers(self) -> dict[tuple[str, str | None], Any]:
        """What `moving.py` has put together of these rules."""
        return Own()

    def conditions(self) -> Iterator[Condition]:
        """The rules, and what is asked once: at entry, and where ways part."""
        yield from self.rules()
        yield self.audience.only_if
        yield from (step.condition for stage in self.stages for step in stage.steps if isinstance(step, Branch))

    @property
    def takes_in_unmoved(self) -> bool:
        """Whether contacts to whom nothing happens may enter."""
        return self.audience.include_current or comes_true(self.audience.enter)

    @cached_property
    def is_timed(self) -> bool:
        """Whether time alone can make one of the rules true."""
        return any(map(comes_true, self.rules()))

    def stage(self, name: str) -> Stage:
        """The stage of that name (KeyError: a version always has the stages its enrolments are in)."""
        return self.by_name[name]


@dataclass(frozen=True, slots=True)
class Translation:
    """A content in one language: what its mail says, and the page or asset it leads to."""

    language: str
    title: str
    summary: str
    action: str
    url: str | None = None
    asset: str | None = None
    bullets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """An asset of the catalogue; webinars have a start and an end (aware)."""

    id: str
    kind: str
    stage: str
    personas: tuple[str, ...] = ()
    translations: tuple[Translation, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    dated_at: datetime | None = None  # when this date was applied
    moved: int = 0  # how often it was another before

    def translation(self, language: str) -> Translation | None:
        """The exact language, else none."""
        for translation in self.translations:
            if translation.language == language:
                return translation
        return None
