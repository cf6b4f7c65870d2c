"""`move`, `leave` and `hand_off`: steps that say where the contact goes on."""

from nurture.authoring.drafts import Draft
from nurture.authoring.nodes import Node, Scalar, Table
from nurture.authoring.problems import Code
from nurture.authoring.times import span
from nurture.authoring.values import table, text
from nurture.authoring.verbs.place import Place, among, plain
from nurture.core.acts import HandOver, Leave, Move
from nurture.core.spans import Span, Unit

DEFAULT_WITHIN = Span(1, Unit.BUSINESS_DAYS)
DEFAULT_COOL_DOWN = Span(30, Unit.DAYS)
LONGEST_REASON = 120


def move(node: Table, place: Place) -> Draft | None:
    """`move: stage`."""
    said = table(node, place.log, '"move"', required=("move",), optional=("id",)) or {}
    stage = among(said.get("move"), place.log, place.vocabulary.stages, Code.UNKNOWN_STAGE, "stage")
    return plain(Move("", stage or "", line=node.spot.line), said, "move", node, place.log)


def leave(node: Table, place: Place) -> Draft | None:
    """`leave: the reason, in words`."""
    said = table(node, place.log, '"leave"', required=("leave",), optional=("id",)) or {}
    why = text(said.get("leave"), place.log, "a reason", longest=LONGEST_REASON)
    return plain(Leave("", why or "", line=node.spot.line), said, "leave", node, place.log)


def hand_off(node: Table, place: Place) -> Draft | None:
    """`hand_off: team`, or `hand_off: {to: team, within: …, recycle_to: stage, cool_down: …}`."""
    said = table(node, place.log, '"hand_off"', required=("hand_off",), optional=("id",)) or {}
    given = read_hand_off(said.get("hand_off"), place)
    step = HandOver("", given.team, given.within, given.cool_down, given.recycle_to, line=node.spot.line)
    return plain(step, said, "hand_off", node, place.log)


def read_hand_off(node: Node | None, place: Place) -> HandOver:
    """To whom and how a contact is handed over: what the step and the prospect rule have in common."""
    if isinstance(node, Scalar):
        team = among(node, place.log, place.teams, Code.UNKNOWN_TEAM, "team")
        return HandOver("", team or "", DEFAULT_WITHIN, DEFAULT_COOL_DOWN)
    optional = ("within", "recycle_to", "cool_down")
    said = table(node, place.log, "hand_off", required=("to",), optional=optional) or {}
    return HandOver(
        "",
        among(said.get("to"), place.log, place.teams, Code.UNKNOWN_TEAM, "team") or "",
        span(said.get("within"), place.log) or DEFAULT_WITHIN,
        span(said.get("cool_down"), place.log) or DEFAULT_COOL_DOWN,
        among(said.get("recycle_to"), place.log, place.vocabulary.stages, Code.UNKNOWN_STAGE, "stage"),
    )
