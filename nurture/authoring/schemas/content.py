"""The schema of content.yaml."""

from nurture.authoring import catalogue
from nurture.authoring.places import LANGUAGES
from nurture.authoring.schemas.known import Known
from nurture.authoring.schemas.parts import (
    Schema,
    flag,
    items,
    moment,
    named,
    one_or_more,
    record,
    suggested,
    text,
    web_address,
    zone,
)

USUAL_KINDS = frozenset({"white_paper", "webinar", "case_study", "article", "demo"})


def of_content(known: Known) -> Schema:
    """The catalogue."""
    translation = _translation(known)
    said = {
        "kind": suggested("Chooses the template of its mails. A webinar has a date.", known.kinds | USUAL_KINDS),
        "stage": suggested("Where in the funnel it helps.", known.stages),
        "translations": record(
            catalogue.TRANSLATIONS, "What is said of it, by language.", dict.fromkeys(LANGUAGES, translation)
        ),
        "personas": one_or_more("For whom it is; for everybody without it.", suggested("", known.personas)),
        "starts": moment("When the webinar begins."),
        "ends": moment("When it ends."),
        "timezone": zone(f"On which clocks these are. {catalogue.DEFAULT_ZONE} without it."),
        "cancelled": flag("Whether the webinar will not take place."),
    }
    content = record(catalogue.CONTENT, "A white paper, a webinar, an article, …", said)
    return record(
        catalogue.CONTENT_FILE, "Everything that campaigns can send.", {"contents": named("Contents by id.", content)}
    )


def _translation(known: Known) -> Schema:
    said = {
        "title": text("Its title."),
        "summary": text("What one learns there, in two sentences."),
        "action": text("The words on the button.", "Download the white paper"),
        "bullets": items("What is in it, point by point.", text("A point.")),
        "url": web_address("Where the button leads."),
        "asset": suggested("The file of campaigns/assets/ that it downloads.", known.assets),
    }
    one = [{"required": ["url"]}, {"required": ["asset"]}]
    return record(catalogue.TRANSLATION, "The content in this language.", said, oneOf=one)
