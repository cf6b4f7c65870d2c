"""Running the steps of a stage until one has to wait."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from nurture.core.acts import Assign, HandOver, Leave, Move, Notify, Tag, Task
from nurture.core.draft import Draft
from nurture.core.enrolments import leave_stage
from nurture.core.invite import Invite
from nurture.core.moments import WaitMoment
from nurture.core.program import Branch, Relance, Send, Stage, Step, Wait, WaitFor, WaitUntil, WhenExhausted
from nurture.core.reasons import Reason
from nurture.core.state import Enrolment, Exhausted, Ready
from nurture.core.verbs import colleagues, mail, notes, routes, waits
from nurture.core.words import End

Verb: TypeAlias = Callable[[Draft, Enrolment, Stage, Any, Ready], None]
"""Runs a step of its kind: afterwards the enrolment is ready for another step, or waits for something."""

VERBS: Mapping[type[Step], Verb] = {
    Send: mail.send,
    Relance: mail.relance,
    Invite: mail.invite,
    Wait: waits.wait,
    WaitUntil: waits.wait_until,
    WaitMoment: waits.wait_moment,
    WaitFor: waits.wait_for,
    Branch: routes.branch,
    Move: routes.move,
    Leave: routes.leave,
    HandOver: routes.hand_over,
    Notify: colleagues.notify,
    Task: colleagues.task,
    Tag: notes.tag,
    Assign: notes.assign,
}


def run(draft: Draft) -> None:
    """Run every enrolment that is ready, most important first, each until it waits for something."""
    for enrolment in draft.live():
        current = enrolment
        while type(at := current.position) is Ready:
            stage = draft.program(current).by_name[current.stage]
            step = stage.by_key.get(at.step)
            if step is None:
                _exhaust(draft, current, stage)
            else:
                VERBS[type(step)](draft, current, stage, step, at)
            current = draft.state.enrolments[enrolment.campaign]


def _exhaust(draft: Draft, enrolment: Enrolment, stage: Stage) -> None:
    draft.say(Reason.EXHAUSTED, enrolment.campaign, stage=stage.name, then=stage.exhausted.value)
    match stage.exhausted:
        case WhenExhausted.WAIT:
            draft.place(enrolment, Exhausted())
        case WhenExhausted.ADVANCE:
            leave_stage(draft, enrolment)
        case WhenExhausted.LEAVE:
            draft.end(enrolment, End.COMPLETED, Reason.COMPLETED)
