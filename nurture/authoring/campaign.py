"""One campaign file: its head, its audience, its stages and the rule that makes a prospect."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nurture.authoring.cadence import read_cadence
from nurture.authoring.conditions import parse
from nurture.authoring.drafts import CampaignDraft, StageDraft
from nurture.authoring.goals import read_exits, read_goals
from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Listing, Node, Scalar
from nurture.authoring.problems import Code, Log
from nurture.authoring.steps import read_steps
from nurture.authoring.times import span
from nurture.authoring.values import address, choice, keyed, language, name, named, percent, text, whole
from nurture.authoring.verbs.place import Place
from nurture.authoring.verbs.routes import read_hand_off
from nurture.authoring.vocabulary import Special, Vocabulary
from nurture.core.conditions import ALWAYS, NEVER
from nurture.core.program import Audience, Cadence, Content, ProspectRule, WhenExhausted, WhenUnknown
from nurture.core.sender import Sender
from nurture.core.teams import Team
from nurture.core.words import Status

MOST_HELD_OUT = 5_000
REPLIES = ("tracked", "direct")
"""Where an answer goes: to an address that nurture reads, or to the sender's."""
STAGE_STATUSES = (Status.MQL.value, Status.PROSPECT.value)
"""What reaching a stage may make of a contact."""


@dataclass(frozen=True, slots=True)
class Company:
    """What the other files say, which every campaign may name."""

    vocabulary: Vocabulary
    catalogue: Mapping[str, Content]
    teams: Mapping[str, Team]
    cadence: Cadence


CAMPAIGN = Keys(
    "a campaign",
    required=("campaign", "title", "language", "sender", "stages"),
    optional=("priority", "audience", "hold_out", "when_unknown", "cadence", "prospect", "goals"),
)
SENDER = Keys("a sender", required=("name", "address"), optional=("reply", "postal"))
AUDIENCE = Keys("an audience", optional=("enter", "only_if", "leave_if", "again", "include"))
STAGE = Keys("a stage", optional=("status", "sequence", "advance", "exhausted"))
PROSPECT = Keys("prospect", required=("when", "hand_off"))


def read_campaign(node: Node, log: Log, company: Company) -> CampaignDraft | None:
    """The campaign; None when the file is none. What is wrong within is in the log."""
    said = keyed(node, log, CAMPAIGN)
    if said is None:
        return None
    stages = named(said.get("stages"), log, "stages") if "stages" in said else []
    names = tuple(key.text for key, _ in stages)
    known = replace(company.vocabulary, stages=names)
    spoken = language(said.get("language"), log) or ""
    place = Place(known, company.catalogue, company.teams, spoken, log)
    return CampaignDraft(
        name=name(said.get("campaign"), log) or "",
        spot=said["campaign"].spot if "campaign" in said else node.spot,
        title=text(said.get("title"), log, longest=150) or "",
        language=spoken,
        sender=read_sender(said.get("sender"), log),
        stages=tuple(_stage(key, value, place) for key, value in stages),
        audience=_audience(said.get("audience"), known, log),
        cadence=read_cadence(said.get("cadence"), log, company.cadence),
        prospect=_prospect(said.get("prospect"), place),
        goals=read_goals(said.get("goals"), place),
        priority=read_priority(said.get("priority"), log),
        hold_out=read_hold_out(said.get("hold_out"), log),
        when_unknown=read_when_unknown(said.get("when_unknown"), log),
    )


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def read_priority(node: Node | None, log: Log) -> int:
    """Which campaign comes first where there is room for one mail."""
    return _or(whole(node, log, -1000, 1000), 0)


def read_sender(node: Node | None, log: Log) -> Sender:
    """Whose name and address the mails bear."""
    said = keyed(node, log, SENDER) or {}
    reply = choice(said.get("reply"), log, REPLIES, '"tracked" or "direct"') or "tracked"
    return Sender(
        name=text(said.get("name"), log, longest=100) or "",
        address=address(said.get("address"), log) or "",
        tracked_replies=reply == "tracked",
        postal=text(said.get("postal"), log, longest=200) or "",
    )


def read_hold_out(node: Node | None, log: Log) -> int:
    """The share of contacts who get no mail, for comparison."""
    share = _or(percent(node, log), 0)
    if node is not None and share > MOST_HELD_OUT:
        log.add(Code.BAD_VALUE, node.spot, f"at most {MOST_HELD_OUT // 100}% can be held out")
    return share


def read_when_unknown(node: Node | None, log: Log) -> WhenUnknown:
    """What becomes of a mail of which nobody knows whether it left."""
    said = choice(node, log, tuple(WhenUnknown), "what to do with a mail that may have gone out")
    return WhenUnknown(said) if said else WhenUnknown.AT_MOST_ONCE


def _audience(node: Node | None, known: Vocabulary, log: Log) -> Audience:
    if node is None:
        return Audience()
    said = keyed(node, log, AUDIENCE) or {}
    outside = replace(known, specials=frozenset(Special) - {Special.STAGE})  # before entry there is no stage
    leave_if, again = said.get("leave_if"), said.get("again")
    return Audience(
        enter=parse(said.get("enter"), outside, log) or NEVER,
        only_if=parse(said.get("only_if"), outside, log) or ALWAYS,
        leave_if=NEVER if isinstance(leave_if, Listing) else parse(leave_if, known, log) or NEVER,
        exits=read_exits(leave_if, known, log) if isinstance(leave_if, Listing) else (),
        again=None if isinstance(again, Scalar) and again.text == "never" else span(again, log, prefix="after"),
        include_current=choice(said.get("include"), log, ("current",), '"current"') is not None,
    )


def _stage(key: Scalar, node: Node, place: Place) -> StageDraft:
    said = keyed(node, place.log, STAGE) or {}
    status = choice(said.get("status"), place.log, STAGE_STATUSES, "a status that a stage can give")
    exhausted = choice(said.get("exhausted"), place.log, tuple(WhenExhausted), "what to do when nothing is left")
    return StageDraft(
        name=key.text,
        spot=key.spot,
        steps=read_steps(said.get("sequence"), place),
        status=Status(status) if status else None,
        advance=parse(said.get("advance"), place.vocabulary, place.log) or NEVER,
        exhausted=WhenExhausted(exhausted) if exhausted else WhenExhausted.WAIT,
    )


def _prospect(node: Node | None, place: Place) -> ProspectRule | None:
    if node is None:
        return None
    said = keyed(node, place.log, PROSPECT) or {}
    given = read_hand_off(said.get("hand_off"), place)
    return ProspectRule(
        when=parse(said.get("when"), place.vocabulary, place.log) or NEVER,
        team=given.team,
        within=given.within,
        recycle_to=given.recycle_to or next(iter(place.vocabulary.stages), ""),
        cool_down=given.cool_down,
    )
