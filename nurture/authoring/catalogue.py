"""content.yaml: every content that a campaign can send, with its translations and, for webinars, its date."""

from collections.abc import Mapping
from dataclasses import replace

from nurture.authoring.keys import Keys
from nurture.authoring.naming import EVENT_KINDS
from nurture.authoring.nodes import Listing, Node, Scalar
from nurture.authoring.places import LANGUAGES
from nurture.authoring.problems import Code, Log, did_you_mean
from nurture.authoring.times import moment
from nurture.authoring.values import flag, keyed, listing, name, named, scalar, text, web_address, zone
from nurture.core.program import Content, Translation

DEFAULT_ZONE = "Europe/Paris"

CONTENT_FILE = Keys("content.yaml", required=("contents",))
CONTENT = Keys(
    "a content",
    required=("kind", "stage", "translations"),
    optional=("personas", "starts", "ends", "timezone", "cancelled"),
)
TRANSLATIONS = Keys("translations", optional=LANGUAGES)
TRANSLATION = Keys("a translation", required=("title", "summary", "action"), optional=("bullets", "url", "asset"))


def read_catalogue(
    node: Node | None, log: Log, assets: frozenset[str], personas: frozenset[str] | None
) -> dict[str, Content]:
    """The contents by id. `assets` are the names of the files in campaigns/assets/, `personas` those of scoring.yaml
    (None when it cannot be read)."""
    root = keyed(node, log, CONTENT_FILE) or {}
    found = [_content(key, value, log, assets, personas) for key, value in named(root.get("contents"), log, "contents")]
    return {content.id: content for content in found if content is not None}


def _content(
    key: Scalar, node: Node, log: Log, assets: frozenset[str], personas: frozenset[str] | None
) -> Content | None:
    said = keyed(node, log, CONTENT)
    if said is None:
        return None
    kind = name(said.get("kind"), log) or ""
    content = Content(
        id=key.text,
        kind=kind,
        stage=name(said.get("stage"), log) or "",
        personas=_personas(said.get("personas"), log, personas),
        translations=_translations(said.get("translations"), log, assets),
    )
    return _dated(content, key, said, log)


def _personas(node: Node | None, log: Log, known: frozenset[str] | None) -> tuple[str, ...]:
    if node is None:
        return ()
    items = node.items if isinstance(node, Listing) else (node,)
    return tuple(each for item in items if (each := _persona(item, log, known)))


def _persona(node: Node, log: Log, known: frozenset[str] | None) -> str | None:
    found = scalar(node, log, "a persona of scoring.yaml")
    if found is None or known is None or found.text in known:
        return found.text if found else None
    hint = did_you_mean(found.text, known, otherwise="describe it in scoring.yaml")
    log.add(Code.UNKNOWN_VALUE, found.spot, f'unknown persona "{found.text}"', hint)
    return None


def _dated(content: Content, key: Scalar, said: Mapping[str, Node], log: Log) -> Content:
    """Webinars need a start and an end; nothing else has them."""
    if content.kind not in EVENT_KINDS:
        for each in ("starts", "ends", "timezone", "cancelled"):
            if each in said:
                log.add(Code.WRONG_KIND, said[each].spot, f'a {content.kind} has no "{each}": only webinars have dates')
        return content
    if flag(said.get("cancelled"), log):
        return content  # its date is kept in the file, and heeded no more
    local = zone(said["timezone"], log) if "timezone" in said else DEFAULT_ZONE
    starts, ends = (moment(said.get(each), log, local or DEFAULT_ZONE) for each in ("starts", "ends"))
    if "starts" not in said or "ends" not in said:
        log.add(Code.NO_DATE, key.spot, f'the webinar "{key.text}" needs "starts" and "ends"', "as in 2027-01-21 14:00")
    elif starts and ends and starts >= ends:
        log.add(Code.BAD_VALUE, said["ends"].spot, "the webinar ends before it starts")
    return replace(content, starts_at=starts, ends_at=ends)


def _translations(node: Node | None, log: Log, assets: frozenset[str]) -> tuple[Translation, ...]:
    said = keyed(node, log, TRANSLATIONS) or {}
    return tuple(_translation(each, value, log, assets) for each, value in said.items())


def _translation(language: str, node: Node, log: Log, assets: frozenset[str]) -> Translation:
    said = keyed(node, log, TRANSLATION) or {}
    if "url" not in said and "asset" not in said and said:
        log.add(Code.MISSING_KEY, node.spot, 'a translation needs "url" or "asset": where does its button lead?')
    if "url" in said and "asset" in said:
        log.add(
            Code.BAD_VALUE, said["asset"].spot, 'both "url" and "asset" are given', "keep the one the button leads to"
        )
    return Translation(
        language=language,
        title=text(said.get("title"), log, longest=150) or "",
        summary=text(said.get("summary"), log) or "",
        action=text(said.get("action"), log, longest=60) or "",
        url=web_address(said.get("url"), log),
        asset=_asset(said.get("asset"), log, assets),
        bullets=tuple(each for item in _items(said.get("bullets"), log) if (each := text(item, log, longest=300))),
    )


def _items(node: Node | None, log: Log) -> tuple[Node, ...]:
    return listing(node, log, "bullets") if node is not None else ()


def _asset(node: Node | None, log: Log, assets: frozenset[str]) -> str | None:
    found = scalar(node, log, "a file of campaigns/assets/")
    if found is None:
        return None
    if found.text not in assets:
        hint = did_you_mean(found.text, assets, otherwise="put the file there")
        log.add(Code.NO_ASSET, found.spot, f'"{found.text}" is not in campaigns/assets/', hint)
        return None
    return found.text
