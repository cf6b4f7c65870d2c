"""Which wording of a mail a contact gets: by a fixed draw, or the one that did best with others."""

from datetime import datetime

from nurture.core.calendar import add, hours_for
from nurture.core.draft import Draft
from nurture.core.ids import pick_variant, share
from nurture.core.program import Send
from nurture.core.reasons import Reason
from nurture.core.state import Enrolment


def choose(draft: Draft, enrolment: Enrolment, step: Send) -> str | datetime | None:
    """The name of the variant (None: the step has none), or until when to wait at most for a winner.

    The wait is twice as long as the sample's, from when the step came due; then the draw decides for everybody.
    """
    drawn = pick_variant(draft.world.salt, step.variants, enrolment.campaign, step.key, draft.state.key)
    if drawn is None or step.winner is None:
        return drawn.name if drawn else None
    best = draft.world.winners.get((enrolment.campaign, step.key))
    reason, variant = Reason.NO_WINNER, drawn.name
    if share(draft.world.salt, "sample", enrolment.campaign, step.key, draft.state.key) < step.winner.sample:
        reason = Reason.IN_SAMPLE
    elif best is not None and any(one.name == best for one in step.variants):
        reason, variant = Reason.WINNER, best
    else:
        hours = hours_for(draft.world, draft.program(enrolment).cadence, draft.state)
        until = add(hours, add(hours, enrolment.anchor, step.winner.after), step.winner.after)
        if until > draft.now:
            return until
    draft.say(reason, enrolment.campaign, step=step.key, variant=variant)
    return variant
