"""The drawing of a campaign as SVG, complete in itself: stages as columns from left to right, sales across the foot.

`drawing` is pure: the same program gives the same picture, in any browser, light or dark.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import TypeAlias

from nurture.core.program import Program, Stage
from nurture.preview.graph.faces import Context, Face, face_of, wrapped
from nurture.preview.graph.layout import WIDTH, Block, Box, Line, column
from nurture.preview.graph.panels import Row, advance_row, counts, ending, entry_rows, prospect_rows
from nurture.preview.graph.pen import icon, text, way
from nurture.preview.graph.shape import shape_of

Link: TypeAlias = Callable[[str], str | None]
"""Where the card of a step leads, by its key."""

EDGE = 24
_PAD = 22
_BETWEEN = 52
_ENTRY = 264
_LINE = 17
_SMALL = 15
_ROW = 38
_CODE = 7.0  # of a letter of a condition


@dataclass(frozen=True, slots=True)
class _Panel:
    """A stage, measured. `head` is how far its title and rule reach."""

    stage: Stage
    faces: tuple[Face, ...]
    block: Block
    rule: Row | None
    rule_lines: tuple[str, ...]
    head: float
    width: float
    height: float
    axis: float


def drawing(context: Context, link: Link = lambda key: None) -> str:
    """The campaign's way from entry to sales."""
    program = context.program
    panels = [_measured(stage, context) for stage in program.stages]
    rows = entry_rows(context)
    tall = max([panel.height for panel in panels] + [_rows_height(rows, _ENTRY) + 58])
    x, parts = float(EDGE + _ENTRY + _BETWEEN), [_entry(rows, context)]
    for n, panel in enumerate(panels):
        parts.append(_arrow(x - _BETWEEN, EDGE + 31, x))
        parts += _stage(panel, x, n, context, link)
        x += panel.width + _BETWEEN
    width, height = x - _BETWEEN + EDGE, EDGE + tall
    if program.prospect is not None:
        left = EDGE + _ENTRY + _BETWEEN
        feet = _feet(panels, height + 34)
        bar, high = _sales(prospect_rows(program.prospect, context), left, height + 34, width - EDGE - left)
        parts += [*feet, bar]
        height += 34 + high
    return _whole(parts, width, height + EDGE, context)


def _measured(stage: Stage, context: Context) -> _Panel:
    faces = tuple(face_of(step, context) for step in stage.steps)
    words = context.words
    block = column(shape_of(stage), lambda at: _height(faces[at]), lambda turn: words[f"turn_{turn}"] if turn else "")
    rule = advance_row(stage, context)
    width = max(block.left + block.right, 290.0) + 2 * _PAD
    lines = rule.lines(int((width - 2 * _PAD - 24) / _CODE)) if rule else ()
    head = 62 + (len(lines) * _SMALL + 46 if rule else 0)
    axis = _PAD + block.left + max(0.0, (width - 2 * _PAD - block.left - block.right) / 2)
    foot = 44 if not block.boxes else 66 if block.goes_on else 8
    height = head + block.height + foot + _PAD
    return _Panel(stage, faces, block, rule, lines, head, width, height, axis)


def _height(face: Face) -> float:
    if not face.notes and not face.code and len(face.title) < 2:
        return 50
    code = len(face.code) * _SMALL + 8 if face.code else 0
    return 30 + len(face.title) * _LINE + len(face.notes) * _SMALL + code + (10 if face.title or face.notes else 6)


def _stage(panel: _Panel, x: float, n: int, context: Context, link: Link) -> Iterator[str]:
    stage, top = panel.stage, float(EDGE)
    yield f'<g class="stage"><rect class="panel tone{n % 4}" x="{x:g}" y="{top:g}" width="{panel.width:g}" height="{panel.height:g}" rx="14"/>'
    yield text(x + _PAD, top + 37, stage.name, "name")
    if stage.status is not None:
        said = context.words["status"].format(status=stage.status.value.upper())
        yield text(x + panel.width - _PAD, top + 36, said, "quiet end")
    if panel.rule is not None:
        yield _rule(panel, x + _PAD, top + 58, panel.width - 2 * _PAD)
    axis, start = x + panel.axis, top + panel.head
    for line in panel.block.lines:
        yield way(line, axis, start)
    for box in panel.block.boxes:
        step = stage.steps[box.at]
        yield _card(panel.faces[box.at], box, axis, start, link(step.key))
    yield from _end(panel, axis, start + panel.block.height, ending(stage, context))
    yield "</g>"


def _end(panel: _Panel, axis: float, foot: float, words: str) -> Iterator[str]:
    """What happens when no step is left; nothing is said where that cannot be."""
    if panel.block.boxes and not panel.block.goes_on:
        return
    top = foot + (24 if panel.block.boxes else 0)
    if panel.block.boxes:
        yield way(Line(((0, 0), (0, 24))), axis, foot)
    wide = max(len(words) * 6.3 + 36, 120)
    yield f'<rect class="end-pill" x="{axis - wide / 2:g}" y="{top:g}" width="{wide:g}" height="28" rx="14"/>'
    yield text(axis, top + 18, words, "quiet middle")


