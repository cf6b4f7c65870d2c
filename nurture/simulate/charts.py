"""Charts as SVG: drawn here, coloured by the page's stylesheet, readable without a script or a network.

Each is an image with a name of its own; the figures stand in a table beside it. Widths are those of the viewBox, and the
page scales them; on a narrow screen a wide chart scrolls within its frame.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from nurture.simulate.intervals import Range

LEFT, RIGHT, TOP, BOTTOM = 46, 8, 12, 26
SERIES = 6
"""So many colours the stylesheet has; further series begin again."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A column: its label, its parts from the bottom up, and what is said of it."""

    label: str
    parts: Sequence[int]
    told: str


@dataclass(slots=True)
class Canvas:
    """Shapes of one drawing."""

    width: int
    height: int
    shapes: list[Markup] = field(default_factory=list)

    def rect(self, x: float, y: float, width: float, height: float, kind: str, told: str = "", **more: object) -> None:
        """A rectangle of a class of the stylesheet; `told` shows where a pointer rests."""
        title = Markup("<title>{}</title>").format(told) if told else Markup("")
        also = Markup(" ").join(Markup('{}="{}"').format(name.replace("_", "-"), value) for name, value in more.items())
        self.shapes.append(
            Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" {}>{}</rect>').format(
                kind, _n(x), _n(y), _n(max(width, 0)), _n(max(height, 0)), also, title
            )
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """A line."""
        self.shapes.append(
            Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, _n(x1), _n(y1), _n(x2), _n(y2))
        )

    def dot(self, x: float, y: float, radius: float, kind: str, told: str = "") -> None:
        """A dot."""
        title = Markup("<title>{}</title>").format(told) if told else Markup("")
        self.shapes.append(
            Markup('<circle class="{}" cx="{}" cy="{}" r="{}">{}</circle>').format(
                kind, _n(x), _n(y), _n(radius), title
            )
        )

    def text(self, x: float, y: float, said: str, anchor: str = "middle", kind: str = "label") -> None:
        """Words."""
        self.shapes.append(
            Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(kind, _n(x), _n(y), anchor, said)
        )

    def drawn(self, name: str) -> Markup:
        """The drawing, named for whoever does not see it."""
        return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
            self.width, self.height, name, Markup("").join(self.shapes)
        )


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def scale(most: float, least: float = 0) -> list[float]:
    """Round numbers from `least` or below to `most` or above, zero among them."""
    span = max(most, 0) - min(least, 0)
    if span <= 0:
        return [0, 1]
    step = 10 ** math.floor(math.log10(span / 4))
    step = next(step * by for by in (1, 2, 5, 10) if step * by * 4 >= span)
    step = max(step, 1)
    low, high = math.floor(min(least, 0) / step), math.ceil(max(most, 0) / step)
    return [n * step for n in range(low, high + 1)]


def _axis(canvas: Canvas, ticks: Sequence[float], show: Callable[[float], str]) -> Callable[[float], float]:
    """Lines and labels of the upright axis; answers where a value lies."""
    height = canvas.height - TOP - BOTTOM
    low, high = ticks[0], ticks[-1]

    def y(value: float) -> float:
        return TOP + height * (1 - (value - low) / (high - low))

    for tick in ticks:
        canvas.line(LEFT, y(tick), canvas.width - RIGHT, y(tick), "axis" if tick == 0 else "grid")
        canvas.text(LEFT - 6, y(tick) + 4, show(tick), "end")
    return y


def columns(
    name: str, bars: Sequence[Bar], show: Callable[[float], str], width: int = 960, height: int = 260
) -> Markup:
    """Stacked columns; a bar without a label has no word below it."""
    canvas = Canvas(width, height)
    y = _axis(canvas, scale(max((sum(bar.parts) for bar in bars), default=0)), show)
    each = (width - LEFT - RIGHT) / max(len(bars), 1)
    gap = min(each * 0.2, 6)
    for n, bar in enumerate(bars):
        x, bottom = LEFT + n * each + gap / 2, 0
        for part, value in enumerate(bar.parts):
            if value:
                canvas.rect(
                    x, y(bottom + value), each - gap, y(bottom) - y(bottom + value), f"s{part % SERIES}", bar.told
                )
                bottom += value
        if bar.label:
            canvas.text(x + (each - gap) / 2, height - 8, bar.label)
    return canvas.drawn(name)


