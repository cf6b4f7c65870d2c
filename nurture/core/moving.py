"""What takes enrolments elsewhere by rule: their ends, goals, the ends of stages, what waits listen for, and calls for sales.

Most events make none of these true. So they are put together, once for each place of a program, and asked as one question.
"""

from typing import TypeAlias

from nurture.core import enrolments, goals, hand_off
from nurture.core.conditions import Condition, any_of
from nurture.core.draft import Draft
from nurture.core.facts import test_of
from nurture.core.program import Program, WaitFor
from nurture.core.resting import at_rest
from nurture.core.state import Listening
from nurture.core.values import Test


def move_by_rule(draft: Draft) -> None:
    """Ask each kind of rule in its turn, where one of them holds."""
    if is_calm(draft):
        return
    goals.reach(draft)
    enrolments.advance_by_rule(draft)
    enrolments.hear(draft)
    hand_off.offer_by_rule(draft)


def is_calm(draft: Draft) -> bool:
    """Whether no rule takes the contact elsewhere, or out, from where it is."""
    programs = draft.world.programs
    state, facts = draft.state, draft.present
    rests = not state.signals and not state.engagement
    for enrolment in draft.live():
        position = enrolment.position
        heard = position.step if type(position) is Listening else None
        program = programs[enrolment.campaign, enrolment.version]
        tests: Tests | None = program.movers.get((enrolment.stage, heard))
        if tests is None:
            tests = _tests(program, enrolment.stage, heard)
        facts.enrolment = enrolment
        if tests[rests](facts):
            return False
    return True


Tests: TypeAlias = tuple[Test, Test]
"""Whether any of the rules of a place holds, and whether one does of whoever has given no signal."""


def _tests(program: Program, stage: str, heard: str | None) -> Tests:
    asked = moved_by(program, stage, heard)
    tests = program.movers[stage, heard] = test_of(asked), test_of(at_rest(asked))
    return tests


def moved_by(program: Program, stage: str, heard: str | None) -> Condition:
    """Whether any rule of the program takes a contact elsewhere, or out, from a stage; `heard` is the wait that listens, if
    one does."""
    place = program.stage(stage)
    rules = [program.audience.leave_if, *(exit_.when for exit_ in program.audience.exits)]
    rules += [*(goal.when for goal in program.goals), place.advance]
    step = None if heard is None else place.steps[place.index[heard]]
    if isinstance(step, WaitFor):
        rules.append(step.condition)
    if program.prospect is not None:
        rules.append(program.prospect.when)
    return any_of(rules)
