"""When to look at a contact again though nothing happens: a rule that waits for it is then made true by time."""

from collections.abc import Iterator
from datetime import datetime

from nurture.core.changing import changed
from nurture.core.conditions import Condition
from nurture.core.draft import Draft
from nurture.core.facts import Facts
from nurture.core.program import Program, WaitFor
from nurture.core.state import Ended, Enrolment, Listening
from nurture.core.timed import next_true
from nurture.core.words import Status


def plan(draft: Draft) -> None:
    """Note when that is: to be asked where rules count days, or where a day is noted.

    A day that has come stays noted until it is heard of, or whatever is heard before it would hide it.
    """
    at, noted = None, draft.before.looks_at
    if draft.state.suppressed:
        pass
    elif noted is not None and noted <= draft.now and not draft.is_look:
        at = noted
    elif draft.world.is_timed:
        at = min(_turns(draft), default=None)
    if at != draft.state.looks_at:
        draft.set(looks_at=at)


def _turns(draft: Draft) -> Iterator[datetime]:
    for condition, facts in _waiting(draft):
        at = next_true(condition, facts)
        if at is not None:
            yield at


def _waiting(draft: Draft) -> Iterator[tuple[Condition, Facts]]:
    """The rules that now wait to come true, each with what it is read against."""
    facts = draft.facts()
    if draft.state.status is Status.LEAD:
        yield draft.world.scoring.mql, facts
    for program in draft.world.current_programs():
        if program.is_timed and _may_enter(draft, program):
            yield program.audience.enter, changed(facts, edge=True)
    for enrolment in draft.live():
        program = draft.program(enrolment)
        if program.is_timed:
            own = draft.facts(enrolment)
            for condition in _of(program, enrolment):
                yield condition, own


def _may_enter(draft: Draft, program: Program) -> bool:
    known = draft.state.enrolments.get(program.name)
    return known is None or (isinstance(known.position, Ended) and program.audience.again is not None)


def _of(program: Program, enrolment: Enrolment) -> Iterator[Condition]:
    """What may take the enrolment elsewhere from where it is."""
    yield program.audience.leave_if
    yield from (exit_.when for exit_ in program.audience.exits)
    yield from (goal.when for goal in program.goals)
    stage = program.stage(enrolment.stage)
    yield stage.advance
    if program.prospect is not None:
        yield program.prospect.when
    if isinstance(enrolment.position, Listening):
        step = stage.steps[stage.index[enrolment.position.step]]
        if isinstance(step, WaitFor):
            yield step.condition
