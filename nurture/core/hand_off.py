"""A prospect is given to sales, and what sales answers."""

from nurture.core.acts import HandOver
from nurture.core.calendar import add, hours_for
from nurture.core.changing import changed
from nurture.core.draft import Draft, resume_at
from nurture.core.effects import CloseHandOff, OfferHandOff, SendNotice
from nurture.core.enrolments import begin_stage, step_at
from nurture.core.events import HandOffAnswered
from nurture.core.facts import signals_since
from nurture.core.ids import derive, pick_owner
from nurture.core.program import Program, ProspectRule
from nurture.core.qualify import reasons_to_call, score_of
from nurture.core.reasons import Reason
from nurture.core.state import Ended, Enrolment, HandOff, Ready, Stopped
from nurture.core.words import End, HandOffState, Rejection, Status, Stop

BEYOND = frozenset({Status.PROSPECT, Status.CUSTOMER, Status.DISQUALIFIED})
"""Who is not offered to sales: already given, already won, or not wanted."""

AFTERWARDS: dict[Rejection, tuple[Status, End | None]] = {
    Rejection.NOT_READY: (Status.RECYCLED, None),
    Rejection.UNREACHABLE: (Status.RECYCLED, None),
    Rejection.EXPIRED: (Status.RECYCLED, None),
    Rejection.NOT_A_FIT: (Status.DISQUALIFIED, End.DISQUALIFIED),
    Rejection.ALREADY_CUSTOMER: (Status.CUSTOMER, End.CUSTOMER),
}
"""What a rejection makes of the contact, and how its enrolments end (None: they go on, recycled)."""


def offer_by_rule(draft: Draft) -> None:
    """Hand the contact to sales when the first of its campaigns says that it is a prospect."""
    if draft.state.status in BEYOND or draft.state.suppressed:
        return
    for enrolment in draft.live():
        rule = draft.program(enrolment).prospect
        if rule is not None and draft.holds(rule.when, enrolment) and _again(draft, enrolment, rule):
            _offer(draft, enrolment, rule)
            return


def offer_by_step(draft: Draft, enrolment: Enrolment, step: HandOver) -> bool:
    """Hand the contact to sales because a step says so; whether that was done."""
    if draft.state.status in BEYOND:
        draft.say(Reason.WITH_SALES, enrolment.campaign, step=step.key, status=draft.state.status.value)
        return False
    return _again(draft, enrolment, step) and _offer(draft, enrolment, step)


def _again(draft: Draft, enrolment: Enrolment, rule: ProspectRule | HandOver) -> bool:
    """After a rejection: a newer signal, and the cool-down over."""
    last = draft.state.hand_off
    if last is None or last.answered_at is None:
        return True
    hours = hours_for(draft.world, draft.program(enrolment).cadence, draft.state)
    ready = draft.now >= add(hours, last.answered_at, rule.cool_down) and signals_since(draft.state, last.answered_at)
    if not ready:
        draft.say(Reason.NOT_AGAIN_YET, enrolment.campaign)
    return ready


def _offer(draft: Draft, enrolment: Enrolment, rule: ProspectRule | HandOver) -> bool:
    team = draft.world.teams.get(rule.team)
    if team is None:
        draft.say(Reason.NO_TEAM, enrolment.campaign, team=rule.team)
        return False
    owner = pick_owner(draft.world.salt, team.members, draft.state.key)
    number = str(draft.before.seq)
    key = derive(draft.world.salt, "hand_off", draft.state.key, enrolment.campaign, str(enrolment.rotation), number)
    due_at = add(hours_for(draft.world, team.cadence), draft.now, rule.within)
    hand_off = HandOff(key, enrolment.campaign, team.name, owner.address, draft.now, due_at, HandOffState.OFFERED)
    reasons = reasons_to_call(draft, enrolment.campaign)
    draft.set(hand_off=hand_off)
    draft.set_status(Status.PROSPECT)
    given = {"team": team.name, "owner": owner.address, "hand_off": key}
    draft.say(Reason.PROSPECT, enrolment.campaign, **score_of(draft.state), **given)
    draft.effects.append(OfferHandOff(hand_off, reasons))
    notice = derive(draft.world.salt, "notice", key)
    draft.effects.append(SendNotice(notice, "hand_off", key, team.language, owner.address))
    stop_all(draft, Stop.HANDED_OFF)
    return True


