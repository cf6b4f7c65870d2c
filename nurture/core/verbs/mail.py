"""Steps that write to the contact: a content for the first time, and again in its thread."""

from datetime import datetime

from nurture.core.calendar import add, hours_for, least
from nurture.core.catching_up import day_of_its_own, is_late, kept, owed
from nurture.core.draft import Draft
from nurture.core.enrolments import step_at
from nurture.core.facts import acted_since
from nurture.core.gates import Keep, slot
from nurture.core.instants import text_of
from nurture.core.invite import INVITATION, Invite
from nurture.core.newsletters import has_expired
from nurture.core.program import Mailing, Relance, Send, Stage, WhenLate
from nurture.core.reasons import Reason
from nurture.core.reminders import plan
from nurture.core.state import Blocked, Enrolment, Ready, Sending, Slotted, Touch, ready
from nurture.core.touches import PART, had, is_consumed, key_of, queue
from nurture.core.verbs.variants import choose
from nurture.core.words import ACTED_ON, WRITTEN, Gate, SignalKind, TouchState

SENT = TouchState.SENT  # looked up once for many touches

RELANCES = 2
"""How often at most a content is written about again in one rotation."""


def send(draft: Draft, enrolment: Enrolment, stage: Stage, step: Send, at: Ready) -> None:
    """Send the content, unless the contact has it."""
    program, content = draft.program(enrolment), draft.world.catalogue.get(step.content)
    key = key_of(draft, enrolment, step.key)
    known = draft.state.touches.get(key)
    if known is not None and known.state is not TouchState.WITHHELD:
        _pass_touched(draft, enrolment, stage, step, known, at.skipping)
    elif content is None or content.translation(program.language) is None:
        _skip(draft, enrolment, stage, step, Reason.NOT_TRANSLATED)
    elif had(draft, step.content, but=key):
        _skip(draft, enrolment, stage, step, Reason.ALREADY_HAD)
    elif has_expired(program, draft.now) or (content.ends_at is not None and content.ends_at <= draft.now):
        _skip(draft, enrolment, stage, step, Reason.TOO_LATE)
    elif enrolment.held_out:
        draft.say(Reason.HELD_OUT, enrolment.campaign, step=step.key)
        draft.place(enrolment, ready(step_at(stage, step.next)), anchor=draft.now)
    elif isinstance(chosen := choose(draft, enrolment, step), datetime):
        _gate(draft, enrolment, step.key, Keep(Gate.WINNER, chosen))
    else:
        _queue_when_open(draft, enrolment, stage, step, key, chosen, None)


def relance(draft: Draft, enrolment: Enrolment, stage: Stage, step: Relance, at: Ready) -> None:
    """Write again in the thread of what was sent, unless it was acted on."""
    key = key_of(draft, enrolment, step.key)
    known = draft.state.touches.get(key)
    mine = _of(draft, enrolment, step.content, but=key)
    sent = [touch for touch in mine if touch.state is SENT]
    if len(sent) > 1:
        sent.sort(key=_by_time)
    if known is not None and known.state is not TouchState.WITHHELD:
        _pass_touched(draft, enrolment, stage, step, known, at.skipping)
    elif not sent:
        _skip(draft, enrolment, stage, step, Reason.NOT_SENT_BEFORE)
    elif _has_begun(draft, step.content):
        _skip(draft, enrolment, stage, step, Reason.TOO_LATE)
    elif _acted_on(draft, step.content, sent[0].at):
        _skip(draft, enrolment, stage, step, Reason.ACTED_ON)
    elif sum(map(_is_relance, mine)) >= RELANCES:
        _skip(draft, enrolment, stage, step, Reason.TWO_RELANCES)
    else:
        _queue_when_open(draft, enrolment, stage, step, key, sent[-1].variant, sent[-1].key)


def _skip(draft: Draft, enrolment: Enrolment, stage: Stage, step: Mailing, reason: Reason) -> None:
    draft.say(reason, enrolment.campaign, step=step.key, content=step.content)
    draft.place(enrolment, ready(step_at(stage, step.next), skipping=True))


def _pass_touched(
    draft: Draft, enrolment: Enrolment, stage: Stage, step: Mailing, touch: Touch, skipping: bool
) -> None:
    """Go on after a step whose touch was made before; what follows is counted from then.

    A touch still in the outbox is not made again: delivery has yet to say whether it could be taken back.
    """
    draft.say(Reason.ALREADY_TOUCHED, enrolment.campaign, step=step.key)
    if touch.state is TouchState.QUEUED:
        draft.place(enrolment, Sending(step.key, touch.key))
        return
    draft.place(enrolment, ready(step_at(stage, step.next), skipping), anchor=max(touch.at, enrolment.anchor))


