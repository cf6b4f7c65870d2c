"""`move`, `leave` and `hand_off`: steps that say where the contact goes on."""

from nurture.authoring.drafts import Draft
from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Node, Scalar, Table
from nurture.authoring.problems import Code
from nurture.authoring.times import span
from nurture.authoring.values import keyed, text
from nurture.authoring.verbs.place import Place, among, plain
from nurture.core.acts import HandOver, Leave, Move
from nurture.core.spans import Span, Unit

DEFAULT_WITHIN = Span(1, Unit.BUSINESS_DAYS)
DEFAULT_COOL_DOWN = Span(30, Unit.DAYS)
LONGEST_REASON = 120

MOVE = Keys('"move"', required=("move",), optional=("id",))
LEAVE = Keys('"leave"', required=("leave",), optional=("id",))
HAND_OFF = Keys('"hand_off"', required=("hand_off",), optional=("id",))
HANDED = Keys("hand_off", required=("to",), optional=("within", "recycle_to", "cool_down"))


def move(node: Table, place: Place) -> Draft | None:
    """`move: stage`."""
    said = keyed(node, place.log, MOVE) or {}
    stage = among(said.get("move"), place.log, place.vocabulary.stages, Code.UNKNOWN_STAGE, "stage")
    return plain(Move("", stage or "", line=node.spot.line), said, "move", node, place.log)


def leave(node: Table, place: Place) -> Draft | None:
    """`leave: the reason, in words`."""
    said = keyed(node, place.log, LEAVE) or {}
    why = text(said.get("leave"), place.log, "a reason", longest=LONGEST_REASON)
    return plain(Leave("", why or "", line=node.spot.line), said, "leave", node, place.log)


def hand_off(node: Table, place: Place) -> Draft | None:
    """`hand_off: team`, or `hand_off: {to: team, within: …, recycle_to: stage, cool_down: …}`."""
    said = keyed(node, place.log, HAND_OFF) or {}
    given = read_hand_off(said.get("hand_off"), place)
    step = HandOver("", given.team, given.within, given.cool_down, given.recycle_to, line=node.spot.line)
    return plain(step, said, "hand_off", node, place.log)


def read_hand_off(node: Node | None, place: Place) -> HandOver:
    """To whom and how a contact is handed over: what the step and the prospect rule have in common."""
    if isinstance(node, Scalar):
        team = among(node, place.log, place.teams, Code.UNKNOWN_TEAM, "team")
        return HandOver("", team or "", DEFAULT_WITHIN, DEFAULT_COOL_DOWN)
    said = keyed(node, place.log, HANDED) or {}
    return HandOver(
        "",
        among(said.get("to"), place.log, place.teams, Code.UNKNOWN_TEAM, "team") or "",
        span(said.get("within"), place.log) or DEFAULT_WITHIN,
        span(said.get("cool_down"), place.log) or DEFAULT_COOL_DOWN,
        among(said.get("recycle_to"), place.log, place.vocabulary.stages, Code.UNKNOWN_STAGE, "stage"),
    )
