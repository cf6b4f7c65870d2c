"""Waiting until a moment of the calendar, on the contact's own clock."""

from dataclasses import dataclass
from datetime import date, time

from nurture.core.acts import END


@dataclass(frozen=True, slots=True)
class OnDate:
    """A date, and a time of its day."""

    day: date
    at: time = time(0)


@dataclass(frozen=True, slots=True)
class OnWeekday:
    """The next such weekday (1 = Monday) at a time."""

    weekday: int
    at: time = time(0)


@dataclass(frozen=True, slots=True)
class WaitMoment:
    """Wait until a moment of the contact's clock; past, it does not wait."""

    key: str
    moment: OnDate | OnWeekday
    next: int = END
    line: int = 0
