"""The schema of a campaign."""

from nurture.authoring import campaign, goals
from nurture.authoring.schemas.company import cadence
from nurture.authoring.schemas.known import Known
from nurture.authoring.schemas.parts import (
    Schema,
    address,
    condition,
    either,
    items,
    language,
    name,
    named,
    one_of,
    percent,
    record,
    span,
    suggested,
    text,
    whole,
)
from nurture.authoring.schemas.steps import definitions, hand_off, steps_of
from nurture.core.program import WhenExhausted, WhenUnknown


def of_campaign(known: Known) -> Schema:
    """A file of campaigns/ that is none of the company's and no newsletter."""
    said = {
        "campaign": name("The campaign's name, for ever: contacts are kept under it."),
        "title": text("What people call it, on pages and in reports."),
        "language": language("The language of its mails."),
        "sender": sender(),
        "stages": named("The stages by name, in their order.", _stage()),
        "priority": priority(),
        "audience": _audience(),
        "hold_out": hold_out(),
        "when_unknown": when_unknown(),
        "cadence": cadence("When this campaign may write; stricter than cadence.yaml, never looser."),
        "prospect": record(
            campaign.PROSPECT,
            "When a contact is given to sales.",
            {"when": condition("What makes a prospect.", 'replied("interested")'), "hand_off": hand_off(known)},
        ),
        "goals": items("Where a condition takes a contact from anywhere.", _goal(known)),
    }
    return record(campaign.CAMPAIGN, "A campaign of nurture.", said, **{"$defs": dict(definitions(known))})


def priority() -> Schema:
    """Which comes first."""
    return whole("Of two campaigns with something to send, the greater goes first.", -1000, 1000)


def hold_out() -> Schema:
    """The part that is not written to."""
    return percent("How many are never written to, so that the campaign's effect can be told.")


def when_unknown() -> Schema:
    """What a crash leaves."""
    return one_of("What becomes of a mail that may have gone out before a crash.", WhenUnknown)


def sender() -> Schema:
    """Who writes."""
    said = {
        "name": text("Who writes, as mail programs show it."),
        "address": address("From which address."),
        "reply": one_of(
            "Where answers go: to nurture, which reads them, or straight to the address.", campaign.REPLIES
        ),
        "postal": text("The postal address at the foot of each mail."),
    }
    return record(campaign.SENDER, "Who the mails are from.", said)


def _audience() -> Schema:
    reasons = {
        "when": condition("When one leaves.", 'status = "customer"'),
        "reason": text("Why, in words that are kept."),
    }
    leave = items("Several, of which the first that holds is kept.", record(goals.EXIT, "A reason to leave.", reasons))
    never: Schema = {"const": "never"}
    said = {
        "enter": condition("What makes a contact enter, at the moment it comes true.", 'submitted("contact")'),
        "only_if": condition("What must hold at that moment.", 'country in ["FR", "BE"]'),
        "leave_if": either(
            "What ends the passage, and keeps people out.", condition("When one leaves.", 'status = "customer"'), leave
        ),
        "again": either(
            "When one may enter again.", never, span("So long after the end.", "after 180 days", prefix="after")
        ),
        "include": one_of("Take in those as well for whom it is true already.", ("current",)),
    }
    return record(campaign.AUDIENCE, "Who enters and who leaves.", said)


def _stage() -> Schema:
    said = {
        "status": one_of("What reaching this stage makes of a contact.", campaign.STAGE_STATUSES),
        "sequence": steps_of("The steps, one after the other."),
        "advance": condition("What moves a contact on to the next stage, at any time.", "engagement >= 20"),
        "exhausted": one_of("What happens when no step is left.", WhenExhausted),
    }
    return record(campaign.STAGE, "A part of the campaign.", said)


def _goal(known: Known) -> Schema:
    said = {
        "when": condition("What takes a contact there.", 'visited("/tarifs") >= 2 within 14 days'),
        "go": suggested("A stage, or the id of a step.", known.stages),
        "end": text("The reason for which the campaign is over."),
    }
    return record(goals.GOAL, "A goal.", said, oneOf=[{"required": ["go"]}, {"required": ["end"]}])
