"""Makes a mail for a reader by the composer that sends: the outbox row is invented, everything after it is real."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from nurture.core.calendar import add, hours_for
from nurture.core.program import Program, Relance, Send
from nurture.core.state import HandOff
from nurture.core.words import HandOffState
from nurture.delivery.compose import Composed, Composer, Sources
from nurture.delivery.library import Library
from nurture.delivery.specs import CannotCompose
from nurture.preview.letters import Letter
from nurture.preview.mails import Mail, Notice, StepMail, id_of
from nurture.preview.readers import Reader, speaking
from nurture.storage.hand_offs import Prospect
from nurture.storage.outbox import OutboxRow
from nurture.storage.threads import SentMessage
from nurture.storage.words import OutboxState, Purpose


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a mail cannot be made for a reader."""

    sentence: str


def letter_for(composer: Composer, library: Library, mail: Mail, reader: Reader, now: datetime) -> Letter | Failure:
    """The mail as this reader would get it now."""
    try:
        composed = _composed(composer, library, mail, reader, now)
    except CannotCompose as error:
        return Failure(str(error))
    return Letter(composed.data, composed.compiled.skeleton)


def _composed(composer: Composer, library: Library, mail: Mail, reader: Reader, now: datetime) -> Composed:
    state = speaking(reader, mail.language)
    match mail:
        case StepMail():
            row, sources = _touch(mail, reader, now)
        case Notice(purpose=Purpose.HAND_OFF):
            row, sources = _hand_off(library, mail, reader, now)
        case Notice():
            row, sources = _row(mail, reader, now, mail.subject), Sources()
    return composer.compose(library, row, state, sources, now)


def key_of(name: str) -> str:
    """The key that the message of a mail of this name would bear: the same at every look."""
    return hashlib.sha256(f"preview {name}".encode()).hexdigest()[:32]


def _touch(mail: StepMail, reader: Reader, now: datetime) -> tuple[OutboxRow, Sources]:
    row = _row(mail, reader, now, "")
    answered = answered_by(mail.program, mail.step)
    if answered is None:
        return row, Sources()
    variant = answered.variants[0].name if answered.variants else None
    thread = key_of(id_of(mail.program, answered, variant))
    sent = SentMessage(None, mail.program.name, mail.program.version, answered.key, variant, None)
    return _row(mail, reader, now, "", thread), Sources(threads={thread: sent})


def answered_by(program: Program, step: Send | Relance) -> Send | None:
    """The mail that a relance answers: the first of the campaign that sends its content."""
    if not isinstance(step, Relance):
        return None
    steps = (each for stage in program.stages for each in stage.steps)
    return next((each for each in steps if isinstance(each, Send) and each.content == step.content), None)


def _hand_off(library: Library, mail: Notice, reader: Reader, now: datetime) -> tuple[OutboxRow, Sources]:
    team = library.world.teams[mail.subject]
    program = library.world.programs[mail.campaign, library.world.current[mail.campaign]]
    rule = program.prospect
    due_at = add(hours_for(library.world, team.cadence, reader.state), now, rule.within) if rule else now
    owner = team.members[0].address if team.members else reader.address
    given = HandOff(key_of(mail.id), mail.campaign, mail.subject, owner, now, due_at, HandOffState.OFFERED)
    persona = next((persona.name for persona in library.world.scoring.personas), None)
    content = next(iter(library.world.catalogue), "…")
    day = (now - timedelta(days=2)).date().isoformat()
    reasons = [
        {
            "reason": "prospect",
            "subject": mail.campaign,
            "detail": {"engagement": 72_000, "grade": "B", "persona": persona},
        },
        {
            "reason": "points",
            "subject": "downloaded",
            "detail": {"object": content, "day": day, "count": 1, "points": 15_000},
        },
    ]
    prospect = Prospect(1, reader.state.key, reader.address, dict(reader.state.fields), given, reasons)
    return _row(mail, reader, now, given.key, address=owner), Sources(prospects={given.key: prospect})


def _row(
    mail: Mail, reader: Reader, now: datetime, subject: str, thread: str | None = None, address: str = ""
) -> OutboxRow:
    """The message as the outbox would hold it."""
    of_step = mail if isinstance(mail, StepMail) else None
    return OutboxRow(
        key=key_of(mail.id),
        contact_id=1,
        contact_key=reader.state.key,
        address=address or reader.address,
        purpose=Purpose.TOUCH if of_step else cast(Notice, mail).purpose,
        campaign=of_step.program.name if of_step else "",
        version=of_step.program.version if of_step else "",
        rotation=0,
        step=of_step.step.key if of_step else "",
        part="mail",
        content=of_step.step.content if of_step else "",
        variant=of_step.variant if of_step else None,
        thread=thread,
        subject=subject,
        language=mail.language,
        state=OutboxState.QUEUED,
        round=0,
        attempts=0,
        queued_at=now,
        doubts=0,
        unknown_since=None,
        intent=None,
    )
