"""What happens next to a contact: the heart, one event at a time."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from nurture.core import (
    carrying,
    enrolments,
    events,
    hand_off,
    moving,
    outcomes,
    qualify,
    reminders,
    steps,
    turns,
)
from nurture.core.absorb import absorb, forget_past_holds
from nurture.core.catching_up import OWED
from nurture.core.draft import Draft, resume_at
from nurture.core.effects import Decision
from nurture.core.events import Event
from nurture.core.gates import may_send
from nurture.core.reasons import Reason
from nurture.core.state import (
    ENROLMENT_TIMER,
    HAND_OFF_TIMER,
    LOOK_TIMER,
    REMINDER_TIMER,
    Blocked,
    ContactState,
    Ended,
    Ready,
    Slotted,
    due_of,
    ready,
)
from nurture.core.words import MAY_BE_WRITTEN_TO, End, Gate, Stop
from nurture.core.world import World

__all__ = ["decide", "may_send"]

ROUNDS = 10
"""How often in one decision campaigns may answer what campaigns wrote down."""


def decide(world: World, contact: ContactState, event: Event, now: datetime) -> Decision:
    """The contact's new state, the effects wanted and the reasons, after one event.

    `now` is business time, aware; the event's own instant may be earlier. Pure: the same arguments give the same
    decision, in every process and on every day.
    """
    draft, kind = Draft(world, contact, event, now), type(event)
    if kind is not events.Sent:
        absorb(draft, event)
    if draft.state.holds:
        forget_past_holds(draft)
    qualify.refold(draft)
    if kind in _ASKED_FOR:
        _ASKED_FOR[kind](draft, event)
    draft.calm = moving.is_calm(draft)
    if not draft.calm:
        enrolments.leave_by_rule(draft)
    if draft.is_changed or draft.is_look:
        enrolments.enter_by_rule(draft)
    _AWAKENS.get(kind, _unblock)(draft, event)
    if not draft.calm:
        moving.move_by_rule(draft)
    if kind is events.Replied:
        hand_off.stop_all(draft, Stop.REPLIED)
    steps.run(draft)
    if draft.unheard is not None:
        _hear_own_words(draft)
    if world.is_timed or contact.looks_at is not None:
        turns.plan(draft)
    return draft.decision()


def _hear_own_words(draft: Draft) -> None:
    """What steps wrote of the contact is heard by every rule like any other fact, and may lead to further steps.

    Campaigns that answer one another without end are left after some rounds: the next event goes on from there.
    """
    for _ in range(ROUNDS):
        before, draft.unheard = draft.unheard, None
        if before is None:
            return
        qualify.refold(draft)
        draft.calm = moving.is_calm(draft)
        if not draft.calm:
            enrolments.leave_by_rule(draft)
        enrolments.enter_by_own_words(draft, before)
        if not draft.calm:
            moving.move_by_rule(draft)
        steps.run(draft)


def _enrol(draft: Draft, name: str) -> None:
    known = draft.state.enrolments.get(name)
    if name not in draft.world.current:
        draft.say(Reason.NOT_ENTERED, name, because="unknown_campaign")
    elif draft.state.suppressed:
        draft.say(Reason.NOT_ENTERED, name, because="suppressed")
    elif known is not None and not isinstance(known.position, Ended):
        draft.say(Reason.NOT_ENTERED, name, because="already_in")
    else:
        enrolments.enter(draft, draft.world.program(name, draft.world.current[name]))


def _remove(draft: Draft, name: str) -> None:
    known = draft.state.enrolments.get(name)
    if known is None or isinstance(known.position, Ended):
        draft.say(Reason.STALE, name)
    else:
        draft.end(known, End.REMOVED, Reason.REMOVED)


def _timer(draft: Draft, event: events.TimerFired) -> None:
    key = event.key
    if key.startswith(ENROLMENT_TIMER):
        _come(draft, key[len(ENROLMENT_TIMER) :])
    elif key.startswith(REMINDER_TIMER):
        reminders.fire(draft, key.removeprefix(REMINDER_TIMER))
    elif key == HAND_OFF_TIMER:
        hand_off.expire(draft)
    elif key != LOOK_TIMER:  # for which the rules have been asked
        draft.say(Reason.STALE)


def _come(draft: Draft, campaign: str) -> None:
    """Make ready what is due at that instant: ties fire as one, so that priority decides between them, not their names."""
    fired = draft.state.enrolments.get(campaign)
    due = due_of(fired.position) if fired else None
    if due is None or due > draft.now:
        draft.say(Reason.STALE)
        return
    for enrolment in draft.live():
        position = enrolment.position
        mine = due if enrolment is fired else due_of(position)
        if mine is not None and mine <= due:
            draft.due[enrolment.campaign] = mine
            if isinstance(position, Slotted) and position.gate in OWED:
                draft.owed |= {enrolment.campaign}
            draft.place(enrolment, ready(resume_at(position)))


def _unblock(draft: Draft, _event: Event) -> None:
    """Make ready what a consent or the end of a hold lets go on."""
    for enrolment in draft.live():
        match enrolment.position:
            case Blocked(step=step, gate=Gate.CONSENT) if draft.state.basis in MAY_BE_WRITTEN_TO:
                draft.place(enrolment, Ready(step))
            case Blocked(step=step, gate=Gate.HOLD) if all(hold.until is not None for hold in draft.state.holds):
                draft.place(enrolment, Ready(step))
            case Slotted(step=step, gate=Gate.HOLD) if draft.state.holds != draft.before.holds:
                draft.place(enrolment, Ready(step))
            case _:
                pass


def _resume(draft: Draft, event: events.Resumed) -> None:
    if event.only_set_aside:
        hand_off.resume_all(draft, Stop.QUARANTINED, Stop.LOOPED)
    else:
        hand_off.resume_all(draft, Stop.REPLIED, Stop.QUARANTINED, Stop.LOOPED)


def _look_again(draft: Draft, _event: events.WorldChanged) -> None:
    enrolments.wake_exhausted(draft)
    enrolments.look_at_webinars(draft)
    reminders.plan_again(draft)
    enrolments.look_at_winners(draft)
    enrolments.enter_current(draft)


Answer: TypeAlias = Callable[[Draft, Any], None]

_ASKED_FOR: Mapping[type[Event], Answer] = {
    events.Enrol: lambda draft, event: _enrol(draft, event.campaign),
    events.NewsletterDue: lambda draft, event: enrolments.receive(draft, event.newsletter),
    events.Remove: lambda draft, event: _remove(draft, event.campaign),
    events.Resumed: _resume,
    events.HandOffAnswered: hand_off.answer,
    events.WorldChanged: _look_again,
    events.CarriedOver: carrying.carry_over,
}
"""What was asked for of this contact in particular: by a person, by new files, by a newsletter."""

_AWAKENS: Mapping[type[Event], Answer] = {
    events.TimerFired: _timer,
    events.Sent: outcomes.report,
    events.Withheld: outcomes.report,
    events.SendUnknown: outcomes.report,
    events.Refused: outcomes.report,
}
"""What makes ready what waited for a time or an outcome of delivery; any other event may lift what blocked."""
