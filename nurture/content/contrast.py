"""Words of a finished mail that are hard to read on what lies behind them, by the measure of WCAG 2.2 (1.4.3).

Colours are taken from inlined styles only. Where either colour is not known for certain (a picture, a colour word we do
not know, a link without a colour) nothing is said.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

from lxml import html as lxml_html  # type: ignore[import-untyped]

Colour: TypeAlias = tuple[int, int, int]

LEAST = 4.5
LEAST_OF_LARGE = 3.0
LARGE = 24.0
LARGE_BOLD = 18.66
"""Pixels from which words are large: 18 points, or 14 when bold."""

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
    found: dict[tuple[str, str], Faint] = {}
    if html.strip():
        _walk(lxml_html.document_fromstring(html), _Look(), found)
    return tuple(found.values())


@lru_cache(maxsize=256)
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


def _walk(element: lxml_html.HtmlElement, look: _Look, found: dict[tuple[str, str], Faint]) -> None:
    """Look at the words of an element, and of all within it."""
    _judge(element.text, look, found)
    for child in element:
        if isinstance(child.tag, str):
            said = (child.get("style", ""), child.get("bgcolor", ""), child.get("background", ""))
            _walk(child, _look(child.tag, *said, look), found)
        _judge(child.tail, look, found)


def _judge(text: str | None, look: _Look, found: dict[tuple[str, str], Faint]) -> None:
    if not text or look.hidden or not look.pixels or look.ink is None or look.paper is None:
        return
    if words := " ".join(text.split()):
        large = look.pixels >= LARGE or (look.bold and look.pixels >= LARGE_BOLD)
        least, ratio = LEAST_OF_LARGE if large else LEAST, contrast(look.ink, look.paper)
        if ratio < least:
            key = (look.ink_said, look.paper_said)
            found.setdefault(key, Faint(words, *key, ratio, least))


@lru_cache(maxsize=4096)
def _look(tag: str, style: str, bgcolor: str, background: str, outer: _Look) -> _Look:
    """What an element looks like within another: the mails of a layout ask the same of its tables again and again."""
    said = _declarations(style)
    look = replace(outer, hidden=outer.hidden or tag in _NO_WORDS or _is_hidden(said))
    if tag == "a" and "color" not in said:
        look = replace(look, ink=None)
    if tag in ("b", "strong", "h1", "h2", "h3", "h4", "th"):
        look = replace(look, bold=True)
    if (ink := said.get("color")) and ink != "inherit":
        look = replace(look, ink=colour_of(ink), ink_said=ink)
    paper = said.get("background-color") or said.get("background") or bgcolor
    if paper and paper not in ("none", "transparent", "inherit"):
        look = replace(look, paper=_paper(paper), paper_said=paper)
    if "background-image" in said or background:
        look = replace(look, paper=None)
    return replace(look, pixels=_pixels(said, look.pixels), bold=_bold(said, look.bold))


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
