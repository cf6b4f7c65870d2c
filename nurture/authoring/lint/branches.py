"""Conditions that no contact can meet, or that every contact meets: what hangs on them was meant otherwise."""

from nurture.authoring.drafts import Draft, Fork, Listen, Plain
from nurture.authoring.lint.reviewed import Reviewed, in_step
from nurture.authoring.lint.truth import always_true, never_true
from nurture.authoring.problems import Code, Log, Spot
from nurture.core.conditions import ALWAYS, NEVER, Condition


def check_branches(reviewed: Reviewed, log: Log) -> None:
    """Warn of each condition of the campaign that decides nothing."""
    _check_rules(reviewed, log)
    for draft, stage in reviewed.stages():
        for step, _ in in_step(draft, stage):
            _check_step(step, reviewed.grades, log)


def _check_rules(reviewed: Reviewed, log: Log) -> None:
    audience, prospect = reviewed.program.audience, reviewed.program.prospect
    rules: list[tuple[tuple[str, ...], Condition]] = [
        (("audience", name), getattr(audience, name)) for name in ("enter", "only_if", "leave_if")
    ]
    rules += [(("stages", stage.name, "advance"), stage.advance) for stage in reviewed.program.stages]
    if prospect is not None:
        rules.append((("prospect", "when"), prospect.when))
    for path, condition in rules:
        if condition != NEVER and never_true(condition, reviewed.grades):
            _never(reviewed.spot(*path), log, f'so "{path[-1]}" never applies')
    leave = audience.leave_if
    if leave == ALWAYS or always_true(leave, reviewed.grades):
        message = "this is true of every contact, so everybody leaves at once"
        log.warn(Code.ALWAYS_TRUE, reviewed.spot("audience", "leave_if"), message)


def _check_step(step: Draft, grades: tuple[str, ...], log: Log) -> None:
    match step:
        case Fork(step=branch, spot=spot, then=then, otherwise=otherwise):
            _check_fork(branch.condition, spot, bool(then), bool(otherwise), grades, log)
        case Listen(step=wait, spot=spot) if never_true(wait.condition, grades):
            _never(spot, log, "so this always waits to the end")
        case Listen(step=wait, spot=spot) if always_true(wait.condition, grades):
            log.warn(Code.ALWAYS_TRUE, spot, "what this waits for is true of every contact, so it never waits")
        case Plain() | Listen():
            pass


def _check_fork(
    condition: Condition, spot: Spot, then: bool, otherwise: bool, grades: tuple[str, ...], log: Log
) -> None:
    if then and never_true(condition, grades):
        _never(spot, log, 'so the steps under "then" are never reached')
    elif otherwise and always_true(condition, grades):
        message = 'this is true of every contact, so the steps under "else" are never reached'
        log.warn(Code.ALWAYS_TRUE, spot, message)


def _never(spot: Spot, log: Log, so: str) -> None:
    log.warn(Code.NEVER_TRUE, spot, f"no contact can meet this condition, {so}", "it contradicts itself")
