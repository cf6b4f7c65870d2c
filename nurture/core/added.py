"""Mails that a version added behind a contact's back: who is past them gets them beside the steps, at a time of their own.

Under every gate that a step has, and never on a day on which the contact is written to anyway: catching up is no reason to
write twice.
"""

from datetime import datetime

from nurture.core.calendar import hours_for
from nurture.core.changing import changed
from nurture.core.draft import Draft, resume_at
from nurture.core.gates import Go, shifted, slot
from nurture.core.ids import pick_variant
from nurture.core.invite import CATCH_UP, Reminder
from nurture.core.lineage import must_pass
from nurture.core.program import Send
from nurture.core.reasons import Reason
from nurture.core.state import Ended, Enrolment, Exhausted, Stopped
from nurture.core.touches import had, key_of, queue
from nurture.core.words import WRITTEN, TouchState


def catch_up(draft: Draft, campaign: str, steps: tuple[str, ...]) -> None:
    """Plan those of the steps that the enrolment is past: that nobody comes to where it stands but over them."""
    enrolment = draft.state.enrolments[campaign]
    if isinstance(enrolment.position, Ended | Exhausted | Stopped) or enrolment.held_out:
        return
    stage, here = draft.program(enrolment).stage(enrolment.stage), resume_at(enrolment.position)
    owed = [key for key in steps if isinstance(_send_of(draft, enrolment, key), Send) and must_pass(stage, key, here)]
    for key in owed:
        draft.say(Reason.CAUGHT_UP, campaign, step=key)
    if owed:
        planned = tuple(Reminder(key, CATCH_UP, draft.now) for key in owed)
        draft.put(changed(enrolment, reminders=(*enrolment.reminders, *planned)))


def send_added(draft: Draft, enrolment: Enrolment, reminder: Reminder) -> None:
    """Send what is still to come of the step, or say why not; kept by a gate or by another mail, it is put off."""
    step = _send_of(draft, enrolment, reminder.step)
    if step is None or isinstance(enrolment.position, Stopped):
        draft.say(Reason.TOO_LATE, enrolment.campaign, step=reminder.step)
        return
    refused = _refused(draft, enrolment, step)
    if refused is not None:
        draft.say(refused, enrolment.campaign, step=step.key, content=step.content)
        return
    until = _kept(draft, enrolment)
    if until is not None:
        draft.say(Reason.CAUGHT_UP, enrolment.campaign, step=step.key)
        draft.put(changed(enrolment, reminders=(*enrolment.reminders, Reminder(step.key, CATCH_UP, until))))
        return
    drawn = pick_variant(draft.world.salt, step.variants, enrolment.campaign, step.key, draft.state.key)
    key = key_of(draft, enrolment, step.key, CATCH_UP)
    queue(draft, enrolment, key, step.key, step.content, part=CATCH_UP, variant=drawn.name if drawn else None)


def _send_of(draft: Draft, enrolment: Enrolment, key: str) -> Send | None:
    stage = draft.program(enrolment).stage(enrolment.stage)
    step = stage.steps[stage.index[key]] if key in stage.index else None
    return step if isinstance(step, Send) else None


def _refused(draft: Draft, enrolment: Enrolment, step: Send) -> Reason | None:
    content = draft.world.catalogue.get(step.content)
    touched = draft.state.touches.get(key_of(draft, enrolment, step.key))
    if touched is not None and touched.state is not TouchState.WITHHELD:
        return Reason.ALREADY_TOUCHED
    if content is None or content.translation(draft.program(enrolment).language) is None:
        return Reason.NOT_TRANSLATED
    if had(draft, step.content, but=key_of(draft, enrolment, step.key, CATCH_UP)):
        return Reason.ALREADY_HAD
    return Reason.TOO_LATE if content.ends_at is not None and content.ends_at <= draft.now else None


def _kept(draft: Draft, enrolment: Enrolment) -> datetime | None:
    """Until when it has to wait: for a gate, or for a day on which the contact is not written to."""
    program = draft.program(enrolment)
    verdict = slot(draft.world, program, draft.state, enrolment, draft.now)
    if not isinstance(verdict, Go) and verdict.until is not None:
        return verdict.until
    hours = hours_for(draft.world, program.cadence, draft.state)
    today = hours.local(draft.now).date()
    written = any(t.state in WRITTEN and hours.local(t.at).date() == today for t in draft.state.touches.values())
    return None if isinstance(verdict, Go) and not written else shifted(hours, draft.now, draft.now)
