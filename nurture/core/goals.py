"""What a campaign is for draws contacts on from anywhere before it.

A goal only leads ahead: whoever has come to it, or beyond, is left alone. What lies between is skipped, not achieved, so
that a stage passed over gives no status.
"""

from nurture.core.changing import changed
from nurture.core.draft import Draft, resume_at
from nurture.core.enrolments import first_step, go_on_at
from nurture.core.program import Goal, Program
from nurture.core.reasons import Reason
from nurture.core.state import Enrolment, Exhausted, Stopped
from nurture.core.words import End


def reach(draft: Draft) -> None:
    """Take every enrolment to the first goal of its campaign that holds and that lies ahead of it."""
    for enrolment in draft.live():
        program = draft.program(enrolment)
        if not program.goals:
            continue
        goal = next(
            (g for g in program.goals if _is_ahead(program, enrolment, g) and draft.holds(g.when, enrolment)), None
        )
        if goal is not None:
            _go(draft, program, enrolment, goal)


def _is_ahead(program: Program, enrolment: Enrolment, goal: Goal) -> bool:
    if goal.stage is None:
        return True
    if isinstance(enrolment.position, Stopped):
        return False
    here, there = program.stage_index[enrolment.stage], program.stage_index[goal.stage]
    if here != there or goal.step is None:
        return here < there
    if isinstance(enrolment.position, Exhausted):
        return False
    index = program.stage(goal.stage).index
    return index.get(resume_at(enrolment.position) or "", len(index)) < index[goal.step]


def _go(draft: Draft, program: Program, enrolment: Enrolment, goal: Goal) -> None:
    if goal.stage is None:
        draft.say(Reason.GOAL, program.name, goal=goal.why)
        draft.end_because(enrolment, goal.why, End.COMPLETED)
        return
    draft.say(Reason.GOAL, program.name, goal=goal.step or goal.stage, before=enrolment.stage)
    passed = [
        stage.name for stage in program.stages[program.stage_index[enrolment.stage] : program.stage_index[goal.stage]]
    ]
    moved = changed(enrolment, stage=goal.stage, skipped=(*enrolment.skipped, *passed))
    go_on_at(draft, enrolment, moved, goal.step or first_step(program.stage(goal.stage)))
