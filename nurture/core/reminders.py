"""What follows an invitation by itself, at its own time, whatever step the contact has come to meanwhile.

Reminders go to those who registered, who asked for them: no cap holds them back, though they count for what comes after.
Closed hours and holds do; what cannot leave before the webinar begins is dropped. The recording goes to those who
registered and stayed away, under caps like any mail. Both end with the enrolment.
"""

from datetime import datetime, timedelta

from nurture.core.added import send_added
from nurture.core.calendar import BACKWARDS, Hours, add, hours_for, subtract
from nurture.core.changing import changed
from nurture.core.draft import Draft
from nurture.core.gates import Go, Keep, appointment_slot, slot
from nurture.core.instants import text_of
from nurture.core.invite import CATCH_UP, INVITATION, REPLAY, REPLAY_AFTER, Invite, Reminder, is_reminder, reminder_part
from nurture.core.program import Content
from nurture.core.reasons import Reason
from nurture.core.remembering import remember
from nurture.core.spans import Span
from nurture.core.state import Ended, Enrolment
from nurture.core.touches import had, key_of, queue
from nurture.core.words import WRITTEN, SignalKind, TouchState


def plan(draft: Draft, enrolment: Enrolment, step: Invite) -> Enrolment:
    """The enrolment with the reminders of an invitation, by the date of the webinar as it is now.

    What is past or made already is left out, and so is everything where another campaign has invited.
    """
    others = tuple(reminder for reminder in enrolment.reminders if reminder.step != step.key)
    content = draft.world.catalogue.get(step.content)
    mine = (
        () if content is None or _invited_elsewhere(draft, enrolment, step) else _dates(draft, enrolment, step, content)
    )
    known = {reminder.part: reminder for reminder in enrolment.reminders if reminder.step == step.key}
    new = tuple(r for one in mine if (r := _still_to_come(draft, enrolment, one, known.get(one.part))))
    for reminder in new:
        if reminder not in enrolment.reminders:
            said = {"step": step.key, "part": reminder.part, "until": text_of(reminder.due)}
            draft.say(Reason.REMINDER_PLANNED, enrolment.campaign, **said)
    return changed(enrolment, reminders=(*others, *new))


def _still_to_come(draft: Draft, enrolment: Enrolment, planned: Reminder, before: Reminder | None) -> Reminder | None:
    """The reminder as planned; one that was put off past its time keeps the time it was put off to."""
    if _made(draft, enrolment, planned):
        return None
    return planned if planned.due > draft.now else before


def _dates(draft: Draft, enrolment: Enrolment, step: Invite, content: Content) -> tuple[Reminder, ...]:
    if content.starts_at is None or content.ends_at is None:
        return ()
    hours = hours_for(draft.world, draft.program(enrolment).cadence, draft.state)
    memory, asked = draft.world.appointments, (id(step), id(hours))
    known: tuple[Invite, Hours, tuple[Reminder, ...]] | None = memory.get(asked)
    if known is None:  # kept with both, so that no others get these ids
        known = remember(memory, asked, (step, hours, dates_of(step, hours, content.starts_at, content.ends_at)))
    return known[2]


def dates_of(step: Invite, hours: Hours, begins: datetime, ends: datetime) -> tuple[Reminder, ...]:
    """What follows an invitation, in open hours such as these."""
    found = [Reminder(step.key, reminder_part(span), subtract(hours, begins, span)) for span in step.reminders]
    if step.replay is not None:
        found.append(Reminder(step.key, REPLAY, add(hours, ends, REPLAY_AFTER)))
    return tuple(found)


def _invited_elsewhere(draft: Draft, enrolment: Enrolment, step: Invite) -> bool:
    return any(
        touch.part == INVITATION and touch.content == step.content and touch.campaign != enrolment.campaign
        for touch in draft.state.touches.values()
        if touch.state in WRITTEN
    )


def _made(draft: Draft, enrolment: Enrolment, reminder: Reminder) -> bool:
    if not draft.state.touches:
        return False
    known = draft.state.touches.get(key_of(draft, enrolment, reminder.step, reminder.part))
    return known is not None and known.state is not TouchState.WITHHELD


def plan_again(draft: Draft) -> None:
    """Compute anew the reminders of every invitation that was made: a webinar may have been moved or cancelled."""
    for enrolment in draft.live():
        program, current = draft.program(enrolment), enrolment
        for step in program.invites.values():
            invited = key_of(draft, enrolment, step.key, INVITATION) in draft.state.touches
            if invited or any(reminder.step == step.key for reminder in enrolment.reminders):
                current = plan(draft, current, step)
        if current.reminders != enrolment.reminders:
            draft.put(current)


