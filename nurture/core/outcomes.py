"""What delivery reports of a touch, and where the enrolment goes on."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from nurture.core import events
from nurture.core.acts import END
from nurture.core.calendar import hours_for
from nurture.core.changing import changed, opened
from nurture.core.draft import Draft
from nurture.core.enrolments import step_at
from nurture.core.gates import shifted
from nurture.core.instants import text_of
from nurture.core.invite import comes_by_itself
from nurture.core.program import MAILINGS, WhenLate
from nurture.core.reasons import Reason
from nurture.core.reminders import remind_at
from nurture.core.state import Enrolment, Ready, Sending, Slotted, Stopped, Touch, ready
from nurture.core.words import Gate, Stop, TouchState

TELLS: Mapping[TouchState, int] = {
    TouchState.QUEUED: 0,
    TouchState.WITHHELD: 1,
    TouchState.UNKNOWN: 2,
    TouchState.REFUSED: 3,
    TouchState.SENT: 4,
    TouchState.BOUNCED: 5,
}
"""Outcomes by how much they tell. Late ones arrive in any order, and none unsays a better one."""

SENT = TouchState.SENT  # looked up once: a member of an enumeration costs more than what is done with it

DECIDED_HERE = frozenset(Gate)
"""Gates that the rules look at themselves; any other is delivery's own, and says until when."""

STRIKES = 3
FIRST_RETRY = timedelta(hours=1)
"""A mail that cannot be composed is tried again after an hour, then four; the third failure quarantines the step.

Each third: whoever was released has as many chances again.
"""


def report(draft: Draft, event: events.Sent | events.Withheld | events.Refused | events.SendUnknown) -> None:
    """Note what became of the touch, and move the enrolment that waited for it."""
    touch = draft.state.touches.get(event.touch)
    if touch is None:
        draft.say(Reason.STALE, touch=event.touch)
        return
    match event:
        case events.Sent():
            _became(draft, touch, SENT, at=event.at)
            draft.say(Reason.SENT, touch.campaign, step=touch.step, touch=touch.key)
            _go_on(draft, touch, event)
        case events.SendUnknown():
            _became(draft, touch, TouchState.UNKNOWN)
            draft.say(Reason.SEND_UNKNOWN, touch.campaign, step=touch.step, touch=touch.key)
            _go_on(draft, touch, event)
        case events.Refused():
            _became(draft, touch, TouchState.REFUSED)
            draft.say(Reason.REFUSED, touch.campaign, step=touch.step, hardness=event.hardness.value)
            _go_on(draft, touch, event)
        case events.Withheld():
            _withheld(draft, touch, event)


def _became(draft: Draft, touch: Touch, state: TouchState, at: datetime | None = None) -> None:
    new, parts = opened(touch)
    if TELLS[state] > TELLS[touch.state]:
        parts["state"] = state
    if at is not None:
        parts["at"] = at
    draft.put_touch(new)


def _waiting_for(draft: Draft, touch: Touch) -> Enrolment | None:
    enrolment = draft.state.enrolments.get(touch.campaign)
    position = None if enrolment is None else enrolment.position
    return enrolment if type(position) is Sending and position.touch == touch.key else None


def _go_on(draft: Draft, touch: Touch, event: events.Event) -> None:
    enrolment = _waiting_for(draft, touch)
    position = None if enrolment is None else enrolment.position
    if enrolment is None or type(position) is not Sending:
        return
    if position.step != touch.step:  # it was to be withdrawn and left all the same
        draft.place(enrolment, Ready(position.step))
        return
    if position.late:
        draft.caught_up |= {enrolment.campaign}
    stage = draft.program(enrolment).stage(enrolment.stage)
    step = stage.by_key[touch.step]
    target = step.next if isinstance(step, MAILINGS) else END
    draft.place(enrolment, ready(step_at(stage, target)), anchor=event.at)


def _withheld(draft: Draft, touch: Touch, event: events.Withheld) -> None:
    if event.gate == Gate.NOT_SENT and touch.state is TouchState.UNKNOWN:
        draft.put_touch(changed(touch, state=TouchState.WITHHELD))
        draft.say(Reason.WITHHELD, touch.campaign, step=touch.step, gate=event.gate, until=None)
        return
    enrolment = _waiting_for(draft, touch)
    if touch.state is not TouchState.QUEUED and enrolment is None:
        draft.say(Reason.STALE, touch=touch.key)
        return
    fault = event.gate == Gate.FAULT
    _became(draft, changed(touch, strikes=touch.strikes + fault), TouchState.WITHHELD)
    until = text_of(event.until) if event.until else None
    draft.say(Reason.WITHHELD, touch.campaign, step=touch.step, gate=event.gate, until=until)
    if enrolment is not None and isinstance(enrolment.position, Sending):
        _try_again(draft, enrolment, enrolment.position, event)
    elif comes_by_itself(touch.part):
        _once_more(draft, draft.state.touches[touch.key], event)


def _try_again(draft: Draft, enrolment: Enrolment, at: Sending, event: events.Withheld) -> None:
    touch = draft.state.touches[at.touch]
    if at.step is None or at.step != touch.step:  # it was to be withdrawn
        draft.place(enrolment, Ready(at.step))
    elif event.gate == Gate.FAULT:
        _strike(draft, enrolment, touch.strikes, at.step)
    elif event.gate not in DECIDED_HERE and event.until is not None and event.until > draft.now:
        draft.place(enrolment, Slotted(at.step, event.until, Gate.WINDOW))
    else:
        if event.gate == Gate.LATE:
            draft.due[enrolment.campaign] = touch.at  # it lay in the outbox since: the author says what becomes of it
        draft.place(enrolment, Ready(at.step))


def _once_more(draft: Draft, touch: Touch, event: events.Withheld) -> None:
    """A reminder has no step that waits for it: it is planned again, as long as it is worth it."""
    enrolment = draft.state.enrolments.get(touch.campaign)
    retries = touch.strikes % STRIKES if event.gate == Gate.FAULT else -1
    if enrolment is None or retries == 0 or event.gate in (Gate.WITHDRAWN, Gate.SUPPRESSED):
        return
    until = draft.now + FIRST_RETRY if retries > 0 else event.until
    if event.gate == Gate.LATE:
        until = _late_again(draft, enrolment, touch)
    if until is not None:
        draft.put(remind_at(draft, enrolment, touch.step, touch.part, max(until, draft.now)))


def _late_again(draft: Draft, enrolment: Enrolment, touch: Touch) -> datetime | None:
    """When what lay too long in the outbox is sent after all, if its author lets it be shifted."""
    cadence = draft.program(enrolment).cadence
    if cadence.late_then is not WhenLate.SHIFT:
        draft.say(Reason.TOO_LATE, touch.campaign, step=f"{touch.step} {touch.part}")
        return None
    return shifted(hours_for(draft.world, cadence, draft.state), touch.at, draft.now)


def _strike(draft: Draft, enrolment: Enrolment, strikes: int, step: str) -> None:
    if strikes % STRIKES == 0:
        draft.say(Reason.QUARANTINED, enrolment.campaign, step=step)
        draft.place(enrolment, Stopped(Stop.QUARANTINED, step))
    else:
        until = draft.now + FIRST_RETRY * 4 ** (strikes % STRIKES - 1)
        draft.place(enrolment, Slotted(step, until, Gate.FAULT))
