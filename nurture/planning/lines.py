"""What is told of an edit's effects: who is counted together, how many, and a sample of them."""

from bisect import insort
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

SAMPLE = 5
"""How many contacts a line names."""


class Effect(StrEnum):
    """What a contact would notice of an edit, or a colleague who looks on."""

    KEPT = "kept"  # in the version they are in
    AS_BEFORE = "as before"  # moved, and nothing differs now
    WAITS_LONGER = "waits longer"
    WAITS_LESS = "waits less"
    MOVES_NOW = "moves now"
    STAGE = "goes to stage"
    LEAVES = "leaves"
    ENTERS = "enters"
    CATCHES_UP = "catches up"
    MAILED = "mailed"  # which would not be sent within the days without the edit
    SOONER = "mailed sooner"
    LATER = "mailed later"
    NOT_MAILED = "not mailed"  # within the days, and would be without the edit
    REPEATED = "repeated"  # a content that the contact has: never
    FAULT = "cannot be decided"


BECAUSE_OF_IT = frozenset({Effect.MAILED, Effect.SOONER})
"""Effects by which somebody is written to when, without the edit, nobody would."""


class Line(NamedTuple):
    """What is counted together; `about` is a step, a stage or a content."""

    effect: Effect
    campaign: str
    about: str = ""


class Seen(NamedTuple):
    """One contact in a line: its key, and what is particular about it."""

    key: str
    note: str


@dataclass
class Effects:
    """What was counted. Adding up parts gives the same in any order."""

    contacts: int = 0
    mailed: int = 0  # contacts written to because of the edit
    counts: Counter[Line] = field(default_factory=Counter)
    samples: dict[Line, list[Seen]] = field(default_factory=dict)
    days: Counter[date] = field(default_factory=Counter)  # mails because of the edit

    def note(self, line: Line, seen: Seen) -> None:
        """One more contact; the sample keeps those whose names come first."""
        self.counts[line] += 1
        sample = self.samples.setdefault(line, [])
        if len(sample) < SAMPLE or seen < sample[-1]:
            insort(sample, seen)
            del sample[SAMPLE:]

    def add(self, other: "Effects") -> None:
        """With another part."""
        self.contacts += other.contacts
        self.mailed += other.mailed
        self.counts.update(other.counts)
        self.days.update(other.days)
        for line, sample in other.samples.items():
            self.samples[line] = sorted([*self.samples.get(line, ()), *sample])[:SAMPLE]


def by_campaign(effects: Effects) -> Mapping[str, list[tuple[Line, int]]]:
    """The lines of each campaign with their counts, in the order of `Effect`, most contacts first."""
    order = {effect: n for n, effect in enumerate(Effect)}
    found: dict[str, list[tuple[Line, int]]] = {}
    for line, count in sorted(effects.counts.items(), key=lambda i: (i[0].campaign, order[i[0].effect], -i[1], i[0])):
        found.setdefault(line.campaign, []).append((line, count))
    return found
