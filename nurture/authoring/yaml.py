"""YAML 1.2 as campaign files use it: no aliases, tags or repeated keys, every value a text with its place.

libyaml scans and parses, where this Python has it, at ten times the speed of ruamel.yaml; what libyaml does not take is read
by ruamel.yaml, which says why. Both give the same events, a test holds them to it, and the tree is built here from these,
without recursion. Scalars stay texts, because the reader of a value knows what it must be: `NO` is a country, `09:00-17:30`
a window, and neither ever turns into a guess.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, TypeAlias

import yaml as libyaml
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from nurture.authoring.nodes import Listing, Node, Scalar, Table
from nurture.authoring.problems import Code, Log, Problem, Spot

LARGEST = 1_000_000
"""Bytes of one file."""
DEEPEST = 40
MOST_VALUES = 50_000
"""Keys and values of one file: some two thousand contents, or as many steps as nobody writes."""
MOST_KEPT = 512
"""Files whose trees are kept: more than a project has, for `preview` reads all of them at each edit of one."""

_REFUSED_CHARACTER = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)

_READ_OTHERWISE = re.compile(
    r"\t|^(?:---|\.\.\.)|(?:^[ -]*|[\[{,] *)\?|[|>][-+\d]*(?:#|(?: +#[^\n]*| *)\n+ *(?:#| $))", re.MULTILINE
)
"""Where libyaml is laxer than ruamel.yaml, or counts otherwise: tabs, marks of documents, keys after a question mark, and
texts after `|` or `>` that begin with a comment or a line of spaces."""


Loaded: TypeAlias = tuple[Node | None, tuple[Problem, ...]]
"""A file's tree, and what is wrong with it."""


class _Refused(Exception):
    """The rest of the file cannot be understood; the reason is in the log."""


def load(file: str, text: str, log: Log) -> Node | None:
    """The file's tree; None, with the reason in the log, when there is none."""
    root, problems = _loaded(file, text)
    log.problems.extend(problems)
    return root


@lru_cache(maxsize=MOST_KEPT)
def _loaded(file: str, text: str) -> Loaded:
    """Files are read again for each edit of another, and for each version that is still pinned."""
    text, log = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff"), Log()
    try:
        _check_text(file, text, log)
    except _Refused:
        return None, tuple(log.problems)
    return read_fast(file, text) or read(file, text)


def read_fast(file: str, text: str) -> Loaded | None:
    """What libyaml reads; None when there is no libyaml, or when the text is not for it."""
    if not libyaml.__with_libyaml__ or _READ_OTHERWISE.search(text):
        return None
    builder = _Builder(file, text, Log())
    with suppress(_Refused, libyaml.YAMLError):
        return builder.built(libyaml.parse(text, Loader=libyaml.CSafeLoader))
    return None


def read(file: str, text: str) -> Loaded:
    """What ruamel.yaml reads, or why it does not."""
    builder = _Builder(file, text, Log())
    try:
        return builder.built(_events(builder))
    except _Refused:
        return None, tuple(builder.log.problems)


def is_text(file: str, text: str, log: Log) -> bool:
    """Whether a file, read with its wrong bytes as lone surrogates, is UTF-8 text of a size to be taken seriously."""
    if len(text.encode("utf-8", "surrogateescape" if _only_bytes(text) else "replace")) > LARGEST:
        log.add(Code.TOO_LARGE, Spot(file), "the file is larger than 1 MB", "split it into several files")
        return False
    if bad := re.search("[\ud800-\udfff]", text):
        spot = _spot_at(file, text, bad.start())
        log.add(Code.NOT_UTF8, spot, "the file is not UTF-8 text", "save it again with the encoding UTF-8")
        return False
    return True


def _check_text(file: str, text: str, log: Log) -> None:
    if not is_text(file, text, log):
        raise _Refused
    if bad := refused_character(text):
        spot = _spot_at(file, text, bad.start())
        log.add(Code.BAD_YAML, spot, f"an invisible character (U+{ord(bad[0]):04X}) stands here", "delete it")
        raise _Refused


