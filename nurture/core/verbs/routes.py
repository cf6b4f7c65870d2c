"""Steps that choose where to go on, here, at another stage, with sales or nowhere."""

from nurture.core.acts import HandOver, Leave, Move
from nurture.core.changing import changed
from nurture.core.draft import Draft
from nurture.core.enrolments import begin_stage, step_at
from nurture.core.hand_off import offer_by_step
from nurture.core.program import Branch, Stage
from nurture.core.reasons import Reason
from nurture.core.state import Enrolment, Ready, Stopped
from nurture.core.words import Stop

MOVES = 10
"""How often in one decision a campaign may choose another stage; more is a campaign that goes round without a wait."""


def branch(draft: Draft, enrolment: Enrolment, stage: Stage, step: Branch, at: Ready) -> None:
    """Go one way or the other, by what holds now."""
    taken = draft.holds(step.condition, enrolment)
    draft.say(Reason.BRANCHED, enrolment.campaign, step=step.key, taken=taken)
    target = step.then if taken else step.otherwise
    draft.place(enrolment, Ready(step_at(stage, target), at.skipping))


def move(draft: Draft, enrolment: Enrolment, _stage: Stage, step: Move, _at: Ready) -> None:
    """Go on at the beginning of a stage."""
    moves = draft.moves[enrolment.campaign] = draft.moves.get(enrolment.campaign, 0) + 1
    if moves > MOVES:
        draft.say(Reason.GOES_ROUND, enrolment.campaign, step=step.key)
        draft.place(enrolment, Stopped(Stop.LOOPED, step.key))
        return
    draft.say(Reason.MOVED, enrolment.campaign, step=step.key, before=enrolment.stage, after=step.stage)
    begin_stage(draft, changed(enrolment, stage=step.stage))


def leave(draft: Draft, enrolment: Enrolment, _stage: Stage, step: Leave, _at: Ready) -> None:
    """End the enrolment, for the author's reason."""
    draft.end_because(enrolment, step.why)


def hand_over(draft: Draft, enrolment: Enrolment, stage: Stage, step: HandOver, at: Ready) -> None:
    """Give the contact to sales, whose answer wakes the enrolment; go on where that cannot be."""
    if not offer_by_step(draft, enrolment, step):
        draft.place(enrolment, Ready(step_at(stage, step.next), at.skipping))
