"""Plans of small simulations, and whoever looks on and writes everything down."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from nurture.core.effects import Decision
from nurture.core.events import Event
from nurture.core.state import ContactState
from nurture.simulate.rates import OTHER, OfContent, OfPeople, Rates
from nurture.simulate.running import Plan, Version
from nurture.storage.worlds import Bundle
from tests.authoring.builders import FILES, Edit
from tests.builders import SALT, at

START = at("2027-01-04 00:00")
TALKATIVE = Rates(
    people=OfPeople(visited=0.5, replied=0.1, interested=0.7, unsubscribed=0.05, complained=0.02, away=0.1)
)
"""People who do so much that a handful of them does everything."""
SILENT = Rates({OTHER: OfContent(0, 0)}, people=OfPeople(0, 0, 0, 0, 0, 0, 0))
"""People who do nothing, so that every figure can be told beforehand."""


def the_files(*edits: Edit) -> Bundle:
    """The least campaign, changed."""
    files = dict(FILES)
    for edit in edits:
        files = edit.of(files)
    return Bundle(files)


def a_plan(*edits: Edit, **more: Any) -> Plan:
    """Twelve weeks with two hundred made-up contacts, unless told otherwise."""
    given: dict[str, Any] = {"at_start": 200, "rates": TALKATIVE, "seed": 1, "start": START, "weeks": 12, **more}
    versions = given.pop("versions", (Version("files", the_files(*edits)),))
    return Plan(versions, SALT, zone="Europe/Paris", **given)


def compared(plan: Plan, *edits: Edit) -> Plan:
    """The plan, against the least campaign changed otherwise."""
    return replace(plan, versions=(*plan.versions, Version("other", the_files(*edits))))


@dataclass
class Notebook:
    """Everything that happened and was decided."""

    facts: list[tuple[datetime, Event]] = field(default_factory=list)
    decided_: list[tuple[Event, Decision]] = field(default_factory=list)

    def happened(self, state: ContactState, event: Event) -> None:
        """A fact."""
        self.facts.append((event.at, event))

    def decided(self, before: ContactState, event: Event, decision: Decision) -> None:
        """A decision."""
        self.decided_.append((event, decision))
