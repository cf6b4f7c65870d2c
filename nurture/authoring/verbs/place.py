"""What a step may refer to, and how its parts are read."""

from collections.abc import Mapping
from dataclasses import dataclass

from nurture.authoring.drafts import Plain, Single
from nurture.authoring.naming import EVENT_KINDS
from nurture.authoring.nodes import Node, Table
from nurture.authoring.problems import Code, Log, Spot, did_you_mean, one_of
from nurture.authoring.values import name, scalar
from nurture.authoring.vocabulary import Vocabulary
from nurture.core.program import Content
from nurture.core.teams import Team


@dataclass(frozen=True, slots=True)
class Place:
    """What the steps of one campaign may refer to."""

    vocabulary: Vocabulary
    catalogue: Mapping[str, Content]
    teams: Mapping[str, Team]
    language: str
    log: Log


def plain(step: Single, said: Mapping[str, Node], verb: str, node: Table, log: Log) -> Plain:
    """A step without steps within, at the value of its verb."""
    return Plain(step, spot_of(said, verb, node), name(said.get("id"), log))


def spot_of(said: Mapping[str, Node], verb: str, node: Table) -> Spot:
    """Where a step says what it is about."""
    return said[verb].spot if verb in said else node.spot


def content_of(node: Node | None, place: Place) -> str | None:
    """An id of content.yaml, which must be written in the campaign's language."""
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


def webinar_of(node: Node | None, place: Place) -> str | None:
    """An id of content.yaml that has a date."""
    found = content_of(node, place)
    if found is None or node is None:
        return None
    content = place.catalogue[found]
    if content.kind not in EVENT_KINDS:
        place.log.add(Code.WRONG_KIND, node.spot, f'"{found}" is a {content.kind}, which has no date', "name a webinar")
    return found


def among(
    node: Node | None, log: Log, known: Mapping[str, object] | tuple[str, ...], code: Code, what: str
) -> str | None:
    """A name of something that the files describe elsewhere."""
    found = scalar(node, log, f"a {what}")
    if found is None:
        return None
    if found.text not in known:
        hint = did_you_mean(found.text, known, otherwise=one_of(known) if known else "")
        log.add(code, found.spot, f'unknown {what} "{found.text}"', hint)
        return None
    return found.text
