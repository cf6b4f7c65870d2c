"""Entering a campaign, leaving it, and moving through its stages."""

from datetime import datetime, timedelta

from nurture.core.acts import END
from nurture.core.calendar import add, hours_for
from nurture.core.changing import changed
from nurture.core.draft import Draft
from nurture.core.facts import Facts, holds
from nurture.core.ids import share
from nurture.core.lineage import adds_mail
from nurture.core.newsletters import has_expired
from nurture.core.program import Program, Stage, WaitFor, WaitUntil
from nurture.core.reasons import Reason
from nurture.core.state import (
    ContactState,
    Ended,
    Enrolment,
    Exhausted,
    Listening,
    Position,
    Ready,
    Sending,
    SignalKey,
    Slotted,
    Stopped,
    Waiting,
)
from nurture.core.words import MAY_BE_WRITTEN_TO, End, Gate, Status, Stop

AN_INSTANT = timedelta(microseconds=1)


def first_step(stage: Stage) -> str | None:
    """Where a stage begins."""
    return step_at(stage, 0 if stage.steps else END)


def step_at(stage: Stage, index: int) -> str | None:
    """The key of a jump's target."""
    return None if index == END else stage.steps[index].key


def enter_by_rule(draft: Draft) -> None:
    """Enrol the contact wherever the event is the edge that the audience waits for."""
    if draft.is_look:
        _enter_at(draft, draft.before, draft.signal, draft.event.at - AN_INSTANT)
    elif _is_edge(draft, draft.before, draft.signal):
        _enter_at(draft, draft.before, draft.signal, draft.now)


def enter_by_own_words(draft: Draft, before: ContactState) -> None:
    """The same, where the edge is what steps have written down since the contact was as `before`."""
    if _is_edge(draft, before, None):
        _enter_at(draft, before, None, draft.now)


def _is_edge(draft: Draft, past: ContactState, signal: SignalKey | None) -> bool:
    """Whether the signal is one by which contacts enter, or somebody has touched what else they enter by."""
    world = draft.world
    if signal is not None and signal[0] in world.entered_by_signals:
        return True
    then, now = past.__dict__, draft.state.__dict__
    for part in world.entered_by:  # noqa: SIM110 - this is asked at every event
        if then[part] is not now[part]:
            return True
    return False


def _enter_at(draft: Draft, past: ContactState, signal: SignalKey | None, until: datetime) -> None:
    """Where it holds now, and did not hold of what was known until then."""
    after = Facts(draft.state, draft.world.scoring, draft.now, edge=True, signal=signal, home=draft.world.home)
    before = Facts(past, draft.world.scoring, until, edge=True, home=draft.world.home)
    for program in draft.world.current_programs():
        enter = program.audience.enter
        if holds(enter, after) and not holds(enter, before):
            _enter_if_admitted(draft, program)
            after.state = draft.state


def enter_current(draft: Draft) -> None:
    """Enrol a contact who matched before the campaign was applied, where the author includes those."""
    for program in draft.world.current_programs():
        known = program.name in draft.state.enrolments
        if program.audience.include_current and not known and draft.holds(program.audience.enter):
            _enter_if_admitted(draft, program)


def receive(draft: Draft, newsletter: str) -> None:
    """Enrol the contact in a newsletter whose instant has come, if it is still in its segment: once for ever."""
    program = draft.world.programs.get((newsletter, draft.world.current.get(newsletter, "")))
    if program is None or program.issue is None:
        draft.say(Reason.NOT_ENTERED, newsletter, because="unknown_campaign")
    elif has_expired(program, draft.now):
        draft.say(Reason.NOT_ENTERED, newsletter, because="gone_by")
    elif draft.state.basis not in MAY_BE_WRITTEN_TO:
        draft.say(Reason.NOT_ENTERED, newsletter, because="consent")
    else:
        _enter_if_admitted(draft, program)


def _enter_if_admitted(draft: Draft, program: Program) -> None:
    enrolment = draft.state.enrolments.get(program.name)
    if enrolment is not None and not isinstance(enrolment.position, Ended):
        return
    beginning = _beginning(draft, program)
    refusal = _refusal(draft, program, enrolment, beginning)
    if refusal is None:
        _enter_as(draft, program, beginning)
    else:
        draft.say(Reason.NOT_ENTERED, program.name, because=refusal)


