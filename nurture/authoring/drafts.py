"""A campaign as its file has it: steps within steps, before they get keys and jumps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from nurture.authoring.problems import Spot
from nurture.core.acts import Assign, HandOver, Leave, Move, Notify, Tag, Task
from nurture.core.conditions import NEVER, Condition
from nurture.core.moments import WaitMoment
from nurture.core.newsletters import Issue
from nurture.core.program import (
    Audience,
    Branch,
    Cadence,
    Mailing,
    ProspectRule,
    Wait,
    WaitFor,
    WaitUntil,
    WhenExhausted,
    WhenUnknown,
)
from nurture.core.sender import Sender
from nurture.core.words import Status

Single: TypeAlias = Mailing | Wait | WaitUntil | WaitMoment | Tag | Assign | Move | Leave | HandOver | Notify | Task
"""Steps without steps within."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A step without steps within. `spots` are the places of its parts: `subject`, `template`, a variant's name."""

    step: Single
    spot: Spot
    name: str | None = None
    spots: Mapping[str, Spot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listen:
    """A wait for a condition, and what is done when it does not come true in time."""

    step: WaitFor
    spot: Spot
    otherwise: tuple["Draft", ...] = ()
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Fork:
    """A branch."""

    step: Branch
    spot: Spot
    then: tuple["Draft", ...] = ()
    otherwise: tuple["Draft", ...] = ()
    name: str | None = None


Draft: TypeAlias = Plain | Listen | Fork


@dataclass(frozen=True, slots=True)
class StageDraft:
    """One stage of the file."""

    name: str
    spot: Spot
    steps: tuple[Draft, ...] = ()
    status: Status | None = None
    advance: Condition = NEVER
    exhausted: WhenExhausted = WhenExhausted.WAIT


@dataclass(frozen=True, slots=True)
class GoalDraft:
    """A goal: `target` is a stage or the id of a step; without one, the campaign ends there, for the reason `why`."""

    when: Condition
    spot: Spot
    target: str | None
    why: str


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """One file."""

    name: str
    spot: Spot
    title: str
    language: str
    sender: Sender
    stages: tuple[StageDraft, ...]
    audience: Audience
    cadence: Cadence
    prospect: ProspectRule | None
    goals: tuple[GoalDraft, ...]
    priority: int
    hold_out: int
    when_unknown: WhenUnknown
    issue: Issue | None = None  # of a newsletter


def in_document_order(drafts: Sequence[Draft]) -> Iterator[Draft]:
    """Every step, those within others after the one they are in."""
    for draft in drafts:
        yield draft
        match draft:
            case Listen(otherwise=otherwise):
                yield from in_document_order(otherwise)
            case Fork(then=then, otherwise=otherwise):
                yield from in_document_order(then)
                yield from in_document_order(otherwise)
            case Plain():
                pass
