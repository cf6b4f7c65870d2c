"""The steps of a stage: which verb each says. Adding a verb is adding a row to `VERBS`."""

from collections.abc import Callable, Mapping

from nurture.authoring.conditions import parse
from nurture.authoring.drafts import Draft, Fork, Listen
from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Node, Table
from nurture.authoring.problems import Code, did_you_mean, one_of
from nurture.authoring.times import span
from nurture.authoring.values import keyed, listing, name
from nurture.authoring.verbs import colleagues, invite, mail, notes, routes, waits
from nurture.authoring.verbs.place import Place, spot_of
from nurture.core.conditions import NEVER
from nurture.core.program import Branch, WaitFor

WAIT_FOR = Keys('"wait"', required=("wait", "for"), optional=("else", "id"))
WHEN = Keys('"when"', required=("when",), optional=("then", "else", "id"))


def read_steps(node: Node | None, place: Place) -> tuple[Draft, ...]:
    """The steps of a list."""
    if node is None:
        return ()
    found = [_step(item, place) for item in listing(node, place.log, "a sequence")]
    return tuple(draft for draft in found if draft is not None)


def _step(node: Node, place: Place) -> Draft | None:
    if not isinstance(node, Table) or not node.items:
        place.log.add(Code.WRONG_SHAPE, node.spot, 'a step is written like "send: an-id"', one_of(VERBS))
        return None
    verbs = [key for key, _ in node.items if key.text in VERBS]
    if not verbs:
        first = node.items[0][0]
        place.log.add(
            Code.UNKNOWN_STEP,
            first.spot,
            f'unknown step "{first.text}"',
            did_you_mean(first.text, VERBS, otherwise=one_of(VERBS)),
        )
        return None
    if len(verbs) > 1:
        place.log.add(
            Code.UNKNOWN_STEP,
            verbs[1].spot,
            f'one step says both "{verbs[0].text}" and "{verbs[1].text}"',
            'begin a new step with "- "',
        )
        return None
    return VERBS[verbs[0].text](node, place)


def _wait(node: Table, place: Place) -> Draft | None:
    if not isinstance(node.get("wait"), Table) and (node.get("for") is not None or node.get("else") is not None):
        return _wait_for(node, place)
    return waits.wait(node, place)


def _wait_for(node: Table, place: Place) -> Draft | None:
    said = keyed(node, place.log, WAIT_FOR) or {}
    longest = span(said.get("wait"), place.log, prefix=waits.UP_TO) or waits.NO_TIME
    condition = parse(said.get("for"), place.vocabulary, place.log) or NEVER
    step = WaitFor("", longest, condition, line=node.spot.line)
    inner = read_steps(said.get("else"), place)
    return Listen(step, spot_of(said, "wait", node), inner, name(said.get("id"), place.log))


def _when(node: Table, place: Place) -> Draft | None:
    said = keyed(node, place.log, WHEN) or {}
    if not said.keys() & {"then", "else"}:
        place.log.add(Code.MISSING_KEY, node.spot, '"when" needs "then" or "else": steps to take')
    condition = parse(said.get("when"), place.vocabulary, place.log) or NEVER
    then, otherwise = (read_steps(said.get(way), place) for way in ("then", "else"))
    step = Branch("", condition, line=node.spot.line)
    return Fork(step, spot_of(said, "when", node), then, otherwise, name(said.get("id"), place.log))


VERBS: Mapping[str, Callable[[Table, Place], Draft | None]] = {
    "send": mail.send,
    "relance": mail.relance,
    "invite": invite.invite,
    "wait": _wait,
    "when": _when,
    "tag": notes.tag,
    "untag": notes.untag,
    "set": notes.assign,
    "move": routes.move,
    "leave": routes.leave,
    "hand_off": routes.hand_off,
    "notify": colleagues.notify,
    "task": colleagues.task,
}
