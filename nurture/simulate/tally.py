"""What is noted of many courses: counters only, so that notes of chunks and processes add up in any order."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TypeAlias

Weeks: TypeAlias = tuple[int, ...]
"""The weeks in which something happened to one contact, counted from 0; a week comes as often as it did."""


@dataclass(slots=True)
class Tally:
    """The notes. In keys, a campaign comes first; days and hours are counted from the start, in the report's zone."""

    contacts: int = 0
    decisions: int = 0
    mails: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    """(campaign, day, hour of the day)"""
    contents: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """(campaign, content, what): sent, relanced, and signals of those it was sent to"""
    stages: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """(campaign, stage, what): entered, passed, moved_on, ended, exhausted, there"""
    stays: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """(campaign, stage, hours): how long those who left it had been there"""
    held: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """(campaign, gate, what): hours, times, contacts"""
    groups: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    """(campaign, stage, persona, language): enrolments that came there"""
    exhausted: Counter[tuple[str, str, str, str, int]] = field(default_factory=Counter)
    """(campaign, stage, persona, language, day): enrolments that ran out of content there, when they first did"""
    passed_over: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(campaign, reason): sends that the rules left out"""
    capped: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(campaign, what): kept, sent, lost, waiting, hours"""
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(campaign, what): offered, and what sales said"""
    statuses: Counter[str] = field(default_factory=Counter)
    per_contact: Counter[tuple[str, int]] = field(default_factory=Counter)
    """(what, how often): contacts to whom it happened so often"""
    prospects: Counter[Weeks] = field(default_factory=Counter)
    """contacts handed to sales in these weeks"""
    faults: Counter[str] = field(default_factory=Counter)
    """contacts that could not be decided, by the sentence"""

    def add(self, other: "Tally") -> None:
        """Add the notes of others."""
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            if isinstance(mine, Counter):
                mine.update(theirs)
            else:
                setattr(self, each.name, mine + theirs)


@dataclass(slots=True)
class Differences:
    """Per contact, what one version made of it less what the other did; contacts without a difference are not kept."""

    figures: Counter[tuple[str, int]] = field(default_factory=Counter)
    """(what, difference)"""
    prospects: Counter[tuple[tuple[int, int], ...]] = field(default_factory=Counter)
    """contacts by their ((week, difference), …)"""

    def note(self, one: "Mine", other: "Mine") -> None:
        """A contact in both versions."""
        for what in sorted(one.figures.keys() | other.figures.keys()):
            difference = one.figures[what] - other.figures[what]
            if difference:
                self.figures[what, difference] += 1
        weeks = Counter(one.weeks)
        weeks.subtract(Counter(other.weeks))
        changed = tuple(sorted((week, by) for week, by in weeks.items() if by))
        if changed:
            self.prospects[changed] += 1

    def add(self, other: "Differences") -> None:
        """Add those of others."""
        self.figures.update(other.figures)
        self.prospects.update(other.prospects)


@dataclass(slots=True)
class Mine:
    """One contact's figures, by name, and the weeks in which it was handed to sales."""

    figures: Counter[str] = field(default_factory=Counter)
    weeks: list[int] = field(default_factory=list)

    def into(self, tally: Tally) -> None:
        """Count the contact."""
        for what, times in self.figures.items():
            tally.per_contact[what, times] += 1
        if self.weeks:
            tally.prospects[tuple(sorted(self.weeks))] += 1


def per(counts: Mapping[tuple[str, int], int], what: str) -> Counter[int]:
    """How many contacts have which value of a figure."""
    return Counter({value: number for (name, value), number in counts.items() if name == what})
