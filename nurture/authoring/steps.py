"""The steps of a stage: what each verb may say. Adding a verb is adding a row to `VERBS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nurture.authoring.conditions import parse
from nurture.authoring.drafts import Draft, Fork, Listen, Plain
from nurture.authoring.naming import EVENT_KINDS
from nurture.authoring.nodes import Node, Scalar, Table
from nurture.authoring.problems import Code, Log, Spot, did_you_mean, one_of
from nurture.authoring.times import span
from nurture.authoring.values import choice, listing, name, named, percent, scalar, table, text
from nurture.authoring.vocabulary import Vocabulary
from nurture.core.conditions import NEVER
from nurture.core.ids import WHOLE
from nurture.core.program import Branch, Content, Edge, Relance, Send, Variant, Wait, WaitFor, WaitUntil
from nurture.core.spans import Span, Unit

NO_TIME = Span(0, Unit.MINUTES)
UP_TO = "up to"
LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Place:
    """What the steps of one campaign may refer to."""

    vocabulary: Vocabulary
    catalogue: Mapping[str, Content]
    language: str
    log: Log


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


def _send(node: Table, place: Place) -> Draft | None:
    said = (
        table(node, place.log, '"send"', required=("send",), optional=("id", "variants", "subject", "template")) or {}
    )
    content = _content(said.get("send"), place)
    subject, template = _words(said, place)
    variants, spots = _variants(said.get("variants"), place)
    step = Send("", content or "", variants=variants, subject=subject, template=template, line=node.spot.line)
    return Plain(step, _spot(said, "send", node), name(said.get("id"), place.log), {**_spots(said), **spots})


def _relance(node: Table, place: Place) -> Draft | None:
    said = table(node, place.log, '"relance"', required=("relance",), optional=("id", "template")) or {}
    content = _content(said.get("relance"), place)
    template = text(said.get("template"), place.log, longest=100)
    step = Relance("", content or "", template=template, line=node.spot.line)
    return Plain(step, _spot(said, "relance", node), name(said.get("id"), place.log), _spots(said))


def _words(said: Mapping[str, Node], place: Place) -> tuple[str | None, str | None]:
    subject = text(said.get("subject"), place.log, longest=LONGEST_SUBJECT)
    return subject, text(said.get("template"), place.log, longest=100)


def _spots(said: Mapping[str, Node]) -> dict[str, Spot]:
    return {part: said[part].spot for part in ("subject", "template") if part in said}


def _spot(said: Mapping[str, Node], verb: str, node: Table) -> Spot:
    return said[verb].spot if verb in said else node.spot


def _content(node: Node | None, place: Place) -> str | None:
    found = scalar(node, place.log, "an id of content.yaml")
    if found is None:
        return None
    content = place.catalogue.get(found.text)
    if content is None:
        hint = did_you_mean(found.text, place.catalogue, otherwise="describe it in content.yaml")
        place.log.add(Code.UNKNOWN_CONTENT, found.spot, f'unknown content "{found.text}"', hint)
        return None
    if place.language and content.translation(place.language) is None:
        message = f'"{found.text}" has no translation in the language of the campaign, "{place.language}"'
        place.log.add(Code.NO_TRANSLATION, found.spot, message, "write it in content.yaml")
    return found.text


def _variants(node: Node | None, place: Place) -> tuple[tuple[Variant, ...], dict[str, Spot]]:
    if node is None:
        return (), {}
    entries = named(node, place.log, "variants")
    read = [_variant(key, value, place) for key, value in entries]
    variants = tuple(variant for variant in read if variant is not None)
    total = sum(variant.share for variant in variants)
    if entries and len(variants) == len(entries) and total != WHOLE:
        place.log.add(
            Code.BAD_SHARES, entries[0][0].spot, f"the shares of the variants make {total / 100:g}%, not 100%"
        )
    return variants, {key.text: value.spot for key, value in entries}


def _variant(key: Scalar, node: Node, place: Place) -> Variant | None:
    said = table(node, place.log, "a variant", required=("share",), optional=("subject",)) or {}
    share = percent(said.get("share"), place.log)
    subject = text(said.get("subject"), place.log, longest=LONGEST_SUBJECT)
    return None if share is None else Variant(key.text, share, subject)


def _wait(node: Table, place: Place) -> Draft | None:
    value = node.get("wait")
    if isinstance(value, Table):
        return _wait_until(node, place)
    if node.get("for") is not None or node.get("else") is not None:
        return _wait_for(node, place)
    said = table(node, place.log, '"wait"', required=("wait",), optional=("id",)) or {}
    if isinstance(value, Scalar) and value.text.startswith(UP_TO):
        place.log.add(Code.MISSING_KEY, value.spot, f'"{value.text}" needs "for": what does it wait for?')
        return None
    step = Wait("", span(said.get("wait"), place.log) or NO_TIME, line=node.spot.line)
    return Plain(step, _spot(said, "wait", node), name(said.get("id"), place.log))


def _wait_for(node: Table, place: Place) -> Draft | None:
    said = table(node, place.log, '"wait"', required=("wait", "for"), optional=("else", "id")) or {}
    longest = span(said.get("wait"), place.log, prefix=UP_TO) or NO_TIME
    condition = parse(said.get("for"), place.vocabulary, place.log) or NEVER
    step = WaitFor("", longest, condition, line=node.spot.line)
    inner = read_steps(said.get("else"), place)
    return Listen(step, _spot(said, "wait", node), inner, name(said.get("id"), place.log))


def _wait_until(node: Table, place: Place) -> Draft | None:
    said = table(node, place.log, '"wait"', required=("wait",), optional=("id",)) or {}
    until = (table(said.get("wait"), place.log, '"wait"', required=("until",)) or {}).get("until")
    what = table(until, place.log, '"until"', required=("webinar", "at")) or {}
    webinar = _webinar(what.get("webinar"), place)
    at = choice(what.get("at"), place.log, tuple(Edge), '"start" or "end"')
    step = WaitUntil("", webinar or "", Edge(at) if at else Edge.END, line=node.spot.line)
    return Plain(step, _spot(said, "wait", node), name(said.get("id"), place.log))


def _webinar(node: Node | None, place: Place) -> str | None:
    found = _content(node, place)
    if found is None or node is None:
        return None
    content = place.catalogue[found]
    if content.kind not in EVENT_KINDS:
        place.log.add(Code.WRONG_KIND, node.spot, f'"{found}" is a {content.kind}, which has no date', "name a webinar")
    return found


def _when(node: Table, place: Place) -> Draft | None:
    said = table(node, place.log, '"when"', required=("when",), optional=("then", "else", "id")) or {}
    if not said.keys() & {"then", "else"}:
        place.log.add(Code.MISSING_KEY, node.spot, '"when" needs "then" or "else": steps to take')
    condition = parse(said.get("when"), place.vocabulary, place.log) or NEVER
    then, otherwise = (read_steps(said.get(way), place) for way in ("then", "else"))
    step = Branch("", condition, line=node.spot.line)
    return Fork(step, _spot(said, "when", node), then, otherwise, name(said.get("id"), place.log))


VERBS: Mapping[str, Callable[[Table, Place], Draft | None]] = {
    "send": _send,
    "relance": _relance,
    "wait": _wait,
    "when": _when,
}
