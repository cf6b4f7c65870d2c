"""What a step of a campaign asks its mail to say, as a `MailSpec` for the compiler."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta

from nurture.content.spec import Content as Words
from nurture.content.spec import MailSpec
from nurture.core.invite import INVITATION, REPLAY, Invite, comes_by_itself, is_reminder
from nurture.core.program import Content, Mailing, Program, Relance, Send, Step, Translation, Variant
from nurture.core.world import World
from nurture.delivery.library import sender_of

RELANCE = "relance"
REMINDER = "reminder"


class CannotCompose(Exception):
    """This message cannot be made; the text is a sentence for the author or the operator."""


def find_step(program: Program, key: str) -> Step | None:
    """The step of that key in this version."""
    places = ((stage, stage.index.get(key)) for stage in program.stages)
    return next((stage.steps[at] for stage, at in places if at is not None), None)


def spec_of(world: World, program: Program, step: Mailing, which: str | None) -> MailSpec:
    """The mail of a step; `which` of its variants, or which part of an invitation.

    Raises CannotCompose where the catalogue no longer has its content.
    """
    name = step.replay if isinstance(step, Invite) and which == REPLAY else step.content
    content = world.catalogue.get(name or "")
    translation = content.translation(program.language) if content is not None else None
    if content is None or translation is None:
        raise CannotCompose(
            f"The content {name!r} is not in the catalogue in {program.language!r}, and step {step.key} of "
            f"campaign {program.name} sends it: put it back into content.yaml."
        )
    return MailSpec(
        kind=_kind(step, which, content),
        language=program.language,
        sender=sender_of(program),
        content=_words(content, translation, program),
        campaign=program.title,
        subject=_subject(step, which),
        template=step.template if which is None or not comes_by_itself(which) else None,
    )


def _kind(step: Mailing, which: str | None, content: Content) -> str:
    match step:
        case Relance():
            return RELANCE
        case Invite() if which != REPLAY:
            return REMINDER if which is not None and is_reminder(which) else INVITATION
        case _:
            return content.kind


def _subject(step: Mailing, which: str | None) -> str | None:
    match step:
        case Relance():
            return None
        case Invite():
            return step.subject if which == INVITATION else None
        case Send():
            chosen: Variant | None = next((v for v in step.variants if v.name == which), None)
            return chosen.subject if chosen is not None and chosen.subject else step.subject


def _words(content: Content, translation: Translation, program: Program) -> Words:
    return Words(
        id=content.id,
        kind=content.kind,
        title=translation.title,
        summary=translation.summary,
        bullets=translation.bullets,
        action=translation.action,
        url=translation.url,
        asset=translation.asset,
        extra=_dates(content, program),
    )


def _dates(content: Content, program: Program) -> dict[str, object]:
    """When a webinar takes place, as a person reads it, in the campaign's zone."""
    if content.starts_at is None:
        return {}
    found: dict[str, object] = {"start": moment(content.starts_at, program.cadence.zone, program.language)}
    if content.ends_at is not None:
        length = content.ends_at - content.starts_at
        found["duration"] = format_timedelta(length, granularity="minute", threshold=1.5, locale=program.language)
    return found


def moment(at: datetime, zone: str, language: str) -> str:
    """A day and an hour in words."""
    local = at.astimezone(ZoneInfo(zone))
    pattern = "EEEE d MMMM y, HH'\u00a0h\u00a0'mm" if language == "fr" else "EEEE d MMMM y, HH:mm"
    return f"{format_datetime(local, pattern, locale=language)} ({zone.rpartition('/')[2].replace('_', ' ')})"
