"""Everything the rules know that is not about one contact: immutable, and named by a hash."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias

from nurture.core.conditions import comes_true, looks_at
from nurture.core.program import HOME, Content, Program
from nurture.core.quick import quick
from nurture.core.scoring import Scoring
from nurture.core.segments import Segment
from nurture.core.teams import Team
from nurture.core.words import SignalKind

HolidayBook: TypeAlias = Callable[[str], frozenset[date]]
"""The public holidays of a country (ISO 3166 code): a pure, cached function; an unknown country has none."""


ZoneBook: TypeAlias = Callable[[str], tuple[str, ...]]
"""The time zones of a country (ISO 3166 code): a pure, cached function; an unknown country has none."""


def no_zones(country: str) -> tuple[str, ...]:
    """A book for worlds in which no country has more zones than one."""
    return ()


def no_holidays(country: str) -> frozenset[date]:
    """A book for worlds that name no holidays."""
    return frozenset()


@quick
@dataclass(frozen=True)
class World:
    """One applied state of the authors' files. `programs` holds every version still pinned; `current` who is entered now."""

    hash: str
    salt: bytes
    programs: Mapping[tuple[str, str], Program] = field(default_factory=dict)
    current: Mapping[str, str] = field(default_factory=dict)
    catalogue: Mapping[str, Content] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    scoring: Scoring = field(default_factory=Scoring)
    segments: Mapping[str, Segment] = field(default_factory=dict)
    winners: Mapping[tuple[str, str], str] = field(default_factory=dict)  # the best variant, by campaign and step
    home: str = HOME  # the zone in which a contact has its today when nobody knows where it lives
    holidays: HolidayBook = no_holidays
    zones: ZoneBook = no_zones

    def program(self, name: str, version: str) -> Program:
        """The version an enrolment is pinned to."""
        return self.programs[name, version]

    def current_programs(self) -> tuple[Program, ...]:
        """What contacts enter now, most important first."""
        return self._in_order

    @cached_property
    def hours(self) -> dict[tuple[object, ...], Any]:
        """What `calendar.hours_for` has worked out of this world."""
        return {}

    @cached_property
    def appointments(self) -> dict[tuple[int, int], Any]:
        """What `reminders.py` has worked out of it: when what follows an invitation is due."""
        return {}

    @cached_property
    def is_timed(self) -> bool:
        """Whether time alone can make any rule true."""
        return comes_true(self.scoring.mql) or any(program.is_timed for program in self.programs.values())

    @cached_property
    def entered_by(self) -> tuple[str, ...]:
        """The parts of a contact's state, but its signals, which somebody must touch that it may enter anywhere."""
        return tuple(sorted(self._looked_at_by_doors - {"signals", "signal", "now", "stage", *SignalKind}))

    @cached_property
    def entered_by_signals(self) -> frozenset[str]:
        """The kinds of signals by which it may."""
        return self._looked_at_by_doors & frozenset(SignalKind)

    @cached_property
    def _looked_at_by_doors(self) -> frozenset[str]:
        return frozenset(part for program in self.current_programs() for part in looks_at(program.audience.enter))

    @property
    def looks_at_everybody(self) -> bool:
        """Whether contacts to whom nothing happens may enter somewhere, or become an MQL: apply has all looked at."""
        return comes_true(self.scoring.mql) or any(program.takes_in_unmoved for program in self.current_programs())

    @cached_property
    def _in_order(self) -> tuple[Program, ...]:
        programs = [self.programs[item] for item in self.current.items()]
        return tuple(sorted(programs, key=lambda p: (-p.priority, p.name)))
