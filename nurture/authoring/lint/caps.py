"""Mails written closer together than a cap lets them go: they would all leave later than the file says."""

from collections.abc import Iterator
from datetime import timedelta

from nurture.authoring.lint.reviewed import Reviewed, in_step
from nurture.authoring.problems import Code, Log
from nurture.core.acts import END
from nurture.core.program import Cap, Relance, Send, Stage, Step, Wait, WaitFor
from nurture.core.spans import Span, Unit

FAR = 10_000
"""Days of a wait whose length nobody knows beforehand."""


def check_caps(reviewed: Reviewed, log: Log) -> None:
    """Warn of each mail that can never leave when the file says, however the waits before it fall."""
    for draft, stage in reviewed.stages():
        late: dict[int, tuple[Cap, int]] = {}
        for cap in reviewed.program.cadence.at_most:
            for at, days in _too_soon(stage, cap):
                late.setdefault(at, (cap, days))
        for at, (step, _) in enumerate(in_step(draft, stage)):
            if at in late:
                cap, days = late[at]
                log.warn(Code.CAP_DELAYS, step.spot, *_words(cap, days))


def _words(cap: Cap, days: int) -> tuple[str, str]:
    since = "the mail before it" if cap.count == 1 else f"the first of the {cap.count} mails before it"
    most = f"at most {cap.count} may go in {_days(cap.days)}"
    message = f"this mail cannot leave so soon: it is written {_days(days)} after {since}, and {most}"
    return message, "wait longer before it, or loosen the cap"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _too_soon(stage: Stage, cap: Cap) -> Iterator[tuple[int, int]]:
    """The mails that follow `cap.count` others within its days, and how many days are written between."""
    for at, step in enumerate(stage.steps):
        if _writes(step):
            reached = {at: 0}
            for _ in range(cap.count):
                reached = _next_mails(stage, reached, cap.days)
            yield from sorted(reached.items())


def _next_mails(stage: Stage, starts: dict[int, int], before: int) -> dict[int, int]:
    """The mails that come next on each way, with the fewest days in which one gets there; only those within `before`."""
    found: dict[int, int] = {}
    best: dict[int, int] = {}
    ahead = [(jump, days) for at, days in starts.items() for jump in _jumps(stage.steps[at])]
    while ahead:
        at, days = ahead.pop()
        if at == END or days >= before or days >= best.get(at, FAR):
            continue
        best[at] = days
        step = stage.steps[at]
        if _writes(step):
            found[at] = days
        else:
            ahead += [(jump, days + _longest(step)) for jump in _jumps(step)]
    return found


def _writes(step: Step) -> bool:
    return isinstance(step, Send | Relance)


def _jumps(step: Step) -> list[int]:
    """Where a step can lead, whatever its kind."""
    found = (getattr(step, name, None) for name in ("next", "then", "otherwise"))
    return [jump for jump in found if isinstance(jump, int)]


def _longest(step: Step) -> int:
    """The most local dates that may pass in a step; what cannot be told is far."""
    match step:
        case Wait(span=span) | WaitFor(span=span):
            return _dates(span)
        case _ if hasattr(step, "condition"):
            return 0
        case _:
            return FAR


def _dates(span: Span) -> int:
    match span.unit:
        case Unit.DAYS:
            return span.amount
        case Unit.WEEKS:
            return span.amount * 7
        case Unit.BUSINESS_DAYS:
            return span.amount + 2 * -(-span.amount // 5)
        case Unit.HOURS | Unit.MINUTES:
            passed = timedelta(**{span.unit.value: span.amount})
            return -(-passed // timedelta(days=1))
        case Unit.BUSINESS_HOURS:
            return FAR