def refused_character(text: str) -> re.Match[str] | None:
    """The first character that YAML 1.2 does not allow, or that ends a line for some and not for others."""
    return _REFUSED_CHARACTER.search(text)


def _only_bytes(text: str) -> bool:
    """Whether every lone surrogate stands for a byte that was no UTF-8."""
    return not re.search("[\ud800-\udc7f\udd00-\udfff]", text)


def _spot_at(file: str, text: str, offset: int) -> Spot:
    before = text[:offset]
    return Spot(file, before.count("\n") + 1, offset - before.rfind("\n"))


def _events(builder: "_Builder") -> Iterator[Any]:
    try:
        yield from YAML(typ="safe", pure=True).parse(builder.text)
    except MarkedYAMLError as error:
        builder.refuse(error)
    except (YAMLError, ValueError, OverflowError) as error:
        builder.log.add(Code.BAD_YAML, builder.last, f"YAML cannot read this file: {str(error).splitlines()[0]}")
        raise _Refused from error


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    spot: Spot
    is_table: bool
    items: list[Any] = field(default_factory=list)
    key: Scalar | None = None
    names: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Builder:
    file: str
    text: str
    log: Log
    root: Node | None = None
    stack: list[_Open] = field(default_factory=list)
    documents: int = 0
    quoted: Spot | None = None
    """Where the last text in quotes opened, when it ran over several lines."""
    quoted_until: int = -1
    values: int = 0
    last: Spot = field(init=False)

    def __post_init__(self) -> None:
        self.last = Spot(self.file)

    def built(self, events: Iterable[Any]) -> Loaded:
        """The tree of a whole file. Raises _Refused."""
        for event in events:
            self._take(event)
        if self.root is None:
            self.log.add(Code.WRONG_SHAPE, Spot(self.file), "the file is empty")
        return self.root, tuple(self.log.problems)

    def _take(self, event: Any) -> None:
        """One event, of either parser: their classes are two, of the same names."""
        kind = type(event).__name__
        self._check(event, kind)
        match kind:
            case "ScalarEvent":
                self._place(self._scalar(event))
            case "MappingStartEvent" | "SequenceStartEvent":
                self._open(event, kind)
            case "MappingEndEvent" | "SequenceEndEvent":
                self._close()
            case "DocumentStartEvent":
                self._begin(event)

    def _check(self, event: Any, kind: str) -> None:
        if kind == "AliasEvent" or getattr(event, "anchor", None):
            sign = "*" if kind == "AliasEvent" else "&"
            self._stop(Code.REFUSED_YAML, event, f'"{sign}" is not used here: write the value out where it is needed')
        if getattr(event, "tag", None):
            self._stop(Code.REFUSED_YAML, event, 'tags like "!name" are not used here', "put the text in quotes")

    def _begin(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop(Code.REFUSED_YAML, event, "a second document begins here", "one file holds one campaign")

    def _open(self, event: Any, kind: str) -> None:
        if self.stack and self.stack[-1].is_table and self.stack[-1].key is None:
            self._stop(Code.REFUSED_YAML, event, "a key must be a plain text")
        if len(self.stack) >= DEEPEST:
            self._stop(Code.REFUSED_YAML, event, "this is nested too deeply")
        self.stack.append(_Open(self._spot(event), kind == "MappingStartEvent"))

    def _close(self) -> None:
        done = self.stack.pop()
        node = (Table if done.is_table else Listing)(tuple(done.items), done.spot)
        self._place(node)

    def _place(self, node: Node) -> None:
        self.values += 1
        if self.values > MOST_VALUES:
            said = f"the file holds more than {MOST_VALUES:,} keys and values"
            self.log.add(Code.TOO_LARGE, Spot(self.file), said, "split it into several files")
            raise _Refused
        if not self.stack:
            self.root = node
            return
        into = self.stack[-1]
        if not into.is_table:
            into.items.append(node)
        elif into.key is None and isinstance(node, Scalar):
            into.key = self._key(into, node)
        else:
            self._pair(into, node)

    def _pair(self, into: _Open, node: Node) -> None:
        key, into.key = into.key, None
        assert key is not None
        if isinstance(node, Scalar) and node.is_null:
            node = replace(node, spot=key.spot)  # nothing is written: its place may be past the end of the file
        if key.text not in into.names:
            into.names.add(key.text)
            into.items.append((key, node))

    def _key(self, into: _Open, key: Scalar) -> Scalar:
        if key.text in into.names:
            self.log.add(Code.DUPLICATE_KEY, key.spot, f'"{key.text}" is already given above', "keep one of the two")
        return key

    def _scalar(self, event: Any) -> Scalar:
        raw = self.text[event.start_mark.index : event.end_mark.index]
        if event.style in ("'", '"') and "\n" in raw:
            self.quoted, self.quoted_until = self._spot(event), event.end_mark.line
        return Scalar(event.value, self._spot(event), raw, event.style or "")

    def _spot(self, event: Any) -> Spot:
        mark = event.start_mark
        raw = self.text[mark.index : event.end_mark.index]
        self.last = Spot(self.file, mark.line + 1, mark.column + 1, max(1, len(raw.split("\n", 1)[0])))
        return self.last

    def _stop(self, code: Code, event: Any, message: str, hint: str = "") -> None:
        self.log.add(code, self._spot(event), message, hint)
        raise _Refused

    def refuse(self, error: MarkedYAMLError) -> None:
        """The parser gave up: say it in an author's words, at the place that explains it."""
        problem = str(error.problem or error.context or "")
        opening = str(error.context or "")
        if self.quoted is not None and error.problem_mark is not None and error.problem_mark.line == self.quoted_until:
            self.log.add(Code.BAD_YAML, self.quoted, "the quote that opens here is not closed where its text ends")
            raise _Refused from error
        for pattern, code, at_opening, message in _SENTENCES:
            if found := re.search(pattern, f"{problem} | {opening}"):
                mark = error.context_mark if at_opening and error.context_mark else error.problem_mark
                self.log.add(code, self._mark(mark), message.format(*found.groups()))
                raise _Refused from error
        self.log.add(Code.BAD_YAML, self._mark(error.problem_mark), f"YAML cannot read this: {problem}")
        raise _Refused from error

    def _mark(self, mark: Any) -> Spot:
        if mark is None:
            return self.last
        lines = self.text.split("\n")
        line = min(mark.line, len(lines) - 1)
        while line and not lines[line].strip():
            line -= 1  # the parser saw it only at the end: point at the last words
        column = mark.column + 1 if line == mark.line else len(lines[line])
        return Spot(self.file, line + 1, max(1, column))


_SENTENCES = (
    (r"character '\\t'", Code.TAB, False, "a tab stands here; indent with spaces"),
    (r"character ('.'|\".\") that cannot start", Code.BAD_YAML, False, "text cannot begin with {0}; put it in quotes"),
    (r"mapping values are not allowed", Code.BAD_YAML, False,
     'a ":" is not expected here; put the text in quotes, or mend the indentation'),
    (r"quoted scalar", Code.BAD_YAML, True, "the text that opens here with a quote is not closed or not well written"),
    (r"flow (sequence|mapping|node)", Code.BAD_YAML, True, "the bracket that opens here is not closed properly"),
    (r"expected <block end>|sequence entries are not allowed", Code.BAD_YAML, False,
     "this line does not fit the indentation of those above"),
    (r"expected ':'|expected <document start>", Code.BAD_YAML, True, 'this is neither "key: value" nor "- item"'),
)  # fmt: skip
"""(what ruamel.yaml says, code, whether to point at the opening, our sentence)"""