def invite(draft: Draft, enrolment: Enrolment, stage: Stage, step: Invite, at: Ready) -> None:
    """Send the invitation, unless the contact has it or is registered; the reminders are planned in either case."""
    program, content = draft.program(enrolment), draft.world.catalogue.get(step.content)
    key = key_of(draft, enrolment, step.key, INVITATION)
    known = draft.state.touches.get(key)
    if known is not None and known.state is not TouchState.WITHHELD:
        _pass_touched(draft, enrolment, stage, step, known, at.skipping)
    elif content is None or content.translation(program.language) is None:
        _skip(draft, enrolment, stage, step, Reason.NOT_TRANSLATED)
    elif content.starts_at is None or content.starts_at <= draft.now:
        _skip(draft, enrolment, stage, step, Reason.TOO_LATE)
    elif enrolment.held_out:
        draft.say(Reason.HELD_OUT, enrolment.campaign, step=step.key)
        draft.place(enrolment, ready(step_at(stage, step.next)), anchor=draft.now)
    elif had(draft, step.content, but=key):
        _skip(draft, plan(draft, enrolment, step), stage, step, Reason.ALREADY_HAD)
    else:
        _queue_when_open(draft, plan(draft, enrolment, step), stage, step, key, None, None, INVITATION)


def _has_begun(draft: Draft, content: str) -> bool:
    """Whether it is a webinar to which one can no longer be called."""
    webinar = draft.world.catalogue.get(content)
    return webinar is not None and webinar.starts_at is not None and webinar.starts_at <= draft.now


def _of(draft: Draft, enrolment: Enrolment, content: str, but: str) -> list[Touch]:
    """The other touches of the content in this rotation."""
    return [
        touch
        for touch in draft.state.touches.values()
        if touch.campaign == enrolment.campaign
        and touch.rotation == enrolment.rotation
        and touch.content == content
        and touch.key != but
    ]


def _by_time(touch: Touch) -> tuple[datetime, str]:
    return touch.at, touch.key


def _is_relance(touch: Touch) -> bool:
    return touch.thread is not None and touch.part == PART and touch.state in WRITTEN


def _acted_on(draft: Draft, content: str, since: datetime) -> bool:
    signals = draft.state.signals
    if not signals:
        return False
    if is_consumed(draft.state, content) or acted_since(draft.state, ACTED_ON, content, since):
        return True
    replies = (tally for (kind, _), tally in signals.items() if kind is SignalKind.REPLIED)
    return any(day.last_at >= since for tally in replies for day in tally.values())


def _queue_when_open(
    draft: Draft,
    enrolment: Enrolment,
    stage: Stage,
    step: Mailing,
    key: str,
    variant: str | None,
    thread: str | None,
    part: str = PART,
) -> None:
    program = draft.program(enrolment)
    if _overdue(draft, enrolment):
        match program.cadence.late_then:
            case WhenLate.SKIP:  # the waits that follow stand, or one late hour would pass every step at once
                draft.say(Reason.TOO_LATE, enrolment.campaign, step=step.key, content=step.content)
                draft.place(enrolment, ready(step_at(stage, step.next)), anchor=draft.now)
                return
            case WhenLate.SHIFT:
                day = day_of_its_own(draft, enrolment, draft.due[enrolment.campaign])
                _gate(draft, enrolment, step.key, Keep(Gate.LATE, day))
                return
            case WhenLate.SEND:
                pass
    verdict = slot(draft.world, program, draft.state, enrolment, draft.now, ignoring=key)
    late = is_late(draft, enrolment)
    keep = owed(draft, enrolment, verdict) if isinstance(verdict, Keep) else kept(draft, enrolment, key, late)
    if keep is not None:
        _gate(draft, enrolment, step.key, keep)
    else:
        queue(draft, enrolment, key, step.key, step.content, part=part, variant=variant, thread=thread)
        draft.place(enrolment, Sending(step.key, key, late))


def _overdue(draft: Draft, enrolment: Enrolment) -> bool:
    """Whether this send comes from a timer that fired later than the author allows."""
    due = draft.due.get(enrolment.campaign)
    if due is None or due == draft.now:
        return False
    cadence = draft.program(enrolment).cadence
    if cadence.late_max is None or draft.now - due <= least(cadence.late_max):
        return False
    return draft.now > add(hours_for(draft.world, cadence, draft.state), due, cadence.late_max)


def _gate(draft: Draft, enrolment: Enrolment, step: str, keep: Keep) -> None:
    until = text_of(keep.until) if keep.until else None
    draft.say(Reason.GATED, enrolment.campaign, step=step, gate=keep.gate.value, until=until)
    if keep.until is None:
        draft.place(enrolment, Blocked(step, keep.gate))
    else:
        draft.place(enrolment, Slotted(step, keep.until, keep.gate))
