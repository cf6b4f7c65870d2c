"""Whether a message may leave now, and if not, what keeps it and until when.

`decide` asks when a step is due and delivery asks again just before the send: the same function, so that the answer
changes only when the facts do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import TypeAlias

from nurture.core.calendar import ONE_DAY, Hours, add, hours_for, next_open, resolve, same_time_on
from nurture.core.invite import CATCH_UP, comes_by_itself, is_reminder
from nurture.core.newsletters import has_expired
from nurture.core.program import Cap, Program, WhenLate
from nurture.core.state import ContactState, Ended, Enrolment, Sending, Slotted, Stopped, Touch
from nurture.core.words import MAY_BE_WRITTEN_TO, WRITTEN, Gate, TouchState
from nurture.core.world import World


@dataclass(frozen=True, slots=True)
class Go:
    """Nothing keeps it."""


@dataclass(frozen=True, slots=True)
class Keep:
    """A gate keeps it; without `until` only an event lifts it."""

    gate: Gate
    until: datetime | None = None


Verdict: TypeAlias = Go | Keep

GO = Go()

WINDOW = Gate.WINDOW  # looked up once: it is asked of every mail

ANY_ZONE = 2
"""Days more than a cap has, after which no local date can be within it any more: one for a part of a day, one for a zone."""

BEHIND = timedelta(hours=1)
"""Later than this is not a busy moment but a standstill."""


def may_send(world: World, state: ContactState, touch: Touch, now: datetime) -> Verdict:
    """Whether a queued touch may still be sent: asked by delivery, with the contact's state as it is now."""
    enrolment = state.enrolments.get(touch.campaign)
    known = state.touches.get(touch.key)
    if enrolment is None or known is None or known.state is not TouchState.QUEUED or not _awaits(enrolment, touch):
        return Keep(Gate.WITHDRAWN)
    program = world.program(enrolment.campaign, enrolment.version)
    if is_reminder(touch.part):
        begins = world.catalogue[touch.content].starts_at if touch.content in world.catalogue else None
        return Keep(Gate.WITHDRAWN) if begins is None or begins <= now else appointment_slot(world, program, state, now)
    verdict = slot(world, program, state, enrolment, now, ignoring=touch.key)
    if isinstance(verdict, Go) and (has_expired(program, now) or _has_lain(world, program, state, touch, now)):
        return Keep(Gate.LATE)
    return verdict


def _has_lain(world: World, program: Program, state: ContactState, touch: Touch, now: datetime) -> bool:
    """Whether the message waited in the outbox, behind a brake or an outage, longer than its author lets it be late."""
    cadence = program.cadence
    if now - touch.at <= BEHIND or cadence.late_max is None or cadence.late_then is WhenLate.SEND:
        return False
    return now > add(hours_for(world, cadence, state), touch.at, cadence.late_max)


def _awaits(enrolment: Enrolment, touch: Touch) -> bool:
    match enrolment.position:
        case Ended():
            return False
        case Stopped():
            return comes_by_itself(touch.part) and touch.part != CATCH_UP
        case _ if comes_by_itself(touch.part):
            return True
        case Sending(step=step, touch=key):
            return key == touch.key and step == touch.step
        case _:
            return False


def slot(
    world: World,
    program: Program,
    state: ContactState,
    enrolment: Enrolment,
    now: datetime,
    ignoring: str | None = None,
) -> Verdict:
    """Whether a campaign may write to the contact now; else the gate that keeps it longest, and its next slot."""
    barred = _barred(state)
    if barred is not None:
        return barred
    hours = hours_for(world, program.cadence, state)
    written = _written(state, ignoring)
    found = _earliest(state, hours, _free_from(program, hours, written, now), now)
    if len(state.enrolments) == 1 or found is not GO:
        return found
    rivals = _rivals_due(world, program, state, enrolment, now)
    if not rivals:
        return GO
    yielded = _earliest(state, hours, _free_from(program, hours, [*written, *[now] * rivals], now), now)
    return Keep(Gate.PRIORITY, yielded.until) if isinstance(yielded, Keep) else GO


def appointment_slot(world: World, program: Program, state: ContactState, now: datetime) -> Verdict:
    """When the contact may be reminded of what it registered for: hours and holds say so, caps do not."""
    return _barred(state) or _earliest(state, hours_for(world, program.cadence, state), None, now)


def _barred(state: ContactState) -> Keep | None:
    if state.suppressed:
        return Keep(Gate.SUPPRESSED)
    if state.basis not in MAY_BE_WRITTEN_TO:
        return Keep(Gate.CONSENT)
    if state.holds and any(hold.until is None for hold in state.holds):
        return Keep(Gate.HOLD)
    return None


def _earliest(state: ContactState, hours: Hours, free: date | None, now: datetime) -> Verdict:
    """`free` is the first local date that caps allow; None where they allow any."""
    at, gate = now, WINDOW
    for hold in state.holds:
        if hold.until is not None and hold.until > at:
            at, gate = hold.until, Gate.HOLD
    if free is not None and free > hours.local(at).date():
        at, gate = resolve(free, hours.local(at).time(), hours.zone), Gate.CAP
    opened = next_open(hours, at)
    if opened is now:
        return GO
    return Keep(gate if at > now else WINDOW, opened)


def _free_from(program: Program, hours: Hours, written: list[datetime], now: datetime) -> date | None:
    """The first local date on which caps allow one more mail; None where they allow it anyway.

    Whether a cap can matter at all is told by instants, which are compared at a tenth of what their local dates cost.
    """
    caps, count = program.cadence.at_most, len(written)
    for cap in caps if count else ():
        if count >= cap.count and written[-cap.count] > now - _reach(cap.days):
            return cap_free_from(caps, [hours.local(at).date() for at in written])
    return None


@cache
def _reach(days: int) -> timedelta:
    """How far back a touch may still be within a cap of so many days, whatever the zone."""
    return (days + ANY_ZONE) * ONE_DAY


def cap_free_from(caps: Iterable[Cap], dates: list[date]) -> date | None:
    """The first local date on which one more touch keeps every cap, given the dates of those already written."""
    ordered, free = sorted(dates), None
    for cap in caps:
        if len(ordered) >= cap.count:
            full_until = ordered[-cap.count] + cap.days * ONE_DAY
            if free is None or full_until > free:
                free = full_until
    return free


def _written(state: ContactState, ignoring: str | None) -> list[datetime]:
    """When the contact was written to, earliest first."""
    if not state.touches:
        return []
    return sorted([touch.at for touch in state.touches.values() if touch.state in WRITTEN and touch.key != ignoring])


def _rivals_due(world: World, program: Program, state: ContactState, enrolment: Enrolment, now: datetime) -> int:
    """How many enrolments that come first have a send due at this very moment."""
    mine = rank(program, enrolment)
    return sum(
        1
        for other in state.enrolments.values()
        if isinstance(other.position, Slotted)
        and other.position.until <= now
        and rank(world.program(other.campaign, other.version), other) < mine
    )


def rank(program: Program, enrolment: Enrolment) -> tuple[int, datetime, str]:
    """Which campaign comes first when a cap leaves room for one: priority, then the older enrolment, then the name."""
    return -program.priority, enrolment.entered_at, enrolment.campaign


def shifted(hours: Hours, due: datetime, now: datetime) -> datetime:
    """The local time at which something was due, on the next open day after today."""
    day = hours.local(now).date() + timedelta(days=1)
    while not hours.opens_on(day):
        day += timedelta(days=1)
    return same_time_on(hours, due, day)
