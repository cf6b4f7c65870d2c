"""What takes enrolments elsewhere by rule: their ends, goals, the ends of stages, what waits listen for, and calls for sales.

Most events make none of these true. So they are put together, once for each place of a program, and asked as one question.
"""

from nurture.core import enrolments, goals, hand_off
from nurture.core.conditions import Condition, any_of
from nurture.core.draft import Draft
from nurture.core.program import Program, WaitFor
from nurture.core.resting import at_rest
from nurture.core.state import Listening


def leave_by_rule(draft: Draft) -> None:
    """End what a rule ends."""
    draft.calm = _is_none_true(draft)
    if not draft.calm:
        enrolments.leave_by_rule(draft)


def move_by_rule(draft: Draft) -> None:
    """Ask each kind of rule in its turn, where one of them holds."""
    if draft.calm or _is_none_true(draft):
        return
    goals.reach(draft)
    enrolments.advance_by_rule(draft)
    enrolments.hear(draft)
    hand_off.offer_by_rule(draft)


def _is_none_true(draft: Draft) -> bool:
    state = draft.state
    rests = not state.signals and not state.engagement
    for enrolment in draft.live():
        position = enrolment.position
        heard = position.step if type(position) is Listening else None
        asked = moved_by(draft.program(enrolment), enrolment.stage, heard)
        if draft.holds(at_rest(asked) if rests else asked, enrolment):
            return False
    return True


def moved_by(program: Program, stage: str, heard: str | None) -> Condition:
    """Whether any rule of the program takes a contact elsewhere, or out, from a stage; `heard` is the wait that listens, if one does."""
    known = program.movers.get((stage, heard))
    return (
        known if known is not None else program.movers.setdefault((stage, heard), _put_together(program, stage, heard))
    )


def _put_together(program: Program, name: str, heard: str | None) -> Condition:
    stage = program.stage(name)
    rules = [program.audience.leave_if, *(exit_.when for exit_ in program.audience.exits)]
    rules += [*(goal.when for goal in program.goals), stage.advance]
    step = None if heard is None else stage.steps[stage.index[heard]]
    if isinstance(step, WaitFor):
        rules.append(step.condition)
    if program.prospect is not None:
        rules.append(program.prospect.when)
    return any_of(rules)
