"""Inviting to a webinar: the step, and the parts in which it writes."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from nurture.core.acts import END
from nurture.core.quick import quick
from nurture.core.spans import Span, Unit

INVITATION = "invitation"
REPLAY = "replay"
CATCH_UP = "catch-up"
"""The part of a step that was added when the contact was past it: see `added.py`."""
_REMINDER = "reminder-"
_LETTERS = {Unit.MINUTES: "m", Unit.HOURS: "h", Unit.DAYS: "d", Unit.WEEKS: "w"}

REMINDERS = (Span(1, Unit.DAYS), Span(1, Unit.HOURS))
"""How long before a webinar those who registered are reminded, unless the author says otherwise."""

REPLAY_AFTER = Span(1, Unit.DAYS)
"""How long after a webinar the absent get the recording: by then it is known who came."""


@dataclass(frozen=True, slots=True)
class Invite:
    """Invite to the webinar `content`, remind those who registered, and send `replay` to those of them who stayed away."""

    key: str
    content: str
    next: int = END
    reminders: tuple[Span, ...] = REMINDERS
    replay: str | None = None
    subject: str | None = None
    template: str | None = None
    line: int = 0

    @property
    def parts(self) -> tuple[str, ...]:
        """Every mail that this step may send, by part."""
        replay = () if self.replay is None else (REPLAY,)
        return (INVITATION, *(reminder_part(span) for span in self.reminders), *replay)


@quick
@dataclass(frozen=True, slots=True)
class Reminder:
    """A part of a step that is still to come by itself, and when."""

    step: str
    part: str
    due: datetime


@lru_cache(maxsize=256)
def reminder_part(before: Span) -> str:
    """`reminder-1d`."""
    return f"{_REMINDER}{before.amount}{_LETTERS[before.unit]}"


def is_reminder(part: str) -> bool:
    """Whether a part reminds of an appointment; cadence caps do not hold it back, since it was asked for."""
    return part.startswith(_REMINDER)


def comes_by_itself(part: str) -> bool:
    """Whether a part is sent beside the steps, at its own time."""
    return part in (REPLAY, CATCH_UP) or is_reminder(part)
