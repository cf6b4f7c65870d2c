"""Steps that note something of the contact: its tags and its fields."""

from nurture.core.acts import Assign, Tag
from nurture.core.draft import Draft
from nurture.core.enrolments import step_at
from nurture.core.program import Stage
from nurture.core.reasons import Reason
from nurture.core.state import Enrolment, Ready


def tag(draft: Draft, enrolment: Enrolment, stage: Stage, step: Tag, at: Ready) -> None:
    """Give a tag or take it away, which the rules of every campaign hear of at once."""
    said = Reason.TAGGED if step.given else Reason.UNTAGGED
    draft.say(said, enrolment.campaign, step=step.key, tag=step.tag)
    if (step.tag in draft.state.tags) is not step.given:
        draft.write_down({}, (step.tag,) if step.given else (), () if step.given else (step.tag,))
    draft.place(enrolment, Ready(step_at(stage, step.next), at.skipping))


def assign(draft: Draft, enrolment: Enrolment, stage: Stage, step: Assign, at: Ready) -> None:
    """Write down fields."""
    for field, value in step.values:
        draft.say(Reason.FIELD_SET, enrolment.campaign, step=step.key, field=field, value=value)
    draft.write_down(dict(step.values), (), ())
    draft.place(enrolment, Ready(step_at(stage, step.next), at.skipping))
