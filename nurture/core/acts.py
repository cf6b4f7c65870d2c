"""Steps that write nothing to the contact: they note something of it, choose where it goes on, or let people know."""

from dataclasses import dataclass

from nurture.core.events import FieldValue
from nurture.core.spans import Span
from nurture.core.words import TaskKind

END = -1
"""The jump target past the last step of a stage."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Give the contact a tag, or take it away."""

    key: str
    tag: str
    given: bool = True
    next: int = END
    line: int = 0


@dataclass(frozen=True, slots=True)
class Assign:
    """Write down fields of the contact, as if a person had told them now."""

    key: str
    values: tuple[tuple[str, FieldValue], ...]
    next: int = END
    line: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """Go on at the beginning of a stage."""

    key: str
    stage: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Leave:
    """End the enrolment, for a reason in the author's words."""

    key: str
    why: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give the contact to sales. Rejected, it goes on at `recycle_to`, or with the next step where that is None."""

    key: str
    team: str
    within: Span
    cool_down: Span
    recycle_to: str | None = None
    next: int = END
    line: int = 0


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell every member of a team, by a mail of ours, where the contact has come to."""

    key: str
    team: str
    text: str = ""
    next: int = END
    line: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """Ask a member of a team to do something; done, the contact gets `tag`, where there is one."""

    key: str
    what: TaskKind
    text: str
    team: str
    within: Span
    tag: str = ""
    next: int = END
    line: int = 0
