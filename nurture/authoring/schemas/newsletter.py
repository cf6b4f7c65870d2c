"""The schema of a newsletter."""

from nurture.authoring import newsletter
from nurture.authoring.schemas.campaign import hold_out, priority, sender, when_unknown
from nurture.authoring.schemas.company import cadence
from nurture.authoring.schemas.known import Known
from nurture.authoring.schemas.parts import Schema, language, moment, name, record, span, suggested, text
from nurture.authoring.schemas.steps import sending


def of_newsletter(known: Known) -> Schema:
    """A file of campaigns/ that begins with `newsletter:`."""
    said = {
        newsletter.KEY: name("The newsletter's name, for ever: who has had it is kept under it."),
        "title": text("What people call it, in reports."),
        "language": language("The language of its mail."),
        "sender": sender(),
        "to": suggested("The segment of segments.yaml that is written to.", known.segments),
        "at": moment("When it is sent, on the clock of its cadence."),
        "expires": span("How long it is still sent after that. 3 days without it.", "3 days", units=newsletter.EXPIRY),
        "cadence": cadence("When it may be sent; stricter than cadence.yaml, never looser."),
        "priority": priority(),
        "hold_out": hold_out(),
        "when_unknown": when_unknown(),
        **sending(known),
    }
    return record(newsletter.NEWSLETTER, "One mail to a segment, once.", said)
