"""Steps that let time pass: a span, up to a time for a condition, until something of the calendar."""

from datetime import datetime

from nurture.core.calendar import Hours, add, hours_for, next_weekday, resolve, subtract
from nurture.core.draft import Draft
from nurture.core.enrolments import step_at
from nurture.core.instants import text_of
from nurture.core.moments import OnDate, OnWeekday, WaitMoment
from nurture.core.program import Edge, Stage, Wait, WaitFor, WaitUntil
from nurture.core.reasons import Reason
from nurture.core.state import Enrolment, Listening, Ready, Waiting, ready


def wait(draft: Draft, enrolment: Enrolment, stage: Stage, step: Wait, at: Ready) -> None:
    """Wait a span from when the step before was completed.

    Not at all behind a send that was skipped, unless the campaign has just gone back: else it would go round at once.
    """
    if at.skipping and not draft.moves.get(enrolment.campaign):
        _skip(draft, enrolment, stage, step)
        return
    until = add(_hours(draft, enrolment), enrolment.anchor, step.span)
    if until > draft.now:
        draft.say(Reason.WAITING, enrolment.campaign, step=step.key, until=text_of(until))
        draft.place(enrolment, Waiting(step.key, until))
    else:
        draft.say(Reason.WAIT_OVER, enrolment.campaign, step=step.key)
        draft.place(enrolment, ready(step_at(stage, step.next)), anchor=until)


def wait_until(draft: Draft, enrolment: Enrolment, stage: Stage, step: WaitUntil, _at: Ready) -> None:
    """Wait until a webinar begins or ends, or before; past, or without a date, go on."""
    webinar = draft.world.catalogue.get(step.webinar)
    instant = None
    if webinar is not None:
        instant = webinar.starts_at if step.edge is Edge.START else webinar.ends_at
    if instant is not None and step.before is not None:
        instant = subtract(_hours(draft, enrolment), instant, step.before)
    _until(draft, enrolment, stage, step, instant)


def wait_moment(draft: Draft, enrolment: Enrolment, stage: Stage, step: WaitMoment, _at: Ready) -> None:
    """Wait until a moment of the contact's own clock; past, go on."""
    hours = _hours(draft, enrolment)
    match step.moment:
        case OnDate(day=day, at=time):
            instant = resolve(day, time, hours.zone)
        case OnWeekday(weekday=weekday, at=time):
            instant = next_weekday(hours, enrolment.anchor, weekday, time)
    _until(draft, enrolment, stage, step, instant)


def _until(
    draft: Draft, enrolment: Enrolment, stage: Stage, step: WaitUntil | WaitMoment, instant: datetime | None
) -> None:
    if instant is not None and instant > draft.now:
        draft.say(Reason.WAITING, enrolment.campaign, step=step.key, until=text_of(instant))
        draft.place(enrolment, Waiting(step.key, instant))
    else:
        draft.say(Reason.WAIT_OVER, enrolment.campaign, step=step.key)
        draft.place(enrolment, ready(step_at(stage, step.next)), anchor=draft.now)


def _hours(draft: Draft, enrolment: Enrolment) -> Hours:
    return hours_for(draft.world, draft.program(enrolment).cadence, draft.state)


def wait_for(draft: Draft, enrolment: Enrolment, stage: Stage, step: WaitFor, at: Ready) -> None:
    """Wait for a condition, up to a time; when it does not come true, do what the author has for that."""
    if at.skipping:
        _skip(draft, enrolment, stage, step)
        return
    if draft.holds(step.condition, enrolment):
        draft.say(Reason.SATISFIED, enrolment.campaign, step=step.key)
        draft.place(enrolment, ready(step_at(stage, step.next)), anchor=draft.now)
        return
    until = add(_hours(draft, enrolment), enrolment.anchor, step.span)
    if until > draft.now:
        draft.say(Reason.LISTENING, enrolment.campaign, step=step.key, until=text_of(until))
        draft.place(enrolment, Listening(step.key, until))
    else:
        draft.say(Reason.TIMED_OUT, enrolment.campaign, step=step.key)
        draft.place(enrolment, ready(step_at(stage, step.otherwise)), anchor=until)


def _skip(draft: Draft, enrolment: Enrolment, stage: Stage, step: Wait | WaitFor) -> None:
    draft.say(Reason.WAIT_SKIPPED, enrolment.campaign, step=step.key)
    draft.place(enrolment, ready(step_at(stage, step.next), skipping=True))
