"""Where the steps of a campaign lead: a round that nothing slows, and a step that nothing leads to.

A content is sent once in a passage, and a wait for a signal or a date may be over before it begins: only a wait for a
length of time makes sure that going round takes time.
"""

from collections.abc import Iterator, Mapping, Sequence

from nurture.authoring.drafts import CampaignDraft, Draft, Fork, Listen, Plain
from nurture.authoring.problems import Code, Log, Spot
from nurture.core.acts import Leave, Move
from nurture.core.program import Wait, WhenExhausted

At = Mapping[str, Spot]
"""The stages to which a stage may lead at once, and the step that leads there."""


def check_routes(campaign: CampaignDraft, log: Log) -> None:
    """Report rounds and steps that are never run."""
    leads = {stage.name: _at_once(campaign, n) for n, stage in enumerate(campaign.stages)}
    told: set[str] = set()
    for stage in leads:
        for spot, passed in _round_to(stage, leads):
            if not told & passed:
                told |= passed
                names = " → ".join([*sorted(passed, key=list(leads).index), stage])
                message = f"this goes round without a wait: {names}"
                log.add(Code.GOES_ROUND, spot, message, 'put a "wait: 1 day" before it, or name another stage')
    for one in campaign.stages:
        _all_reachable(one.steps, log)


def _at_once(campaign: CampaignDraft, n: int) -> At:
    stage = campaign.stages[n]
    found = dict(_moves(stage.steps))
    if stage.exhausted is WhenExhausted.ADVANCE and n + 1 < len(campaign.stages) and _passes(stage.steps):
        found.setdefault(campaign.stages[n + 1].name, stage.spot)
    return found


def _moves(drafts: Sequence[Draft]) -> Iterator[tuple[str, Spot]]:
    """The moves that can be reached without a wait for a length of time."""
    for draft in drafts:
        match draft:
            case Plain(step=Move(stage=stage), spot=spot):
                yield stage, spot
            case Fork(then=then, otherwise=otherwise):
                yield from _moves(then)
                yield from _moves(otherwise)
            case _:
                pass
        if not _passes([draft]):
            return


def _passes(drafts: Sequence[Draft]) -> bool:
    """Whether one may come to the end of these at once."""
    return all(map(_passes_one, drafts))


def _passes_one(draft: Draft) -> bool:
    match draft:
        case Plain(step=Wait() | Move() | Leave()):
            return False
        case Plain() | Listen():
            return True
        case Fork(then=then, otherwise=otherwise):
            return _passes(then) or _passes(otherwise)


def _round_to(stage: str, leads: Mapping[str, At]) -> Iterator[tuple[Spot, set[str]]]:
    """The steps that close a round from a stage back to it, each with the stages on one way there."""
    ways: list[tuple[str, set[str]]] = [(stage, {stage})]
    seen = {stage}
    while ways:
        here, passed = ways.pop()
        for further, spot in leads.get(here, {}).items():
            if further == stage:
                yield spot, passed
            elif further not in seen:
                seen.add(further)
                ways.append((further, passed | {further}))


def _all_reachable(drafts: Sequence[Draft], log: Log) -> None:
    for n, draft in enumerate(drafts):
        match draft:
            case Fork(then=then, otherwise=otherwise):
                _all_reachable(then, log)
                _all_reachable(otherwise, log)
            case Listen(otherwise=otherwise):
                _all_reachable(otherwise, log)
            case Plain():
                pass
        if not _goes_on(draft) and n + 1 < len(drafts):
            hint = "delete it, or move it before"
            log.warn(
                Code.UNREACHABLE, drafts[n + 1].spot, "nothing leads to this step: the one before does not go on", hint
            )
            return


def _goes_on(draft: Draft) -> bool:
    match draft:
        case Plain(step=Move() | Leave()):
            return False
        case Plain() | Listen():
            return True
        case Fork(then=then, otherwise=otherwise):
            return all(map(_goes_on, then)) or all(map(_goes_on, otherwise))
