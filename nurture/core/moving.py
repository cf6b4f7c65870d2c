"""What takes enrolments elsewhere by rule: goals, the ends of stages, what waits listen for, and calls for sales.

Most events make none of these true. So they are put together, once for each place of a program, and asked as one question.
"""

from nurture.core import enrolments, goals, hand_off
from nurture.core.conditions import Condition, any_of
from nurture.core.draft import Draft
from nurture.core.program import Program, WaitFor
from nurture.core.state import Listening


def move_by_rule(draft: Draft) -> None:
    """Ask each kind of rule in its turn, where one of them holds."""
    if not _is_any_true(draft):
        return
    goals.reach(draft)
    enrolments.advance_by_rule(draft)
    enrolments.hear(draft)
    hand_off.offer_by_rule(draft)


def _is_any_true(draft: Draft) -> bool:
    for enrolment in draft.live():
        position = enrolment.position
        heard = position.step if isinstance(position, Listening) else None
        if draft.holds(moved_by(draft.program(enrolment), enrolment.stage, heard), enrolment):
            return True
    return False


def moved_by(program: Program, stage: str, heard: str | None) -> Condition:
    """Whether any rule of the program takes a contact elsewhere from a stage; `heard` is the wait that listens, if one does."""
    known = program.movers.get((stage, heard))
    return (
        known if known is not None else program.movers.setdefault((stage, heard), _put_together(program, stage, heard))
    )


def _put_together(program: Program, name: str, heard: str | None) -> Condition:
    stage = program.stage(name)
    rules = [*(goal.when for goal in program.goals), stage.advance]
    step = None if heard is None else stage.steps[stage.index[heard]]
    if isinstance(step, WaitFor):
        rules.append(step.condition)
    if program.prospect is not None:
        rules.append(program.prospect.when)
    return any_of(rules)