def whiskers(
    name: str,
    points: Sequence[tuple[str, Range, str]],
    show: Callable[[float], str],
    width: int = 960,
    height: int = 260,
) -> Markup:
    """A bar from zero to each figure, and a line over its interval."""
    canvas = Canvas(width, height)
    ranges = [range_ for _, range_, _ in points]
    ticks = scale(max((r.high for r in ranges), default=0), min((r.low for r in ranges), default=0))
    y = _axis(canvas, ticks, show)
    each = (width - LEFT - RIGHT) / max(len(points), 1)
    for n, (label, range_, told) in enumerate(points):
        x, wide = LEFT + (n + 0.5) * each, min(each * 0.5, 44)
        top, bottom = y(max(range_.value, 0)), y(min(range_.value, 0))
        canvas.rect(x - wide / 2, top, wide, bottom - top, "s0 soft", told)
        canvas.line(x, y(range_.low), x, y(range_.high), "whisker")
        for end in (range_.low, range_.high):
            canvas.line(x - 5, y(end), x + 5, y(end), "whisker")
        canvas.dot(x, y(range_.value), 4, "point", told)
        canvas.text(x, height - 8, label)
    return canvas.drawn(name)


def heat(
    name: str, rows: Sequence[tuple[str, Sequence[int]]], told: Callable[[int, int, int], str], width: int = 960
) -> Markup:
    """A square for each weekday and hour: the more mails, the darker."""
    most = max((value for _, values in rows for value in values), default=0)
    cell = (width - LEFT - RIGHT) / 24
    canvas = Canvas(width, round(TOP + 7 * 26 + BOTTOM))
    for n, (label, values) in enumerate(rows):
        y = TOP + n * 26
        canvas.text(LEFT - 6, y + 17, label, "end")
        for hour, value in enumerate(values):
            x, kind = LEFT + hour * cell, "s0" if value else "empty"
            dark = round(0.18 + 0.82 * math.sqrt(value / most), 3) if value else 1
            canvas.rect(x + 1, y + 1, cell - 2, 24, kind, told(n, hour, value), rx=3, fill_opacity=dark)
    for hour in range(0, 24, 3):
        canvas.text(LEFT + (hour + 0.5) * cell, canvas.height - 8, f"{hour}")
    return canvas.drawn(name)


def bars(rows: Sequence[tuple[str, float, str, int]]) -> Markup:
    """Lying bars as a list: (label, value, what is said, colour). Words are the page's own, so they fit any width."""
    most = max((value for _, value, _, _ in rows), default=0) or 1
    items = Markup("").join(
        _item(label, said, Markup('{}<rect class="s{}" width="{}%" height="10" rx="5"/>').format(
            Markup('<rect class="empty" width="100%" height="10" rx="5"/>'), colour % SERIES, _n(100 * value / most)
        ), 10)
        for label, value, said, colour in rows
    )  # fmt: skip
    return Markup('<ul class="bars">{}</ul>').format(items)


def _item(label: str, said: str, drawing: Markup, height: int) -> Markup:
    """A line of a list: words, figure, and a drawing that says the same."""
    return Markup(
        '<li><span>{}</span> <strong>{}</strong><svg width="100%" height="{}" aria-hidden="true">{}</svg></li>'
    ).format(label, said, height, drawing)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From the first to half of them, as shares of the whole time."""

    label: str
    first: float
    half: float
    said: str
    colour: int = 0


def stretches(rows: Sequence[Stretch], marks: Sequence[tuple[float, str]]) -> Markup:
    """A line of time for each: a small dot where the first is, a great one where half of them are; `marks` below all."""
    items = Markup("").join(_item(row.label, row.said, _stretch(row, marks), 20) for row in rows)
    scale_ = Markup("").join(
        Markup('<text class="label" x="{}%" y="14" text-anchor="{}">{}</text>').format(
            _n(_along(at)), "start" if at < 0.03 else "middle", label
        )
        for at, label in marks
    )
    axis = Markup('<svg width="100%" height="20" aria-hidden="true">{}</svg>').format(scale_)
    return Markup('<ul class="bars">{}</ul>{}').format(items, axis)


def _along(at: float) -> float:
    """A share of the time as percent of the width, with room for a dot at both ends."""
    return 1 + 98 * at


def _stretch(row: Stretch, marks: Sequence[tuple[float, str]]) -> Markup:
    ticks = Markup("").join(
        Markup('<line class="grid" x1="{0}%" y1="4" x2="{0}%" y2="16"/>').format(_n(_along(at))) for at, _ in marks
    )
    return Markup(
        '<line class="grid" x1="0" y1="10" x2="100%" y2="10"/>{ticks}<line class="stretch t{c}" x1="{a}%" y1="10" x2="{b}%" y2="10"/>'
        '<circle class="s{c}" cx="{a}%" cy="10" r="4"/><circle class="s{c}" cx="{b}%" cy="10" r="7"/>'
    ).format(ticks=ticks, c=row.colour % SERIES, a=_n(_along(row.first)), b=_n(_along(row.half)))
