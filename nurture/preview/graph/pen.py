"""The strokes of the drawing: words, ways with round corners, icons."""

from collections.abc import Sequence
from html import escape

from nurture.preview.graph.layout import Line, Point


def text(x: float, y: float, words: str, look: str) -> str:
    """One line of words."""
    return f'<text class="{look}" x="{x:g}" y="{y:g}">{escape(words)}</text>'


def way(line: Line, dx: float, dy: float) -> str:
    """A way with its arrow and its words, moved by so much."""
    points = [(x + dx, y + dy) for x, y in line.points]
    arrow = ' marker-end="url(#nurture-arrow)"' if line.arrow else ""
    path = f'<path class="way" d="{_rounded(points)}"{arrow}/>'
    if not line.label:
        return path
    x, y = line.label_at[0] + dx, line.label_at[1] + dy
    return path + text(x, y, line.label, "turn end" if line.ends else "turn")


def _rounded(points: Sequence[Point], radius: float = 9) -> str:
    """A path whose corners are round, as far as its pieces are long enough."""
    said = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        r = min(radius, _length(before, here) / 2, _length(here, after) / 2)
        a, b = _towards(here, before, r), _towards(here, after, r)
        said.append(f"L{a[0]:g} {a[1]:g}Q{here[0]:g} {here[1]:g} {b[0]:g} {b[1]:g}")
    said.append(f"L{points[-1][0]:g} {points[-1][1]:g}")
    return "".join(said)


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _towards(a: Point, b: Point, by: float) -> Point:
    whole = _length(a, b)
    return a if not whole else (a[0] + (b[0] - a[0]) * by / whole, a[1] + (b[1] - a[1]) * by / whole)


_ICONS = {
    "mail": "M2 4.5h12v8H2zM2 5l6 4.5L14 5",
    "relance": "M6 4 2.5 7.5 6 11M3 7.5h6.5a4 4 0 0 1 4 4V12",
    "wait": "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 5v3l2 1.5",
    "listen": "M4 2.5h8M4 13.5h8M5 2.5c0 3.5 6 4.5 6 11M11 2.5c0 3.5-6 4.5-6 11",
    "date": "M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.5v3M10.5 2.5v3",
    "branch": "M8 13.5V9L3.5 5.5V3M8 9l4.5-3.5V3",
    "advance": "M2.5 8h10M9 4.5 12.5 8 9 11.5",
    "sales": "M8 2.5 9.7 6l3.8.5-2.8 2.7.7 3.8L8 11.2 4.6 13l.7-3.8L2.5 6.5 6.3 6Z",
    "note": "M2.5 7.5V2.5h5l6 6-5 5ZM5 5h.1",
    "move": "M3 13V6a3 3 0 0 1 3-3h6M9 0.500 12.500 3 9 5.500",
    "leave": "M9 2.5H3v11h6M6.500 8H14M11.500 5.500 14 8l-2.500 2.500",
    "people": "M8 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM3 13.5c.5-5 9.5-5 10 0",
    "other": "M8 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z",
}


def icon(kind: str, x: float, y: float) -> str:
    """The icon of a kind, 16 wide and high."""
    return f'<path class="icon" transform="translate({x:g} {y:g})" d="{_ICONS.get(kind, _ICONS["other"])}"/>'
