"""The newsletters that go out in the time one looks at: facts that come to contacts whatever else does."""

from collections.abc import Iterator
from datetime import datetime

from nurture.core.events import Event
from nurture.core.facts import holds
from nurture.core.newsletters import due, newsletters
from nurture.core.qualify import as_of
from nurture.core.state import ContactState
from nurture.core.world import World


def mailings(world: World, begin: datetime, end: datetime) -> Iterator[tuple[datetime, Event]]:
    """Those whose instant lies after `begin`, up to `end`; who is not in their segment then will not enter."""
    for program, issue in newsletters(world):
        if begin < issue.at <= end:
            yield issue.at, due(program, issue.at)


def mailings_to(world: World, state: ContactState, begin: datetime, end: datetime) -> Iterator[tuple[datetime, Event]]:
    """Only those in whose segment the contact is then, if nothing happens before."""
    for program, issue in newsletters(world):
        if begin < issue.at <= end and holds(program.audience.only_if, as_of(world, state, issue.at)):
            yield issue.at, due(program, issue.at)
