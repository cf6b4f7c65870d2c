"""Mistakes that only show when a campaign is read as a whole."""

from collections.abc import Iterator

from nurture.authoring.drafts import CampaignDraft, Draft, Fork, Listen, Plain, StageDraft, in_document_order
from nurture.authoring.goals import check_goals
from nurture.authoring.problems import Code, Log, did_you_mean
from nurture.authoring.routes import check_routes
from nurture.core.invite import Invite
from nurture.core.moments import WaitMoment
from nurture.core.program import Relance, Send, Wait, WaitUntil, WhenExhausted

UNREADABLE = ""
"""The content of a send that names none: it may have been any."""


def check_whole(campaign: CampaignDraft, log: Log) -> None:
    """Report what no single line shows."""
    _no_id_twice(campaign, log)
    _something_to_relance(campaign, log)
    check_routes(campaign, log)
    check_goals(campaign, log)
    for stage in campaign.stages:
        _no_wait_for_nothing(stage, log)


def _steps(campaign: CampaignDraft) -> Iterator[Draft]:
    for stage in campaign.stages:
        yield from in_document_order(stage.steps)


def _no_id_twice(campaign: CampaignDraft, log: Log) -> None:
    seen: set[str] = set()
    for draft in _steps(campaign):
        if draft.name in seen:
            log.add(
                Code.REPEATED_NAME,
                draft.spot,
                f'another step already has the id "{draft.name}"',
                "ids are unique in a campaign",
            )
        if draft.name:
            seen.add(draft.name)


def _something_to_relance(campaign: CampaignDraft, log: Log) -> None:
    sent: set[str] = set()
    for draft in _steps(campaign):
        match draft:
            case Plain(step=Send(content=content) | Invite(content=content)):
                sent.add(content)
            case Plain(step=Relance(content=content)) if content and not sent & {content, UNREADABLE}:
                hint = did_you_mean(content, sent, otherwise="send it first")
                log.add(Code.NOTHING_TO_RELANCE, draft.spot, f'"{content}" is not sent before this relance', hint)
            case _:
                pass


def _no_wait_for_nothing(stage: StageDraft, log: Log) -> None:
    if not stage.steps or stage.exhausted is not WhenExhausted.WAIT:
        return
    match stage.steps[-1]:
        case Plain(step=Wait() | WaitMoment() | WaitUntil(), spot=spot) | Listen(otherwise=(), spot=spot):
            log.warn(
                Code.WAIT_FOR_NOTHING,
                spot,
                f'nothing comes after this wait in "{stage.name}"',
                "delete it, or send something",
            )
        case Plain() | Listen() | Fork():
            pass
