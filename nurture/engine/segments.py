"""Who is in a segment now: asked of all contacts, some hundred at a time, by the function that decides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection

from nurture.core.conditions import Condition
from nurture.core.facts import Facts, holds
from nurture.core.qualify import as_of
from nurture.core.state import ContactState
from nurture.core.words import MAY_BE_WRITTEN_TO
from nurture.core.world import World
from nurture.storage.contacts import every_contact_id
from nurture.storage.database import Database
from nurture.storage.load import load_contacts

AT_ONCE = 500

Asked: TypeAlias = Mapping[int, Facts]
"""Some contacts by number, each with what conditions about it are read against."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many contacts are in a segment, and how many of them may be written to."""

    contacts: int = 0
    reachable: int = 0


def sizes_of(db: Database, world: World, now: datetime) -> dict[str, Size]:
    """The size of every segment."""
    sizes = dict.fromkeys(world.segments, Size())
    for asked in everybody(db, world, now):
        for name, segment in world.segments.items():
            found = [facts.state for facts in asked.values() if holds(segment.when, facts)]
            sizes[name] = Size(sizes[name].contacts + len(found), sizes[name].reachable + sum(map(is_reachable, found)))
    return sizes


def members_of(db: Database, world: World, condition: Condition, now: datetime) -> Iterator[int]:
    """The numbers of the contacts who meet a condition, in their order."""
    for asked in everybody(db, world, now):
        yield from (who for who, facts in asked.items() if holds(condition, facts))


def everybody(db: Database, world: World, now: datetime) -> Iterator[Asked]:
    """All contacts."""
    last = 0
    while True:
        with db.read() as c:
            some = some_after(c, world, last, now)
        if some is None:
            return
        last, asked = some
        yield asked


def some_after(c: Connection, world: World, number: int, now: datetime) -> tuple[int, Asked] | None:
    """The contacts whose numbers come next, and the last of these; one that cannot be read is left out, and logged."""
    ids = every_contact_id(c, number, AT_ONCE)
    if not ids:
        return None
    loaded = load_contacts(c, ids, now)
    return ids[-1], {who: as_of(world, loaded[who].state, now) for who in ids if who in loaded}


def is_reachable(state: ContactState) -> bool:
    """Whether the contact may be written to at all."""
    return not state.suppressed and state.basis in MAY_BE_WRITTEN_TO
