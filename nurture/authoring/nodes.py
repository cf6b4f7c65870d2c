"""What a YAML file says, with the place of every word: scalars, lists and mappings, nothing else."""

import re
from dataclasses import dataclass, replace
from typing import TypeAlias

from nurture.authoring.problems import Spot


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value, always as text. `raw` is how the file has it (quotes, folded lines); only plain text may be null."""

    text: str
    spot: Spot
    raw: str = ""
    style: str = ""

    @property
    def is_null(self) -> bool:
        """Nothing written, `~` or `null`."""
        return not self.style and self.text in ("", "~", "null")

    def spot_of(self, start: int, end: int) -> Spot:
        """The place in the file of `text[start:end]`."""
        places = source_offsets(self.text, self.raw, self.style)
        begin = places[min(start, len(places) - 1)]
        before = self.raw[:begin]
        line = before.count("\n")
        column = begin - before.rfind("\n") if line else self.spot.column + begin
        stop = places[min(end, len(places) - 1)]
        length = len(self.raw[begin:stop].split("\n", 1)[0].rstrip())
        return replace(self.spot, line=self.spot.line + line, column=column, length=max(1, length))


@dataclass(frozen=True, slots=True)
class Listing:
    """`- a` or `[a, b]`."""

    items: tuple["Node", ...]
    spot: Spot


@dataclass(frozen=True, slots=True)
class Table:
    """`key: value`, in the file's order; no key comes twice."""

    items: tuple[tuple[Scalar, "Node"], ...]
    spot: Spot

    def get(self, name: str) -> "Node | None":
        """The value of a key."""
        return next((value for key, value in self.items if key.text == name), None)

    def key(self, name: str) -> Scalar | None:
        """The key itself, for its place."""
        return next((key for key, _ in self.items if key.text == name), None)


Node: TypeAlias = Scalar | Listing | Table


def source_offsets(text: str, raw: str, style: str) -> list[int]:
    """Where in `raw` each character of `text` stands, then where the text ends."""
    at = _first(raw, style)
    places = []
    for char in text:
        at = _find(char, raw, at, style)
        places.append(min(at, len(raw)))
        at += _width(raw, at, style)
    return [*places, min(at, len(raw))]


def _first(raw: str, style: str) -> int:
    """Past the opening quote, or past the line of `>` and `|`."""
    match style:
        case "'" | '"':
            return 1
        case "|" | ">":
            return raw.find("\n") + 1
        case _:
            return 0


_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\n\s*|.)", re.DOTALL)


def _find(char: str, raw: str, at: int, style: str) -> int:
    """Where `char` is written: line breaks and indentation may stand before it, folded away."""
    if char.isspace() and at < len(raw) and raw[at].isspace():
        return at
    while at < len(raw) and raw[at] != char:
        if style == '"' and raw[at] == "\\":
            if raw[at + 1 : at + 2] != "\n":
                return at
            at += _width(raw, at, style)
        elif raw[at].isspace():
            at += 1
        else:
            return at
    return at


def _width(raw: str, at: int, style: str) -> int:
    """How many characters of the file make the one at `at`."""
    if style == "'" and raw.startswith("''", at):
        return 2
    escape = _ESCAPE.match(raw, at) if style == '"' else None
    return len(escape[0]) if escape else 1