def _rule(panel: _Panel, x: float, y: float, width: float) -> str:
    """What moves a contact on at once: it holds for the whole stage, and so stands above it."""
    assert panel.rule is not None
    height = len(panel.rule_lines) * _SMALL + 32
    lines = [f'<g class="rule"><title>{escape(panel.rule.text)}</title>']
    lines.append(f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="9"/>')
    lines.append(icon("advance", x + 12, y + 8))
    lines.append(text(x + 34, y + 20, panel.rule.label, "label"))
    lines += [text(x + 12, y + 39 + i * _SMALL, line, "code") for i, line in enumerate(panel.rule_lines)]
    return "".join([*lines, "</g>"])


def _card(face: Face, box: Box, axis: float, top: float, href: str | None) -> str:
    x, y = axis + box.x, top + box.y
    parts = [f"<title>{escape(face.whole)}</title>"]
    parts.append(f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{box.height:g}" rx="10"/>')
    parts.append(
        f'<path class="edge" d="M{x + 10:g} {y:g}h-0a10 10 0 0 0-10 10v{box.height - 20:g}a10 10 0 0 0 10 10"/>'
    )
    parts.append(icon(face.kind, x + 14, y + 10))
    parts.append(text(x + 38, y + 22, face.label, "label"))
    parts.append(text(x + WIDTH - 12, y + 22, _short(face.place), "place"))
    at = y + 22
    for line in face.title:
        at += _LINE
        parts.append(text(x + 38, at, line, "title"))
    for line in face.notes:
        at += _SMALL
        parts.append(text(x + 38, at + 1, line, "note"))
    if face.code:
        at += 4
    for line in face.code:
        at += _SMALL
        parts.append(text(x + 14, at + 1, line, "code"))
    group = f'<g class="card {face.kind}">{"".join(parts)}</g>'
    return f'<a href="{escape(href)}">{group}</a>' if href else group


def _short(place: str) -> str:
    """The line alone: the file is the same for the whole drawing, and stands in its title."""
    line = place.rpartition(":")[2]
    return f":{line}" if line.isdigit() else ""


def _arrow(x: float, y: float, to: float) -> str:
    return f'<path class="way on" d="M{x + 3:g} {y:g}H{to - 3:g}" marker-end="url(#nurture-arrow-on)"/>'


def _rows_height(rows: Sequence[Row], width: float) -> float:
    letters = int((width - 36) / _CODE)
    return sum(len(row.lines(letters, 6)) * _SMALL + 30 for row in rows)


def _entry(rows: Sequence[Row], context: Context) -> str:
    height = _rows_height(rows, _ENTRY) + 58
    parts = [
        f'<g class="entry"><rect class="panel plain" x="{EDGE}" y="{EDGE}" width="{_ENTRY}" height="{height:g}" rx="14"/>'
    ]
    parts.append(text(EDGE + 18, EDGE + 37, context.words["entry"], "name"))
    return "".join([*parts, *_rows(rows, EDGE + 18, EDGE + 66, _ENTRY), "</g>"])


def _rows(rows: Sequence[Row], x: float, y: float, width: float) -> Iterator[str]:
    letters = int((width - 36) / _CODE)
    for row in rows:
        yield f"<g><title>{escape(row.text)}</title>"
        yield text(x, y, next(iter(wrapped(row.label, letters, 1)), ""), "label")
        for line in row.lines(letters, 6):
            y += _SMALL + 1 if row.is_code else _SMALL
            yield text(x, y + 2, line, "code" if row.is_code else "note")
        yield "</g>"
        y += 29


def _feet(panels: Sequence[_Panel], y: float) -> Iterator[str]:
    """From each stage to sales: the rule holds at any moment."""
    x = float(EDGE + _ENTRY + _BETWEEN)
    for panel in panels:
        axis = x + panel.width / 2
        yield f'<path class="way sales" d="M{axis:g} {EDGE + panel.height + 2:g}V{y - 2:g}" marker-end="url(#nurture-arrow)"/>'
        x += panel.width + _BETWEEN


def _sales(rows: Sequence[Row], x: float, y: float, width: float) -> tuple[str, float]:
    letters = max(30, int((width - 80) / _CODE))
    shown = [(row, row.lines(letters, 3)) for row in rows]
    height = 44 + sum(len(lines) * (_LINE + 2) for _, lines in shown)
    parts = [
        f'<g class="sales"><rect class="panel" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="14"/>'
    ]
    parts.append(icon("sales", x + 22, y + 18))
    at = y + 31
    for row, lines in shown:
        if row.label:
            parts.append(text(x + 50, at, row.label, "label"))
        for line in lines:
            at += _LINE + 2
            parts.append(text(x + 50, at, line, "code" if row.is_code else "note"))
    return "".join([*parts, "</g>"]), height


def _whole(parts: Sequence[str], width: float, height: float, context: Context) -> str:
    stages, steps = counts(context.program)
    title = context.words["drawing_title"].format(name=context.program.name)
    said = context.words["drawing_text"].format(stages=stages, steps=steps)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nurture-drawing" role="group" lang="{context.language}" '
        f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" '
        f'aria-labelledby="drawing-title drawing-text">'
        f'<title id="drawing-title">{escape(title)}</title><desc id="drawing-text">{escape(said)}</desc>'
    )
    return f"{head}<style>{style()}</style>{_BACK}{''.join(parts)}</svg>"


_MARKERS = "".join(
    f'<marker id="nurture-{name}" viewBox="0 0 10 10" refX="8.5" refY="5" markerWidth="9" markerHeight="9" '
    f'markerUnits="userSpaceOnUse" orient="auto"><path class="{look}" d="M1 1.500 9 5 1 8.500Z"/></marker>'
    for name, look in (("arrow", "tip"), ("arrow-on", "tip on"))
)
_BACK = f'<defs>{_MARKERS}</defs><rect class="ground" width="100%" height="100%"/>'


@cache
def style() -> str:
    """The drawing's own style sheet."""
    return files("nurture.preview").joinpath("pages", "drawing.css").read_text(encoding="utf-8")


@cache
def style_hash() -> str:
    """As a content security policy names it."""
    return f"'sha256-{b64encode(hashlib.sha256(style().encode()).digest()).decode()}'"


def is_drawable(program: Program) -> bool:
    """Whether there is a stage to draw."""
    return bool(program.stages)
