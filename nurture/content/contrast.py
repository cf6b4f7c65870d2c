"""Words of a finished mail that are hard to read on what lies behind them, by the measure of WCAG 2.2 (1.4.3).

Colours are taken from inlined styles only. Where either colour is not known for certain (a picture, a colour word we do
not know, a link without a colour) nothing is said.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]

LEAST = 4.5
LEAST_OF_LARGE = 3.0
LARGE = 24.0
LARGE_BOLD = 18.66
"""Pixels from which words are large: 18 points, or 14 when bold."""

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_NO_WORDS = frozenset({"title", "style", "script", "head"})
_NAMED: Mapping[str, Colour] = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "red": (255, 0, 0),
    "blue": (0, 0, 255),
    "green": (0, 128, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "yellow": (255, 255, 0),
}
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})(?![0-9a-f])")
_RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)")
_PIXELS = re.compile(r"(\d+(?:\.\d+)?)px")


@dataclass(frozen=True, slots=True)
class Faint:
    """Words too near in colour to what is behind them. `ink` and `paper` are written as the mail writes them."""

    words: str
    ink: str
    paper: str
    ratio: float
    least: float


@dataclass(frozen=True, slots=True)
class _Look:
    """What an element's words look like; a colour is None where it is not known."""

    ink: Colour | None = (0, 0, 0)
    paper: Colour | None = (255, 255, 255)
    ink_said: str = "black"
    paper_said: str = "white"
    pixels: float = 16.0
    bold: bool = False
    hidden: bool = False


def faint_words(html: str) -> tuple[Faint, ...]:
    """Each pair of colours under the least contrast, once, with the first words that show it."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return tuple(reader.found.values())


def contrast(one: Colour, other: Colour) -> float:
    """WCAG's ratio of relative luminances, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def colour_of(words: str) -> Colour | None:
    """The colour that CSS words name; None for what is none, or is not certain."""
    said = words.strip().lower()
    if _HEX.fullmatch(said):
        digits = said[1:] if len(said) == 7 else "".join(digit * 2 for digit in said[1:])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if rgb := _RGB.fullmatch(said):
        red, green, blue = (min(int(part), 255) for part in rgb.groups())
        return red, green, blue
    return _NAMED.get(said)


class _Reader(HTMLParser):
    """Walks through a mail, keeping what each open element looks like."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[tuple[str, _Look]] = [("", _Look())]
        self.found: dict[tuple[str, str], Faint] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            said = {name: value or "" for name, value in attrs}
            self.looks.append((tag, _look(tag, said, self.looks[-1][1])))

    def handle_endtag(self, tag: str) -> None:
        if any(opened == tag for opened, _ in self.looks):
            while self.looks.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        look, words = self.looks[-1][1], " ".join(data.split())
        if look.hidden or not look.pixels or not words or look.ink is None or look.paper is None:
            return
        large = look.pixels >= LARGE or (look.bold and look.pixels >= LARGE_BOLD)
        least, ratio = LEAST_OF_LARGE if large else LEAST, contrast(look.ink, look.paper)
        if ratio < least:
            key = (look.ink_said, look.paper_said)
            self.found.setdefault(key, Faint(words, *key, ratio, least))


def _look(tag: str, said: Mapping[str, str], outer: _Look) -> _Look:
    style = _declarations(said.get("style", ""))
    look = replace(outer, hidden=outer.hidden or tag in _NO_WORDS or _is_hidden(style))
    if tag == "a" and "color" not in style:
        look = replace(look, ink=None)
    if tag in ("b", "strong", "h1", "h2", "h3", "h4", "th"):
        look = replace(look, bold=True)
    if (ink := style.get("color")) and ink != "inherit":
        look = replace(look, ink=colour_of(ink), ink_said=ink)
    paper = style.get("background-color") or style.get("background") or said.get("bgcolor") or ""
    if paper and paper not in ("none", "transparent", "inherit"):
        look = replace(look, paper=_paper(paper), paper_said=paper)
    if "background-image" in style or said.get("background"):
        look = replace(look, paper=None)
    return replace(look, pixels=_pixels(style, look.pixels), bold=_bold(style, look.bold))


def _paper(words: str) -> Colour | None:
    """`background: #fff none` has one colour in it; a picture has none that is known."""
    if "url(" in words or "gradient" in words:
        return None
    colours = [colour_of(word) for word in re.findall(r"rgb\([^)]*\)|\S+", words)]
    return next((colour for colour in colours if colour is not None), None)


def _declarations(style: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in style.split(";"))
    return {name.strip().lower(): value.replace("!important", "").strip().lower() for name, _, value in pairs}


def _is_hidden(style: Mapping[str, str]) -> bool:
    return style.get("display") == "none" or style.get("visibility") == "hidden"


def _pixels(style: Mapping[str, str], outer: float) -> float:
    size = _PIXELS.fullmatch(style.get("font-size", ""))
    return float(size[1]) if size else outer


def _bold(style: Mapping[str, str], outer: bool) -> bool:
    weight = style.get("font-weight", "")
    return outer if not weight else weight in ("bold", "bolder") or (weight.isdigit() and int(weight) >= 700)
