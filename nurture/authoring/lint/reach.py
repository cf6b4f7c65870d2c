"""Stages that nobody can come to: nothing before them advances, and no rule leads there."""

from collections.abc import Iterator

from nurture.authoring.lint.reviewed import Reviewed
from nurture.authoring.lint.truth import never_true
from nurture.authoring.problems import Code, Log
from nurture.core.program import Program, Stage, WhenExhausted


def check_reach(reviewed: Reviewed, log: Log) -> None:
    """Warn of each stage without a way in, once: what comes after it has the same reason."""
    led = frozenset(_led_to(reviewed.program))
    reached = True
    for (draft, stage), before in zip(reviewed.stages(), (None, *reviewed.program.stages), strict=False):
        was, reached = reached, before is None or stage.name in led or (reached and _goes_on(before, reviewed))
        if was and not reached:
            before_it = f'"{before.name}"' if before is not None else "what comes before"
            log.warn(
                Code.NO_WAY_IN,
                draft.spot,
                f'no contact comes to the stage "{draft.name}": {before_it} never advances',
                'give the stage before it "advance: …" or "exhausted: advance"',
            )


def _goes_on(stage: Stage, reviewed: Reviewed) -> bool:
    return stage.exhausted is WhenExhausted.ADVANCE or not never_true(stage.advance, reviewed.grades)


def _led_to(program: Program) -> Iterator[str]:
    """Stages that something names: a rejected prospect's, and those of steps and goals that move contacts."""
    if program.prospect is not None:
        yield program.prospect.recycle_to
    for step in (step for stage in program.stages for step in stage.steps):
        if name := getattr(step, "stage", None):
            yield name
    for goal in getattr(program, "goals", ()):
        if goal.stage:
            yield goal.stage
