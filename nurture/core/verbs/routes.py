"""Steps that choose where to go on."""

from nurture.core.draft import Draft
from nurture.core.enrolments import step_at
from nurture.core.program import Branch, Stage
from nurture.core.reasons import Reason
from nurture.core.state import Enrolment, Ready


def branch(draft: Draft, enrolment: Enrolment, stage: Stage, step: Branch, at: Ready) -> None:
    """Go one way or the other, by what holds now."""
    taken = draft.holds(step.condition, enrolment)
    draft.say(Reason.BRANCHED, enrolment.campaign, step=step.key, taken=taken)
    target = step.then if taken else step.otherwise
    draft.place(enrolment, Ready(step_at(stage, target), at.skipping))