def stop_all(draft: Draft, why: Stop) -> None:
    """Stop every enrolment where it is, and take back what is in the outbox.

    A reply stops nothing that already waits for the answer of sales, whose answer will wake it.
    """
    for enrolment in draft.live():
        if isinstance(enrolment.position, Stopped) and why is Stop.REPLIED:
            continue
        draft.withdraw(enrolment)
        draft.say(Reason.STOPPED, enrolment.campaign, stop=why.value)
        draft.place(enrolment, Stopped(why, resume_at(enrolment.position)))


def resume_all(draft: Draft, *reasons: Stop) -> None:
    """Wake what stopped for one of the reasons."""
    for enrolment in draft.live():
        if isinstance(enrolment.position, Stopped) and enrolment.position.why in reasons:
            draft.say(Reason.WOKEN, enrolment.campaign)
            draft.place(enrolment, Ready(enrolment.position.step))


def answer(draft: Draft, event: HandOffAnswered) -> None:
    """Sales accepted or rejected; an acceptance counts even after the time was over."""
    hand_off = draft.state.hand_off
    if hand_off is None or hand_off.key != event.hand_off:
        draft.say(Reason.STALE)
    elif event.rejection is None and hand_off.state in {HandOffState.OFFERED, HandOffState.EXPIRED}:
        _accept(draft, hand_off)
    elif event.rejection is not None and hand_off.state is HandOffState.OFFERED:
        _reject(draft, hand_off, HandOffState.REJECTED, event.rejection)
    else:
        draft.say(Reason.STALE, state=hand_off.state.value)


def expire(draft: Draft) -> None:
    """Nobody answered in time: the contact goes back to nurturing."""
    hand_off = draft.state.hand_off
    if hand_off is not None and hand_off.state is HandOffState.OFFERED and hand_off.due_at <= draft.now:
        _reject(draft, hand_off, HandOffState.EXPIRED, Rejection.EXPIRED)
    else:
        draft.say(Reason.STALE)


def _close(draft: Draft, hand_off: HandOff, state: HandOffState, rejection: Rejection | None) -> None:
    closed = changed(hand_off, state=state, answered_at=draft.now, rejection=rejection)
    draft.set(hand_off=closed)
    draft.effects.append(CloseHandOff(closed))


def _accept(draft: Draft, hand_off: HandOff) -> None:
    _close(draft, hand_off, HandOffState.ACCEPTED, None)
    draft.say(Reason.HAND_OFF_ACCEPTED, hand_off.campaign)
    if draft.state.status is not Status.CUSTOMER:
        draft.set_status(Status.PROSPECT)
    for enrolment in draft.live():
        draft.end(enrolment, End.ACCEPTED, Reason.COMPLETED)


def _reject(draft: Draft, hand_off: HandOff, state: HandOffState, rejection: Rejection) -> None:
    _close(draft, hand_off, state, rejection)
    said = Reason.HAND_OFF_EXPIRED if rejection is Rejection.EXPIRED else Reason.HAND_OFF_REJECTED
    draft.say(said, hand_off.campaign, rejection=rejection.value)
    status, end = AFTERWARDS[rejection]
    if status is not Status.RECYCLED or draft.state.status is Status.PROSPECT:  # a customer won meanwhile stays one
        draft.set_status(status)
    if end is not None:
        for enrolment in draft.live():
            draft.end(enrolment, end, Reason.LEFT)
        return
    _recycle(draft, hand_off.campaign)
    resume_all(draft, Stop.HANDED_OFF)


def _recycle(draft: Draft, campaign: str) -> None:
    enrolment = draft.state.enrolments.get(campaign)
    if enrolment is None or isinstance(enrolment.position, Ended):
        return
    program = draft.program(enrolment)
    step = _handed_over_at(program, enrolment)
    if step is not None and step.recycle_to is None:
        draft.say(Reason.WOKEN, campaign)
        draft.place(enrolment, Ready(step_at(program.stage(enrolment.stage), step.next)), anchor=draft.now)
        return
    rule = step or program.prospect
    stage = (rule.recycle_to if rule else None) or enrolment.stage
    again = changed(enrolment, rotation=enrolment.rotation + 1, stage=stage, began_at=draft.now, skipped=())
    draft.say(Reason.RECYCLED, campaign, stage=stage, rotation=again.rotation)
    begin_stage(draft, again)


def _handed_over_at(program: Program, enrolment: Enrolment) -> HandOver | None:
    """The step that handed the contact over, when it was one and not the rule: it is where the enrolment stopped."""
    if not isinstance(enrolment.position, Stopped):
        return None
    stage = program.stage(enrolment.stage)
    at = stage.index.get(enrolment.position.step or "")
    step = None if at is None else stage.steps[at]
    return step if isinstance(step, HandOver) else None