def _refusal(draft: Draft, program: Program, enrolment: Enrolment | None, beginning: Enrolment) -> str | None:
    if draft.state.suppressed:
        return "suppressed"
    if draft.state.status is Status.PROSPECT:
        return "with_sales"
    if draft.state.enrolments and _has_replied(draft):
        return "replied"
    if enrolment is not None and isinstance(enrolment.position, Ended):
        again = program.audience.again
        if again is None or enrolment.position.why is End.REMOVED:
            return "had_before"
        hours = hours_for(draft.world, program.cadence, draft.state)
        if draft.now < add(hours, enrolment.position.at, again):
            return "too_soon"
    audience = program.audience
    if draft.holds(audience.leave_if, beginning):
        return "leave_if"
    for exit_ in audience.exits:
        if draft.holds(exit_.when, beginning):
            return "leave_if"
    return None if draft.holds(audience.only_if) else "only_if"


def _has_replied(draft: Draft) -> bool:
    return any(isinstance(e.position, Stopped) and e.position.why is Stop.REPLIED for e in draft.live())


def enter(draft: Draft, program: Program) -> None:
    """Begin a rotation at the first stage whose `advance` does not hold yet."""
    _enter_as(draft, program, _beginning(draft, program))


def _enter_as(draft: Draft, program: Program, enrolment: Enrolment) -> None:
    draft.say(Reason.ENTERED, program.name, version=program.version, rotation=enrolment.rotation)
    if enrolment.held_out:
        draft.say(Reason.HELD_OUT, program.name)
    while (further := _next_stage(program, enrolment.stage)) and draft.holds(
        program.stage(enrolment.stage).advance, enrolment
    ):
        enrolment = _pass_stage(draft, program, enrolment, further)
    begin_stage(draft, enrolment)


def _beginning(draft: Draft, program: Program) -> Enrolment:
    """A rotation at its very beginning, which is the event that enters: so that its signal counts in this rotation."""
    known = draft.state.enrolments.get(program.name)
    return Enrolment(
        campaign=program.name,
        version=program.version,
        stage=program.stages[0].name,
        position=Ready(None),
        entered_at=known.entered_at if known else draft.now,
        began_at=min(draft.event.at, draft.now),
        anchor=draft.now,
        rotation=known.rotation + 1 if known else 0,
        held_out=_is_held_out(draft, program),
    )


def _is_held_out(draft: Draft, program: Program) -> bool:
    """By a draw that is the same in every rotation."""
    if not program.hold_out:
        return False
    return share(draft.world.salt, "hold_out", program.name, draft.state.key) < program.hold_out


def _pass_stage(draft: Draft, program: Program, enrolment: Enrolment, further: Stage) -> Enrolment:
    """Go to a further stage without a mail of the present one; the status that it gives is given."""
    passed = program.stage(enrolment.stage)
    draft.say(Reason.STAGE_SKIPPED, program.name, stage=passed.name)
    if passed.status is not None:
        draft.raise_status(passed.status)
    return changed(enrolment, stage=further.name, skipped=(*enrolment.skipped, passed.name))


def begin_stage(draft: Draft, enrolment: Enrolment) -> None:
    """Put the enrolment before the first step of its stage."""
    _begin_at(draft, enrolment, first_step(draft.program(enrolment).stage(enrolment.stage)))


def _begin_at(draft: Draft, enrolment: Enrolment, step: str | None, withdrawing: str | None = None) -> None:
    """Put the enrolment before a step of its stage, once `withdrawing` (a touch) has been taken back."""
    stage = draft.program(enrolment).stage(enrolment.stage)
    if stage.status is not None:
        draft.raise_status(stage.status)
    position: Position = Sending(step, withdrawing) if withdrawing else Ready(step)
    draft.place(enrolment, position, anchor=draft.now)


def _next_stage(program: Program, stage: str) -> Stage | None:
    index = program.stage_index[stage] + 1
    return program.stages[index] if index < len(program.stages) else None


def leave_by_rule(draft: Draft) -> None:
    """End the enrolments whose `leave_if` holds, for the first of its reasons."""
    for enrolment in draft.live():
        audience = draft.program(enrolment).audience
        if draft.holds(audience.leave_if, enrolment):
            draft.end(enrolment, End.LEFT, Reason.LEFT)
            continue
        for exit_ in audience.exits:
            if draft.holds(exit_.when, enrolment):
                draft.end_because(enrolment, exit_.why)
                break