def remind_at(draft: Draft, enrolment: Enrolment, step: str, part: str, due: datetime) -> Enrolment:
    """The enrolment with a part planned for another time; without it, where a webinar will have begun."""
    others = tuple(r for r in enrolment.reminders if (r.step, r.part) != (step, part))
    invite = draft.program(enrolment).invites.get(step)
    content = draft.world.catalogue.get(invite.content) if invite is not None else None
    begins = content.starts_at if content is not None else None
    if part != CATCH_UP and (begins is None or (is_reminder(part) and due >= begins)):
        draft.say(Reason.TOO_LATE, enrolment.campaign, step=f"{step} {part}")
        return changed(enrolment, reminders=others)
    return changed(enrolment, reminders=(*others, Reminder(step, part, due)))


def fire(draft: Draft, campaign: str) -> None:
    """Send what is due of a campaign's reminders, or say why not.

    Where closed hours or a standstill have brought reminders of one webinar together, the last of them is enough.
    """
    enrolment = draft.state.enrolments.get(campaign)
    due = [r for r in enrolment.reminders if r.due <= draft.now] if enrolment is not None else []
    if enrolment is None or not due or isinstance(enrolment.position, Ended):
        draft.say(Reason.STALE)
        return
    steps = draft.program(enrolment).invites
    draft.put(changed(enrolment, reminders=tuple([r for r in enrolment.reminders if r.due > draft.now])))
    for reminder in due:
        if reminder.part == CATCH_UP:
            send_added(draft, draft.state.enrolments[campaign], reminder)
    for key in sorted({reminder.step for reminder in due} & steps.keys()):
        mine = [reminder.part for reminder in due if reminder.step == key]
        wanted = _without_the_overtaken(steps[key], mine)
        for part in mine:
            if part in wanted:
                _remind(draft, draft.state.enrolments[campaign], steps[key], part)
            else:
                draft.say(Reason.TOO_LATE, campaign, step=f"{key} {part}")


def _without_the_overtaken(step: Invite, parts: list[str]) -> set[str]:
    """Of several reminders the one nearest to the webinar."""
    nearest = min((span for span in step.reminders if reminder_part(span) in parts), key=_length, default=None)
    return {part for part in parts if not is_reminder(part) or (nearest is not None and part == reminder_part(nearest))}


def _length(span: Span) -> timedelta:
    return span.amount * BACKWARDS[span.unit]


def _remind(draft: Draft, enrolment: Enrolment, step: Invite, part: str) -> None:
    content = step.replay or "" if part == REPLAY else step.content
    name = f"{step.key} {part}"
    webinar = draft.world.catalogue.get(step.content)
    if (SignalKind.REGISTERED, step.content) not in draft.state.signals:
        draft.say(Reason.NOT_REGISTERED, enrolment.campaign, step=name, part=part, content=step.content)
    elif part == REPLAY and (SignalKind.ATTENDED, step.content) in draft.state.signals:
        draft.say(Reason.ATTENDED, enrolment.campaign, step=name, part=part, content=step.content)
    elif part == REPLAY and had(draft, content):
        draft.say(Reason.ALREADY_HAD, enrolment.campaign, step=name, content=content)
    elif is_reminder(part) and (webinar is None or webinar.starts_at is None or webinar.starts_at <= draft.now):
        draft.say(Reason.TOO_LATE, enrolment.campaign, step=name)
    else:
        _send_when_open(draft, enrolment, step, part, content)


def _send_when_open(draft: Draft, enrolment: Enrolment, step: Invite, part: str, content: str) -> None:
    program, key = draft.program(enrolment), key_of(draft, enrolment, step.key, part)
    if is_reminder(part):
        verdict = appointment_slot(draft.world, program, draft.state, draft.now)
    else:
        verdict = slot(draft.world, program, draft.state, enrolment, draft.now, ignoring=key)
    match verdict:
        case Keep(gate=gate, until=until):
            told = text_of(until) if until else None
            draft.say(Reason.GATED, enrolment.campaign, step=f"{step.key} {part}", gate=gate.value, until=told)
            if until is not None:
                draft.put(remind_at(draft, enrolment, step.key, part, until))
        case Go():
            invitation = draft.state.touches.get(key_of(draft, enrolment, step.key, INVITATION))
            in_thread = is_reminder(part) and invitation is not None and invitation.state is TouchState.SENT
            thread = invitation.key if invitation is not None and in_thread else None
            queue(draft, enrolment, key, step.key, content, part=part, thread=thread)
