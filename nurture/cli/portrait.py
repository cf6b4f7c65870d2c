"""One contact as people need to see it: who, where in each campaign, what holds it, what the score is made of, what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nurture.cli.opening import Session, the_contact

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from nurture.core.program import Program
    from nurture.core.scoring import LedgerEntry
    from nurture.core.state import ContactState, Enrolment
    from nurture.core.world import World
    from nurture.storage.contacts import Consent, FoundContact
    from nurture.storage.load import Received
    from nurture.storage.quarantine import SetAside
    from nurture.storage.unmade import Unmade


@dataclass(frozen=True, slots=True)
class Portrait:
    """Everything known of a contact at an instant. `world` is None before the first apply."""

    found: "FoundContact"
    state: "ContactState"
    waiting: Sequence["Received"]
    consents: Sequence["Consent"]
    world: "World | None"
    now: datetime
    set_aside: Sequence["SetAside"] = ()
    unmade: Sequence["Unmade"] = ()

    def ledger(self) -> list["LedgerEntry"]:
        """The entries whose remaining points sum up to the engagement now, the latest first."""
        from nurture.core.qualify import ledger_of

        if self.world is None:
            return []
        entries = ledger_of(self.world.scoring, self.state, self.now)
        return sorted(entries, key=lambda entry: (-entry.day, entry.signal, entry.object))

    def segments(self) -> list[str]:
        """The segments it is in now."""
        from nurture.core.facts import holds
        from nurture.core.qualify import as_of

        if self.world is None:
            return []
        facts = as_of(self.world, self.state, self.now)
        return [name for name, segment in sorted(self.world.segments.items()) if holds(segment.when, facts)]

    def next_at(self) -> datetime | None:
        """When the contact is looked at next, as far as is known now."""
        from nurture.core.state import next_timer

        timer = next_timer(self.state)
        times = [received_at for received_at, _ in self.waiting] + ([timer[0]] if timer else [])
        return min(times, default=None)

    def place(self, campaign: str, version: str, step: str) -> str:
        """`file:line` of a step, or of one of its parts ("key part"), where the program is still known."""
        program, step = self._program(campaign, version), step.partition(" ")[0]
        if program is None:
            return ""
        for stage in program.stages:
            if step in stage.index:
                line = stage.steps[stage.index[step]].line
                return f"{program.file}:{line}" if line else program.file
        return ""

    def _program(self, campaign: str, version: str) -> "Program | None":
        if self.world is None:
            return None
        wanted = version or self.world.current.get(campaign, "")
        known = self.world.programs.get((campaign, wanted))
        return known or self.world.programs.get((campaign, self.world.current.get(campaign, "")))


def portrait(session: Session, wanted: str) -> Portrait:
    """Look the contact up (CommandProblem: there is none)."""
    now = session.now()
    world = _world(session)
    with session.db.read() as c:
        return _portrait(c, wanted, world, now)


def _portrait(c: "Connection", wanted: str, world: "World | None", now: datetime) -> Portrait:
    from nurture.storage.contacts import consents_of
    from nurture.storage.load import load_contacts
    from nurture.storage.quarantine import set_aside
    from nurture.storage.timeline import waiting_events
    from nurture.storage.unmade import unmade

    found = the_contact(c, wanted)
    state = load_contacts(c, [found.id], now)[found.id].state
    waiting, consents = waiting_events(c, found.id), consents_of(c, found.id)
    aside, notices = set_aside(c, contact=found.id), unmade(c, contact=found.id)
    return Portrait(found, state, waiting, consents, world, now, aside, notices)


def _world(session: Session) -> "World | None":
    from nurture.engine.worlds import NothingApplied, Worlds

    try:
        return Worlds(session.db).world()
    except NothingApplied:
        return None


def standing(enrolment: "Enrolment", language: str) -> str:
    """Where the contact stands in a campaign, as a sentence."""
    from nurture.texts.reasons import sentence

    reason, detail = _reason(enrolment)
    return sentence(reason, detail, language)


def step_of(enrolment: "Enrolment") -> str:
    """The step it stands at; empty where there is none."""
    return getattr(enrolment.position, "step", None) or ""


def _reason(enrolment: "Enrolment") -> tuple[str, Mapping[str, Any]]:
    """The journal's words for a position."""
    from nurture.core.codec import position_to_json

    kind, detail = position_to_json(enrolment.position)
    match kind:
        case "slotted" | "blocked":
            return "gated", detail
        case "sending":
            return "queued", {"content": detail.get("step")}
        case "exhausted":
            return "exhausted", {"stage": enrolment.stage}
        case "stopped":
            return "stopped", {"stop": detail["why"]}
        case "ended" if detail.get("note"):
            return "left_because", detail
        case "ended":
            return "completed", {"end": detail["why"]}
        case "ready":
            return "woken", {}
        case _:
            return kind, detail  # waiting and listening have the journal's own names


def points(milli: int) -> str:
    """Milli-points as points."""
    return f"{milli / 1000:.1f}".removesuffix(".0")


def moment(instant: datetime | None) -> str:
    """An instant for a table."""
    return "" if instant is None else f"{instant:%Y-%m-%d %H:%M}"
