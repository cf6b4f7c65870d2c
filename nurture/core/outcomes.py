"""What delivery reports of a touch, and where the enrolment goes on."""

from dataclasses import replace
from datetime import timedelta

from nurture.core import events
from nurture.core.absorb import put_touch
from nurture.core.draft import Draft
from nurture.core.enrolments import step_at
from nurture.core.program import END, Branch
from nurture.core.reasons import Reason
from nurture.core.state import Enrolment, Ready, Sending, Slotted, Stopped, Touch
from nurture.core.words import Gate, Stop, TouchState

STRIKES = 3
FIRST_RETRY = timedelta(hours=1)
"""A mail that cannot be composed is tried again after an hour, then four; the third failure quarantines the step."""


def report(draft: Draft, event: events.Sent | events.Withheld | events.Refused | events.SendUnknown) -> None:
    """Note what became of the touch, and move the enrolment that waited for it."""
    touch = draft.state.touches.get(event.touch)
    if touch is None:
        draft.say(Reason.STALE, touch=event.touch)
        return
    match event:
        case events.Sent():
            put_touch(draft, replace(touch, state=TouchState.SENT, at=event.at))
            draft.say(Reason.SENT, touch.campaign, step=touch.step, touch=touch.key)
            _go_on(draft, touch, event)
        case events.SendUnknown():
            put_touch(draft, replace(touch, state=TouchState.UNKNOWN))
            draft.say(Reason.SEND_UNKNOWN, touch.campaign, step=touch.step, touch=touch.key)
            _go_on(draft, touch, event)
        case events.Refused():
            put_touch(draft, replace(touch, state=TouchState.REFUSED))
            draft.say(Reason.REFUSED, touch.campaign, step=touch.step, hardness=event.hardness.value)
            _go_on(draft, touch, event)
        case events.Withheld():
            _withheld(draft, touch, event)


def _waiting_for(draft: Draft, touch: Touch) -> Enrolment | None:
    enrolment = draft.state.enrolments.get(touch.campaign)
    if enrolment is None or not isinstance(enrolment.position, Sending):
        return None
    return enrolment if enrolment.position.touch == touch.key else None


def _go_on(draft: Draft, touch: Touch, event: events.Event) -> None:
    enrolment = _waiting_for(draft, touch)
    if enrolment is None or not isinstance(enrolment.position, Sending):
        return
    if enrolment.position.step != touch.step:  # it was to be withdrawn and left all the same
        draft.place(enrolment, Ready(enrolment.position.step))
        return
    stage = draft.program(enrolment).stage(enrolment.stage)
    step = stage.steps[stage.index[touch.step]]
    target = END if isinstance(step, Branch) else step.next
    draft.place(enrolment, Ready(step_at(stage, target)), anchor=event.at)


def _withheld(draft: Draft, touch: Touch, event: events.Withheld) -> None:
    if touch.state is not TouchState.QUEUED:
        draft.say(Reason.STALE, touch=touch.key)
        return
    fault = event.gate == Gate.FAULT
    put_touch(draft, replace(touch, state=TouchState.WITHHELD, strikes=touch.strikes + fault))
    until = event.until.isoformat() if event.until else None
    draft.say(Reason.WITHHELD, touch.campaign, step=touch.step, gate=event.gate, until=until)
    enrolment = _waiting_for(draft, touch)
    if enrolment is None or not isinstance(enrolment.position, Sending):
        return
    if fault and enrolment.position.step == touch.step:
        _strike(draft, enrolment, touch.strikes + 1, touch.step)
    else:
        draft.place(enrolment, Ready(enrolment.position.step))


def _strike(draft: Draft, enrolment: Enrolment, strikes: int, step: str) -> None:
    if strikes >= STRIKES:
        draft.say(Reason.QUARANTINED, enrolment.campaign, step=step)
        draft.place(enrolment, Stopped(Stop.QUARANTINED, step))
    else:
        until = draft.now + FIRST_RETRY * 4 ** (strikes - 1)
        draft.place(enrolment, Slotted(step, until, Gate.FAULT))
