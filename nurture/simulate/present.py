"""The contacts of a database as they are now: read in sets, and never written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from nurture.core.events import CarriedOver, Event, WorldChanged
from nurture.core.ids import derive
from nurture.core.state import ContactState, Ended, Exhausted
from nurture.core.world import World
from nurture.storage.contacts import every_contact_id
from nurture.storage.database import Database
from nurture.storage.instance import instance
from nurture.storage.load import load_contacts
from nurture.storage.worlds import Bundle, Pin, active_hash, active_versions, load_bundles, pinned

AT_ONCE = 5000
READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Held:
    """What a database holds besides the contacts themselves: as one transaction saw it.

    `versions` are those that contacts enter; `pinned` are all that somebody is in, those of the active files among them.
    """

    salt: bytes
    active: Bundle | None
    active_hash: str | None
    versions: Mapping[str, str]
    pinned: Mapping[Pin, Bundle]
    contacts: tuple[int, ...]


def look(c: Connection) -> Held:
    """Read it; the contacts by their numbers only."""
    found, numbers, last = load_bundles(c), list[int](), 0
    pins = {} if found.active is None else {pin: found.pinned.get(pin, found.active) for pin in sorted(pinned(c))}
    while ids := every_contact_id(c, last, AT_ONCE):
        numbers += ids
        last = ids[-1]
    return Held(instance(c).salt, found.active, active_hash(c), active_versions(c), pins, tuple(numbers))


@dataclass(frozen=True, slots=True)
class Present:
    """A contact as it is, and the facts about it that nobody has decided yet."""

    state: ContactState
    pending: tuple[tuple[datetime, Event], ...]


def read_contacts(db: Database, ids: Sequence[int], now: datetime) -> Iterator[Present]:
    """The contacts of these numbers, in the order of their names; one that cannot be read is left out, and logged."""
    for begin in range(0, len(ids), READ_AT_ONCE):
        with db.read() as c:
            loaded = load_contacts(c, ids[begin : begin + READ_AT_ONCE], now)
        for who in sorted(loaded):
            yield Present(loaded[who].state, loaded[who].pending)


def news_of_files(
    world: World, state: ContactState, now: datetime, applied: Mapping[str, str]
) -> Iterator[tuple[datetime, Event]]:
    """What `nurture apply` would tell the contact without anybody choosing, where these versions are applied.

    It goes on by the edited version of a campaign; whose stage is gone stays; who ran out of content is looked at again.
    """
    for name, enrolment in state.enrolments.items():
        new = world.programs.get((name, world.current.get(name, "")))
        if isinstance(enrolment.position, Ended) or new is None or enrolment.version != applied.get(name):
            continue
        if new.version != enrolment.version and enrolment.stage in new.stage_index:
            key = "carried:" + derive(world.salt, "carried", name, new.version, now.isoformat())
            yield now, CarriedOver(key, now, name, new.version)
    exhausted = any(isinstance(enrolment.position, Exhausted) for enrolment in state.enrolments.values())
    if exhausted or world.looks_at_everybody:
        yield now, WorldChanged("world:" + derive(world.salt, "world", world.hash, now.isoformat()), now)
