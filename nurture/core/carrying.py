"""Taking an enrolment over to another version of its campaign, as a plan has decided.

What the contact has done stays done, and its clock runs on: a wait that became shorter is counted again from where it
began, and is over if it would be; one that became longer goes on; a condition that changed is asked again. Whose step is
gone goes on behind it, whose stage is gone in the next. What is on its way by mail arrives.
"""

from typing import assert_never

from nurture.core.added import catch_up
from nurture.core.catching_up import OWED
from nurture.core.changing import changed
from nurture.core.draft import Draft, resume_at
from nurture.core.enrolments import first_step, go_on_at, look_through_again
from nurture.core.events import CarriedOver
from nurture.core.lineage import adds_mail, following, meaning, place_of, resumed
from nurture.core.program import Program, Stage
from nurture.core.reasons import Reason
from nurture.core.reminders import plan_again
from nurture.core.state import (
    Blocked,
    Ended,
    Enrolment,
    Exhausted,
    Listening,
    Position,
    Ready,
    Sending,
    Slotted,
    Stopped,
    Waiting,
)
from nurture.core.words import End, Gate

STAND = OWED | {Gate.FAULT}
"""Slots that say something of the contact or of a mail, which no other version unsays."""


def carry_over(draft: Draft, event: CarriedOver) -> None:
    """Go on by the other version, unless the enrolment is over, is there already, or is to be kept where it stands.

    A version that contacts no longer enter was taken back before this contact heard of it.
    """
    enrolment = draft.state.enrolments.get(event.campaign)
    over = enrolment is None or isinstance(enrolment.position, Ended) or enrolment.version == event.version
    if enrolment is None or over or draft.world.current.get(event.campaign) != event.version:
        draft.say(Reason.STALE, event.campaign)
        return
    new = draft.world.program(event.campaign, event.version)
    here = place_of(enrolment.stage, resume_at(enrolment.position))
    if here in event.keep_at:
        draft.say(Reason.KEPT_BACK, event.campaign, version=enrolment.version, step=here)
        return
    draft.say(Reason.CARRIED_OVER, event.campaign, before=enrolment.version, version=new.version)
    _carry(draft, draft.program(enrolment), new, enrolment)
    plan_again(draft)
    catch_up(draft, event.campaign, event.catch_up)


def _carry(draft: Draft, old: Program, new: Program, enrolment: Enrolment) -> None:
    stage = following(old, new, enrolment.stage)
    if stage is None:
        draft.end(enrolment, End.COMPLETED, Reason.COMPLETED)
        return
    left = {step.key for each in new.stages for step in each.steps}
    reminders = tuple(reminder for reminder in enrolment.reminders if reminder.step in left)
    moved = changed(enrolment, version=new.version, stage=stage.name, reminders=reminders)
    if stage.name == enrolment.stage:
        _within(draft, old, new, enrolment, moved)
        return
    draft.say(Reason.ADVANCED, new.name, before=enrolment.stage, after=stage.name)
    if isinstance(enrolment.position, Stopped):  # it is for whoever stopped it to let it go on
        draft.put(changed(moved, position=Stopped(enrolment.position.why, first_step(stage))))
    else:
        go_on_at(draft, enrolment, moved, first_step(stage))


def _within(draft: Draft, old: Program, new: Program, enrolment: Enrolment, moved: Enrolment) -> None:
    before, after = old.stage(enrolment.stage), new.stage(enrolment.stage)
    position = enrolment.position
    step = resumed(before, after, resume_at(position))
    match position:
        case Exhausted():
            if adds_mail(before, after):
                look_through_again(draft, moved, after)
            else:
                draft.put(moved)
        case Stopped(why=why):
            draft.put(changed(moved, position=Stopped(why, step)))
        case Sending(touch=touch, step=at, late=late):
            _while_sending(draft, enrolment, moved, Sending(step, touch, late), gone=step != at)
        case Waiting() | Listening() | Slotted() | Blocked():
            draft.put(changed(moved, position=_standing(old, new, before, after, position, step)))
        case Ready() | Ended():
            raise AssertionError("no decision begins there, or it was told before")
        case _:
            assert_never(position)


def _while_sending(draft: Draft, enrolment: Enrolment, moved: Enrolment, position: Sending, *, gone: bool) -> None:
    """A mail whose step is still there arrives; one whose step is gone is taken back."""
    assert isinstance(enrolment.position, Sending)
    if gone and enrolment.position.step == draft.state.touches[position.touch].step:
        draft.withdraw(enrolment)
    draft.put(changed(moved, position=position))


def _standing(
    old: Program,
    new: Program,
    before: Stage,
    after: Stage,
    position: Waiting | Listening | Slotted | Blocked,
    step: str | None,
) -> Position:
    """The position where nothing that it depends on has changed; else ready for the step, which looks again."""
    if step is None:
        return Ready(None)
    was, now = before.steps[before.index[position.step]], after.steps[after.index[step]]
    stands = isinstance(position, Slotted) and position.gate in STAND
    if meaning(was) == meaning(now) and (stands or old.cadence == new.cadence):
        return changed(position, step=step)
    return changed(position, step=step) if stands and step == position.step else Ready(step)
