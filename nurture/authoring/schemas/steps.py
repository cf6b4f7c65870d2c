"""The schema of a step: one form for each verb, and for each way of waiting."""

from collections.abc import Mapping

from nurture.authoring import steps
from nurture.authoring.schemas.known import Known
from nurture.authoring.schemas.parts import (
    Schema,
    condition,
    either,
    items,
    name,
    named,
    one_of,
    one_or_more,
    percent,
    record,
    span,
    suggested,
    text,
)
from nurture.authoring.verbs import colleagues, invite, mail, notes, routes, waits
from nurture.core.calendar import BACKWARDS
from nurture.core.program import Edge
from nurture.core.words import TaskKind

STEP: Schema = {"$ref": "#/$defs/step"}
ID = name("The step's key for ever, whatever is edited around it.")
UNTIL = rf"^{waits.UNTIL}\s*(?:\d{{4}}-\d{{2}}-\d{{2}}|[A-Za-z]+)(?: \d{{1,2}}:\d{{2}})?\s*$"
"""As `verbs/waits.py` reads a moment."""


def definitions(known: Known) -> Mapping[str, Schema]:
    """What `STEP` stands for, and each of its forms."""
    forms = {**_mails(known), **_waits(known), **_notes(known), **_routes(known), **_colleagues(known)}
    return {"step": {"anyOf": [{"$ref": f"#/$defs/{form}"} for form in forms]}, **forms}


def hand_off(known: Known) -> Schema:
    """To whom and how a contact is handed over, in a step as in the prospect rule."""
    said = {
        "to": suggested("The team of teams.yaml that gets the prospect.", known.teams),
        "within": span("How long sales may take to accept. One business day without it.", "4 business hours"),
        "recycle_to": suggested("The stage where a rejected prospect goes on.", known.stages),
        "cool_down": span("How long a rejected prospect is left alone. 30 days without it.", "60 days"),
    }
    return either(
        "A team of teams.yaml, or to whom and how.",
        suggested("A team.", known.teams),
        record(routes.HANDED, "To whom and how.", said),
    )


def steps_of(about: str) -> Schema:
    """A list of steps."""
    return items(about, STEP)


def sending(known: Known) -> dict[str, Schema]:
    """What is said of a mail that sends a content."""
    subject = text("The subject, instead of the template's.", "{{ contact.first_name | default('Bonjour') }}, …")
    return {
        "send": suggested("A content of content.yaml.", known.contents),
        "subject": subject,
        "template": suggested(
            "A template of email_templates/, instead of the one of the content's kind.", known.templates
        ),
        "variants": _variants(subject),
    }


def _mails(known: Known) -> dict[str, Schema]:
    sent = sending(known)
    content, template = sent["send"], sent["template"]
    said = {"id": ID, "subject": sent["subject"], "template": template}
    reminders = span("", "1 day", "1 hour", units=tuple(BACKWARDS))
    webinar = suggested("A webinar of content.yaml.", known.webinars)
    replay = suggested("The recording, sent a day after to those who registered and stayed away.", known.contents)
    invited = {**said, "invite": webinar, "reminders": one_or_more("How long before it.", reminders), "replay": replay}
    return {
        "send": record(
            mail.SEND,
            "Send a content that the contact does not have yet.",
            {"id": ID, **sent},
        ),
        "relance": record(
            mail.RELANCE,
            "Write again in the thread of a content, only if it was not acted on.",
            {"relance": content, "id": ID, "template": template},
        ),
        "invite": record(invite.INVITE, "Invite to a webinar, with reminders and the recording.", invited),
    }


def _variants(subject: Schema) -> Schema:
    share = percent("How many get this one; the shares make 100%.")
    winner = {
        "by": one_of("What decides.", mail.DECIDING),
        "after": span("How long after the first of its mails.", "48 hours"),
        "sample": percent("How many are written to before it is decided."),
    }
    chosen = record(mail.CHOOSING, "Try the variants on a sample; the others get the best.", winner)
    variant = record(mail.VARIANT, "One of several wordings.", {"share": share, "subject": subject})
    return named("Wordings by name, of which each contact gets one.", variant, properties={mail.WINNER: chosen})


