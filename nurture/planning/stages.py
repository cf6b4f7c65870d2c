"""What applying files consists of: the same list is printed by `plan` and performed by `apply`.

Each stage says whom it concerns twice, of a contact in memory and as a question to the database, and a test holds the two
together.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, assert_never

from sqlalchemy import Select, and_, or_, select

from nurture.core.codec import plain
from nurture.core.events import CarriedOver, Event, WorldChanged
from nurture.core.ids import derive
from nurture.core.invite import Invite
from nurture.core.program import WaitUntil
from nurture.core.state import ContactState, Ended, Exhausted
from nurture.core.world import World
from nurture.planning.choices import Treatment, Way
from nurture.storage.tables import contacts, enrolments


@dataclass(frozen=True, slots=True)
class Activate:
    """Contacts enter by the files of this hash from now on, all campaigns at once."""

    bundle: str


@dataclass(frozen=True, slots=True)
class CarryOver:
    """Who is in another version of the campaign, or in `only_from` where that is given, goes on by this one."""

    campaign: str
    version: str
    only_from: str = ""
    keep_at: tuple[str, ...] = ()
    catch_up: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Who ran out of content is looked at again, and who is in one of `campaigns`, which go by a webinar that was moved.

    With `everybody`, every contact is, since a campaign takes in who matches already, or whom a day to come lets in.
    """

    bundle: str
    campaigns: tuple[str, ...] = ()
    everybody: bool = False


Stage: TypeAlias = Activate | CarryOver | LookAgain
ForContacts: TypeAlias = CarryOver | LookAgain


def stages_of(bundle: str, world: World, treatments: tuple[Treatment, ...], moved: frozenset[str]) -> tuple[Stage, ...]:
    """The stages, in the order in which they are performed. `world` is the new one; `moved` are webinars."""
    carried = [
        CarryOver(t.campaign, t.version, t.only_from, t.keep_at, t.catch_up)
        for t in treatments
        if t.way is not Way.KEEP
    ]
    return (Activate(bundle), *carried, LookAgain(bundle, _naming(world, moved), world.looks_at_everybody))


def concerns(stage: ForContacts, state: ContactState) -> bool:
    """Whether the stage has news for the contact."""
    match stage:
        case CarryOver(campaign=campaign, version=version, only_from=only_from):
            known = state.enrolments.get(campaign)
            if known is None or isinstance(known.position, Ended) or known.version == version:
                return False
            return not only_from or known.version == only_from
        case LookAgain(everybody=True):
            return True
        case LookAgain(campaigns=campaigns):
            return any(
                isinstance(e.position, Exhausted) or (name in campaigns and not isinstance(e.position, Ended))
                for name, e in state.enrolments.items()
            )
        case _:
            assert_never(stage)


def concerned(stage: ForContacts) -> Select[Any]:
    """The numbers of the contacts that the stage has news for."""
    e = enrolments.c
    match stage:
        case CarryOver(campaign=campaign, version=version, only_from=only_from):
            live = select(e.contact_id).where(e.campaign == campaign, ~e.ended, e.version != version)
            return live.where(e.version == only_from) if only_from else live
        case LookAgain(everybody=True):
            return select(contacts.c.id.label("contact_id"))
        case LookAgain(campaigns=campaigns):
            waiting = and_(~e.ended, e.campaign.in_(campaigns))
            return select(e.contact_id).where(or_(e.position == "exhausted", waiting)).distinct()
        case _:
            assert_never(stage)


def news(stage: ForContacts, salt: bytes, at: datetime) -> Event:
    """What the stage tells a contact: told twice by one application, it is the same event."""
    match stage:
        case CarryOver(campaign=campaign, version=version):
            key = "carried:" + derive(salt, "carried", campaign, version, at.isoformat())
            return CarriedOver(key, at, campaign, version, stage.keep_at, stage.catch_up)
        case LookAgain(bundle=bundle):
            return WorldChanged("world:" + derive(salt, "world", bundle, at.isoformat()), at)
        case _:
            assert_never(stage)


def to_json(stage: Stage) -> dict[str, Any]:
    """The stage, to be kept."""
    return {"stage": _NAMES[type(stage)], **plain(stage)}


def from_json(data: dict[str, Any]) -> Stage:
    """The stage that `to_json` wrote (KeyError, TypeError: something else)."""
    kind = _KINDS[data["stage"]]
    parts = {name: tuple(v) if isinstance(v, list) else v for name, v in data.items() if name != "stage"}
    stage: Stage = kind(**parts)
    return stage


_NAMES: dict[type[Stage], str] = {Activate: "activate", CarryOver: "carry_over", LookAgain: "look_again"}
_KINDS: dict[str, Any] = {name: kind for kind, name in _NAMES.items()}


def _naming(world: World, webinars: frozenset[str]) -> tuple[str, ...]:
    """The campaigns with a step that goes by the date of one of these webinars, in any version still run."""
    found = {
        program.name
        for program in world.programs.values()
        for stage in program.stages
        for step in stage.steps
        if (isinstance(step, WaitUntil) and step.webinar in webinars)
        or (isinstance(step, Invite) and step.content in webinars)
    }
    return tuple(sorted(found))