def advance_by_rule(draft: Draft) -> None:
    """Move on every enrolment whose stage's `advance` holds, as far as it goes."""
    for enrolment in draft.live():
        if not isinstance(enrolment.position, Stopped):
            _advance(draft, enrolment)


def _advance(draft: Draft, enrolment: Enrolment) -> None:
    program, moved = draft.program(enrolment), enrolment
    while (further := _next_stage(program, moved.stage)) and draft.holds(program.stage(moved.stage).advance, moved):
        if moved is enrolment:
            moved = changed(moved, stage=further.name)
        else:
            moved = _pass_stage(draft, program, moved, further)
    if moved is enrolment:
        return
    draft.say(Reason.ADVANCED, program.name, before=enrolment.stage, after=moved.stage)
    go_on_at(draft, enrolment, moved, first_step(program.stage(moved.stage)))


def go_on_at(draft: Draft, enrolment: Enrolment, moved: Enrolment, step: str | None) -> None:
    """Leave what the enrolment does, and go on at a step of the stage that `moved` is in, now."""
    draft.withdraw(enrolment)
    queued = enrolment.position.touch if isinstance(enrolment.position, Sending) else None
    _begin_at(draft, moved, step, withdrawing=queued)


def leave_stage(draft: Draft, enrolment: Enrolment) -> None:
    """Go from an exhausted stage to the next, or end after the last."""
    further = _next_stage(draft.program(enrolment), enrolment.stage)
    if further is None:
        draft.end(enrolment, End.COMPLETED, Reason.COMPLETED)
        return
    draft.say(Reason.ADVANCED, enrolment.campaign, before=enrolment.stage, after=further.name)
    begin_stage(draft, changed(enrolment, stage=further.name))


def hear(draft: Draft) -> None:
    """Go on wherever the condition of a wait has come true."""
    for enrolment in draft.live():
        if not isinstance(enrolment.position, Listening):
            continue
        stage = draft.program(enrolment).stage(enrolment.stage)
        step = stage.steps[stage.index[enrolment.position.step]]
        if isinstance(step, WaitFor) and draft.holds(step.condition, enrolment):
            draft.say(Reason.SATISFIED, enrolment.campaign, step=step.key)
            draft.place(enrolment, Ready(step_at(stage, step.next)), anchor=draft.now)


def wake_exhausted(draft: Draft) -> None:
    """Run a stage again on the newest version, where that has further mails: what was had is skipped, what was added is sent."""
    for enrolment in draft.live():
        program = draft.world.programs.get((enrolment.campaign, draft.world.current.get(enrolment.campaign, "")))
        if not isinstance(enrolment.position, Exhausted) or program is None:
            continue
        if program.version == enrolment.version or enrolment.stage not in program.stage_index:
            continue
        if not adds_mail(draft.program(enrolment).stage(enrolment.stage), program.stage(enrolment.stage)):
            continue
        draft.say(Reason.WOKEN, program.name, version=program.version)
        look_through_again(draft, changed(enrolment, version=program.version), program.stage(enrolment.stage))


def look_through_again(draft: Draft, enrolment: Enrolment, stage: Stage) -> None:
    """Run a stage once more from its beginning, without the waits behind what was had."""
    draft.put(changed(enrolment, position=Ready(first_step(stage), skipping=True)))


def look_at_winners(draft: Draft) -> None:
    """Go on wherever a mail waits to know which of its variants does best."""
    for enrolment in draft.live():
        if isinstance(enrolment.position, Slotted) and enrolment.position.gate is Gate.WINNER:
            draft.place(enrolment, Ready(enrolment.position.step))


def look_at_webinars(draft: Draft) -> None:
    """Compute anew every wait for a webinar, which may have been moved or cancelled."""
    for enrolment in draft.live():
        if isinstance(enrolment.position, Waiting):
            stage = draft.program(enrolment).stage(enrolment.stage)
            step = stage.steps[stage.index[enrolment.position.step]]
            if isinstance(step, WaitUntil):
                draft.place(enrolment, Ready(step.key))