def _waits(known: Known) -> dict[str, Schema]:
    length = span("A length of time, from the completion of the step before.", "3 days", "2 business days")
    moment: Schema = {"type": "string", "pattern": UNTIL, "examples": ["until 2027-03-15 09:00", "until Monday 09:00"]}
    by_webinar = {
        "webinar": suggested("A webinar of content.yaml.", known.webinars),
        "at": one_of("Which end of it.", Edge),
        "minus": span("How long before that.", "1 day", units=tuple(BACKWARDS)),
    }
    until = record(waits.BY_WEBINAR, "A webinar's start or end.", by_webinar)
    to = record(waits.WAIT_UNTIL, "A moment.", {"until": either("A moment, or a webinar's.", moment, until)})
    listening = {
        "wait": span("How long at most.", "up to 4 days", prefix=waits.UP_TO),
        "for": condition("What it waits for.", 'clicked("white-paper")'),
        "else": steps_of("What is done when it does not come true in time."),
        "id": ID,
    }
    simply = {"wait": either("A length of time, or until a moment.", length, moment, to), "id": ID}
    branch = {
        "when": condition("What it depends on."),
        "then": steps_of("Steps for those for whom it is true."),
        "else": steps_of("Steps for the others."),
        "id": ID,
    }
    one_way = [{"required": ["then"]}, {"required": ["else"]}]
    return {
        "wait": record(waits.WAIT, "Wait.", simply),
        "wait_for": record(steps.WAIT_FOR, "Wait until something comes true, for so long at most.", listening),
        "when": record(steps.WHEN, "Steps for the one case and for the other.", branch, anyOf=one_way),
    }


def _notes(known: Known) -> dict[str, Schema]:
    fields = {field: {"description": f"A value of the field {field}."} for field in sorted(known.fields)}
    values = {"type": "object", "description": "Values by field.", "minProperties": 1, "properties": fields}
    return {
        "tag": record(notes.TAG, "Give a tag.", {"tag": name("The tag."), "id": ID}),
        "untag": record(notes.UNTAG, "Take a tag away.", {"untag": name("The tag."), "id": ID}),
        "set": record(notes.SET, "Write fields of the contact.", {"set": values, "id": ID}),
    }


def _routes(known: Known) -> dict[str, Schema]:
    stage = suggested("A stage of this campaign.", known.stages)
    return {
        "move": record(routes.MOVE, "Go on at the beginning of a stage.", {"move": stage, "id": ID}),
        "leave": record(routes.LEAVE, "End the passage.", {"leave": text("The reason, in words."), "id": ID}),
        "hand_off": record(
            routes.HAND_OFF,
            "Give the contact to sales, as the prospect rule does.",
            {"hand_off": hand_off(known), "id": ID},
        ),
    }


def _colleagues(known: Known) -> dict[str, Schema]:
    team = suggested("A team of teams.yaml.", known.teams)
    notice = record(colleagues.NOTICE, "Whom, and what.", {"to": team, "text": text("Words for the mail.")})
    asked: dict[str, Schema] = {kind.value: text(f"What is to be done: {kind}.") for kind in TaskKind}
    asked |= {"to": team, "within": span("By when. Two business days without it.", "2 business days")}
    asked |= {"tag": name("A tag that the contact is given once it is done.")}
    one = [{"required": [kind.value]} for kind in TaskKind]
    task = record(colleagues.ASKED, "One thing to do, and for whom.", asked, oneOf=one)
    return {
        "notify": record(
            colleagues.NOTIFY,
            "Mail every member of a team.",
            {"notify": either("A team, or a team and words.", team, notice), "id": ID},
        ),
        "task": record(colleagues.TASK, "Open a task for one member of a team.", {"task": task, "id": ID}),
    }
