"""Steps that let time pass: a span, up to a time for a condition, until something of the calendar."""

from nurture.core.calendar import add, hours_for
from nurture.core.draft import Draft
from nurture.core.enrolments import step_at
from nurture.core.program import Edge, Stage, Wait, WaitFor, WaitUntil
from nurture.core.reasons import Reason
from nurture.core.state import Enrolment, Listening, Ready, Waiting


def wait(draft: Draft, enrolment: Enrolment, stage: Stage, step: Wait, at: Ready) -> None:
    """Wait a span from when the step before was completed; not at all behind a send that was skipped."""
    if at.skipping:
        _skip(draft, enrolment, stage, step)
        return
    hours = hours_for(draft.world, draft.program(enrolment).cadence, draft.state)
    until = add(hours, enrolment.anchor, step.span)
    if until > draft.now:
        draft.say(Reason.WAITING, enrolment.campaign, step=step.key, until=until.isoformat())
        draft.place(enrolment, Waiting(step.key, until))
    else:
        draft.say(Reason.WAIT_OVER, enrolment.campaign, step=step.key)
        draft.place(enrolment, Ready(step_at(stage, step.next)), anchor=until)


def wait_until(draft: Draft, enrolment: Enrolment, stage: Stage, step: WaitUntil, _at: Ready) -> None:
    """Wait until a webinar begins or ends; past, or without a date, go on."""
    webinar = draft.world.catalogue.get(step.webinar)
    instant = None
    if webinar is not None:
        instant = webinar.starts_at if step.edge is Edge.START else webinar.ends_at
    if instant is not None and instant > draft.now:
        draft.say(Reason.WAITING, enrolment.campaign, step=step.key, until=instant.isoformat())
        draft.place(enrolment, Waiting(step.key, instant))
    else:
        draft.say(Reason.WAIT_OVER, enrolment.campaign, step=step.key)
        draft.place(enrolment, Ready(step_at(stage, step.next)), anchor=draft.now)


def wait_for(draft: Draft, enrolment: Enrolment, stage: Stage, step: WaitFor, at: Ready) -> None:
    """Wait for a condition, up to a time; when it does not come true, do what the author has for that."""
    if at.skipping:
        _skip(draft, enrolment, stage, step)
        return
    if draft.holds(step.condition, enrolment):
        draft.say(Reason.SATISFIED, enrolment.campaign, step=step.key)
        draft.place(enrolment, Ready(step_at(stage, step.next)), anchor=draft.now)
        return
    hours = hours_for(draft.world, draft.program(enrolment).cadence, draft.state)
    until = add(hours, enrolment.anchor, step.span)
    if until > draft.now:
        draft.say(Reason.LISTENING, enrolment.campaign, step=step.key, until=until.isoformat())
        draft.place(enrolment, Listening(step.key, until))
    else:
        draft.say(Reason.TIMED_OUT, enrolment.campaign, step=step.key)
        draft.place(enrolment, Ready(step_at(stage, step.otherwise)), anchor=until)


def _skip(draft: Draft, enrolment: Enrolment, stage: Stage, step: Wait | WaitFor) -> None:
    draft.say(Reason.WAIT_SKIPPED, enrolment.campaign, step=step.key)
    draft.place(enrolment, Ready(step_at(stage, step.next), skipping=True))
