"""One newsletter: a file of campaigns/ that begins with `newsletter:` sends one mail to a segment, once.

newsletter: lettre-de-mars
title: La lettre de mars
language: fr
sender: {name: L'équipe Exemple, address: bonjour@exemple.example}
to: banks-idle
send: article-couts
at: 2027-03-02 09:30
expires: 3 days
"""

from collections.abc import Mapping
from datetime import UTC
from zoneinfo import ZoneInfo

from nurture.authoring.cadence import read_cadence
from nurture.authoring.campaign import Company, read_hold_out, read_priority, read_sender, read_when_unknown
from nurture.authoring.drafts import CampaignDraft, Plain, StageDraft
from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Node, Table
from nurture.authoring.problems import Code, Log, did_you_mean
from nurture.authoring.times import moment, span
from nurture.authoring.values import keyed, language, name, scalar, text
from nurture.authoring.verbs import mail
from nurture.authoring.verbs.place import Place
from nurture.core.calendar import Hours, add
from nurture.core.conditions import NEVER, Condition, InSegment
from nurture.core.newsletters import STAGE, Issue
from nurture.core.program import ANY_TIME, Audience, WhenExhausted
from nurture.core.spans import Span, Unit

KEY = "newsletter"
"""By which a newsletter is told from a campaign."""

MAIL = ("send", "subject", "template", "variants")
"""What a step that sends says as well."""

NEWSLETTER = Keys(
    "a newsletter",
    required=(KEY, "title", "language", "sender", "to", "send", "at"),
    optional=("expires", "subject", "template", "variants", "cadence", "priority", "hold_out", "when_unknown"),
)

WORTH_READING = Span(3, Unit.DAYS)
"""How long a newsletter is still sent after its instant, where its author does not say."""

EXPIRY = (Unit.HOURS, Unit.DAYS, Unit.WEEKS)


def is_newsletter(node: Node) -> bool:
    """Whether a file means to be one."""
    return isinstance(node, Table) and node.get(KEY) is not None


def read_newsletter(node: Node, log: Log, company: Company) -> CampaignDraft | None:
    """The newsletter, as a campaign of one stage; None when the file is none. What is wrong within is in the log."""
    said = keyed(node, log, NEWSLETTER)
    if said is None:
        return None
    spoken = language(said.get("language"), log) or ""
    place = Place(company.vocabulary, company.catalogue, company.teams, spoken, log)
    cadence = read_cadence(said.get("cadence"), log, company.cadence)
    segment, asked = _segment(said.get("to"), company.vocabulary.segments, log)
    spot = said[KEY].spot if KEY in said else node.spot
    return CampaignDraft(
        name=name(said.get(KEY), log) or "",
        spot=spot,
        title=text(said.get("title"), log, longest=150) or "",
        language=spoken,
        sender=read_sender(said.get("sender"), log),
        stages=(StageDraft(STAGE, spot, _mail(node, place), exhausted=WhenExhausted.LEAVE),),
        audience=Audience(only_if=asked),
        cadence=cadence,
        prospect=None,
        goals=(),
        priority=read_priority(said.get("priority"), log),
        hold_out=read_hold_out(said.get("hold_out"), log),
        when_unknown=read_when_unknown(said.get("when_unknown"), log),
        issue=_issue(said, segment, cadence.zone, log),
    )


def _segment(node: Node | None, known: Mapping[str, Condition], log: Log) -> tuple[str, Condition]:
    found = scalar(node, log, "a segment")
    if found is None:
        return "", NEVER
    if found.text not in known:
        hint = did_you_mean(found.text, known, otherwise="segments are written in campaigns/segments.yaml")
        log.add(Code.UNKNOWN_SEGMENT, found.spot, f'unknown segment "{found.text}"', hint)
        return "", NEVER
    return found.text, InSegment(found.text, known[found.text])


def _mail(node: Node, place: Place) -> tuple[Plain, ...]:
    """The step that the file's keys make, as a step of a campaign would have them."""
    sent = node.get("send") if isinstance(node, Table) else None
    if not isinstance(node, Table) or sent is None:
        return ()
    step = mail.send(Table(tuple(item for item in node.items if item[0].text in MAIL), sent.spot), place)
    return (step,) if isinstance(step, Plain) else ()


def _issue(said: Mapping[str, Node], segment: str, zone: str, log: Log) -> Issue | None:
    """The time is that of the newsletter's zone, in which its expiry is counted too."""
    at = moment(said.get("at"), log, zone)
    lasting = span(said.get("expires"), log, units=EXPIRY) or WORTH_READING
    if at is None:
        return None
    hours = Hours(ZoneInfo(zone), ANY_TIME, frozenset())
    return Issue(segment, at.astimezone(UTC), add(hours, at, lasting))
