"""segments.yaml: conditions with a name, which other conditions may ask for: `in segment("banks-idle")`.

A segment may be made of others, in whatever order the file has them, but not of itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from lark import Token

from nurture.authoring.conditions import parse
from nurture.authoring.grammar import NotACondition, tree_of
from nurture.authoring.keys import Keys
from nurture.authoring.naming import text_of
from nurture.authoring.nodes import Node, Scalar, Table
from nurture.authoring.places import LANGUAGES
from nurture.authoring.problems import Code, Log, Spot
from nurture.authoring.values import keyed, named, text
from nurture.authoring.vocabulary import Special, Vocabulary
from nurture.core.conditions import NEVER, Condition
from nurture.core.segments import Segment

SEGMENTS_FILE = Keys("segments.yaml", required=("segments",))
SEGMENT = Keys("a segment", required=("when",), optional=("name",))
TITLES = Keys("the name of a segment", optional=LANGUAGES)


@dataclass(slots=True)
class SegmentsFile:
    """What segments.yaml says, and where each condition is written."""

    segments: dict[str, Segment] = field(default_factory=dict)
    spots: dict[str, Spot] = field(default_factory=dict)

    @property
    def conditions(self) -> Mapping[str, Condition]:
        """What each segment asks."""
        return {name: segment.when for name, segment in self.segments.items()}


def read_segments(node: Node | None, log: Log, vocabulary: Vocabulary) -> SegmentsFile:
    """The segments; `vocabulary` is that of any condition outside of campaigns, which alone have stages."""
    if node is None:
        return SegmentsFile()
    root = keyed(node, log, SEGMENTS_FILE) or {}
    listed = named(root.get("segments"), log, "segments") if "segments" in root else []
    known = replace(vocabulary, specials=frozenset(Special) - {Special.STAGE})
    reader = _Reader({key.text: value for key, value in listed}, known, log)
    for name in reader.written:
        reader.read(name)
    return SegmentsFile(reader.found, reader.spots)


SHOWN = 6
"""Segments of a way round that a message names."""

Asked: TypeAlias = Iterator[tuple[str, Spot]]


class _Reader:
    """Reads each segment after those it is made of. Without recursion: a file may hold a chain of thousands."""

    def __init__(self, written: Mapping[str, Node], vocabulary: Vocabulary, log: Log) -> None:
        self.written = written
        self.conditions: dict[str, Condition] = dict.fromkeys(written, NEVER)  # nobody is in one that goes round
        self.vocabulary = replace(vocabulary, segments=self.conditions)
        self.log = log
        self.found: dict[str, Segment] = {}
        self.spots: dict[str, Spot] = {}

    def read(self, name: str) -> None:
        """This segment, and before it all that it needs."""
        path: dict[str, Asked] = {} if name in self.found else {name: _asked(self._when(name))}
        while path:
            inner = next(reversed(path))
            missing = self._next_missing(path[inner], path)
            if missing is None:
                del path[inner]
                self._finish(inner)
            else:
                path[missing] = _asked(self._when(missing))

    def _next_missing(self, asked: Asked, path: Mapping[str, Asked]) -> str | None:
        for name, spot in asked:
            if name in path:
                self._goes_round(list(path), name, spot)
            elif name in self.written and name not in self.found:
                return name
        return None

    def _when(self, name: str) -> Node | None:
        node = self.written[name]
        return node.get("when") if isinstance(node, Table) else node

    def _finish(self, name: str) -> None:
        node, when = self.written[name], self._when(name)
        said: Mapping[str, Node] = {}
        if not isinstance(node, Scalar):
            said = keyed(node, self.log, SEGMENT) or {}
        asked = node if isinstance(node, Scalar) else said.get("when")
        self.conditions[name] = parse(asked, self.vocabulary, self.log) or NEVER
        self.found[name] = Segment(name, self.conditions[name], _titles(said.get("name"), self.log))
        self.spots[name] = node.spot if when is None else when.spot

    def _goes_round(self, path: list[str], name: str, spot: Spot) -> None:
        way = [*path[path.index(name) :], name]
        shown = way if len(way) <= SHOWN else [*way[: SHOWN - 2], "…", name]
        message = f'"{name}" is made of itself: {" → ".join(shown)}'
        self.log.add(Code.SEGMENT_OF_ITSELF, spot, message, "take one of these out")


def _asked(when: Node | None) -> Asked:
    """The segments that the text of a condition names, and where."""
    if not isinstance(when, Scalar):
        return
    try:
        tree = tree_of(when.text)
    except NotACondition:
        return
    for member in tree.find_data("member"):
        for token in member.scan_values(lambda value: isinstance(value, Token) and value.type == "STRING"):
            if name := text_of(token):
                yield name, when.spot_of((token.start_pos or 0) + 1, (token.end_pos or 0) - 1)


def _titles(node: Node | None, log: Log) -> dict[str, str]:
    if node is None:
        return {}
    if not isinstance(node, Table):
        words = text(node, log, longest=100)
        return dict.fromkeys(LANGUAGES, words) if words else {}
    said = keyed(node, log, TITLES) or {}
    return {each: words for each in LANGUAGES if (words := text(said.get(each), log, longest=100))}
