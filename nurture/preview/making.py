"""Makes a mail for a reader by the composer that sends: the outbox row is invented, everything after it is real."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from nurture.content.branching import Undecided
from nurture.content.problems import TemplateProblem
from nurture.core.acts import Notify
from nurture.core.calendar import add, hours_for
from nurture.core.invite import INVITATION, Invite, is_reminder
from nurture.core.program import Mailing, Program, Send
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
        composed = _decided(composer, library, mail, reader, now)
    except (CannotCompose, TemplateProblem) as error:
        return Failure(str(error))
    return Letter(composed.data, composed.compiled.skeleton)


ROUNDS = 3
"""How often a mail that branches is asked for: a relance hangs on its own template, and on that of what it answers."""


def _decided(composer: Composer, library: Library, mail: Mail, reader: Reader, now: datetime) -> Composed:
    for _ in range(ROUNDS):
        try:
            return _composed(composer, library, mail, reader, now)
        except Undecided as undecided:
            composer.decide([undecided])
    return _composed(composer, library, mail, reader, now)


def _composed(composer: Composer, library: Library, mail: Mail, reader: Reader, now: datetime) -> Composed:
    state = speaking(reader, mail.language)
    match mail:
        case StepMail():
            row, sources = _touch(mail, reader, now)
        case Notice(purpose=Purpose.HAND_OFF):
            row, sources = _hand_off(library, mail, reader, now)
        case Notice(purpose=Purpose.NOTIFY):
            row, sources = _notify(library, mail, reader, now)
        case Notice():
            row, sources = _row(mail, reader, now, mail.subject), Sources()
    return composer.compose(library, row, state, sources, now)


def key_of(name: str) -> str:
    """The key that the message of a mail of this name would bear: the same at every look."""
    return hashlib.sha256(f"preview {name}".encode()).hexdigest()[:32]


def _touch(mail: StepMail, reader: Reader, now: datetime) -> tuple[OutboxRow, Sources]:
    row = _row(mail, reader, now, "")
    answered = answered_by(mail)
    if answered is None:
        return row, Sources()
    variant = answered.variants[0].name if isinstance(answered, Send) and answered.variants else None
    which = INVITATION if isinstance(answered, Invite) else variant
    thread = key_of(id_of(mail.program, answered, which))
    part = INVITATION if isinstance(answered, Invite) else "mail"
    sent = SentMessage(None, mail.program.name, mail.program.version, answered.key, variant, part, None)
    return _row(mail, reader, now, "", thread), Sources(threads={thread: sent})


def answered_by(mail: StepMail) -> Mailing | None:
    """What a relance answers, the first mail of the campaign that sends its content; or a reminder, its invitation."""
    match mail.step:
        case Send():
            return None
        case Invite() as step:
            return step if mail.variant is not None and is_reminder(mail.variant) else None
        case relance:
            steps = (each for stage in mail.program.stages for each in stage.steps)
            sent = (each for each in steps if isinstance(each, Send | Invite) and each.content == relance.content)
            return next(sent, None)


def _notify(library: Library, mail: Notice, reader: Reader, now: datetime) -> tuple[OutboxRow, Sources]:
    program = library.world.programs[mail.campaign, library.world.current[mail.campaign]]
    stage, step = _told(program, mail.subject)
    members = library.world.teams[step.team].members
    row = _row(mail, reader, now, stage, address=members[0].address if members else reader.address)
    row = replace(row, campaign=program.name, version=program.version, step=step.key)
    return row, Sources(addresses={row.contact_id: reader.address})


def _told(program: Program, key: str) -> tuple[str, Notify]:
    found = ((stage.name, step) for stage in program.stages for step in stage.steps if step.key == key)
    return next((name, step) for name, step in found if isinstance(step, Notify))


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
    part = of_step.variant if of_step and isinstance(of_step.step, Invite) else None
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
        part=part or "mail",
        content=of_step.step.content if of_step else "",
        variant=of_step.variant if of_step and part is None else None,
        thread=thread,
        subject=subject,
        language=mail.language,
        state=OutboxState.QUEUED,
        round=0,
        attempts=0,
        queued_at=now,
        doubts=0,
        unknown_since=None,
        clock_jumped=False,
        seen_at=None,
        intent=None,
    )
