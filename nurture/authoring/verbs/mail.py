"""`send` and `relance`: steps that write to the contact."""

from collections.abc import Mapping

from nurture.authoring.drafts import Draft, Plain
from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Node, Scalar, Table
from nurture.authoring.problems import Code, Spot
from nurture.authoring.times import span
from nurture.authoring.values import choice, keyed, name, named, percent, text
from nurture.authoring.verbs.place import Place, content_of, spot_of
from nurture.core.ids import WHOLE
from nurture.core.program import Relance, Send, Variant
from nurture.core.winners import WinnerRule
from nurture.core.words import SignalKind

LONGEST_SUBJECT = 200
WINNER = "winner"
"""Stands among the variants and is none."""

DECIDING = ("clicked", "opened", "replied", "downloaded", "registered")
"""Signals by which a variant may win."""

SEND = Keys('"send"', required=("send",), optional=("id", "variants", "subject", "template"))
RELANCE = Keys('"relance"', required=("relance",), optional=("id", "template"))
VARIANT = Keys("a variant", required=("share",), optional=("subject",))
CHOOSING = Keys("winner", required=("by", "after", "sample"))


def send(node: Table, place: Place) -> Draft | None:
    """`send: content`, with variants, a subject or a template of its own."""
    said = keyed(node, place.log, SEND) or {}
    content = content_of(said.get("send"), place)
    subject, template = words_of(said, place)
    variants, spots = _variants(said.get("variants"), place)
    winner = _winner(said.get("variants"), place)
    step = Send(
        "", content or "", variants=variants, winner=winner, subject=subject, template=template, line=node.spot.line
    )
    return Plain(step, spot_of(said, "send", node), name(said.get("id"), place.log), {**spots_of(said), **spots})


def relance(node: Table, place: Place) -> Draft | None:
    """`relance: content`."""
    said = keyed(node, place.log, RELANCE) or {}
    content = content_of(said.get("relance"), place)
    template = text(said.get("template"), place.log, longest=100)
    step = Relance("", content or "", template=template, line=node.spot.line)
    return Plain(step, spot_of(said, "relance", node), name(said.get("id"), place.log), spots_of(said))


def words_of(said: Mapping[str, Node], place: Place) -> tuple[str | None, str | None]:
    """The subject and the template that a step gives its mail."""
    subject = text(said.get("subject"), place.log, longest=LONGEST_SUBJECT)
    return subject, text(said.get("template"), place.log, longest=100)


def spots_of(said: Mapping[str, Node]) -> dict[str, Spot]:
    """Where it gives them."""
    return {part: said[part].spot for part in ("subject", "template") if part in said}


def _variants(node: Node | None, place: Place) -> tuple[tuple[Variant, ...], dict[str, Spot]]:
    if node is None:
        return (), {}
    entries = [(key, value) for key, value in named(node, place.log, "variants") if key.text != WINNER]
    read = [_variant(key, value, place) for key, value in entries]
    variants = tuple(variant for variant in read if variant is not None)
    total = sum(variant.share for variant in variants)
    if entries and len(variants) == len(entries) and total != WHOLE:
        place.log.add(
            Code.BAD_SHARES, entries[0][0].spot, f"the shares of the variants make {total / 100:g}%, not 100%"
        )
    return variants, {key.text: value.spot for key, value in entries}


def _winner(node: Node | None, place: Place) -> WinnerRule | None:
    """`winner: {by: clicked, after: 48 hours, sample: 20%}` beside the variants."""
    value = node.get(WINNER) if isinstance(node, Table) else None
    if value is None:
        return None
    said = keyed(value, place.log, CHOOSING) or {}
    by = choice(said.get("by"), place.log, DECIDING, "a signal that can decide")
    after, sample = span(said.get("after"), place.log), percent(said.get("sample"), place.log)
    if "sample" in said and sample is not None and not 0 < sample < WHOLE:
        place.log.add(Code.BAD_VALUE, said["sample"].spot, "a sample is more than nobody and less than everybody")
    return WinnerRule(SignalKind(by), after, sample) if by and after and sample else None


def _variant(key: Scalar, node: Node, place: Place) -> Variant | None:
    said = keyed(node, place.log, VARIANT) or {}
    share = percent(said.get("share"), place.log)
    subject = text(said.get("subject"), place.log, longest=LONGEST_SUBJECT)
    return None if share is None else Variant(key.text, share, subject)
