"""The way through a campaign as nested lists: the same as its drawing, for those who do not see it."""

from collections.abc import Iterator, Sequence
from html import escape

from nurture.preview.graph.faces import Context, face_of
from nurture.preview.graph.panels import Row, advance_row, ending, entry_rows, prospect_rows
from nurture.preview.graph.shape import Item, shape_of
from nurture.preview.graph.svg import Link


def outline(context: Context, link: Link = lambda key: None) -> str:
    """HTML: who comes in, each stage's steps with their ways within, and sales."""
    words = context.words
    parts = [f"<h3>{escape(words['entry'])}</h3><ul>{''.join(_row(row) for row in entry_rows(context))}</ul>"]
    for stage in context.program.stages:
        shape = shape_of(stage)
        rule = advance_row(stage, context)
        steps = [f"<h3>{escape(words['stage'])} <b>{escape(stage.name)}</b></h3>"]
        steps.append(f"<ul>{_row(rule)}</ul>" if rule else "")
        lines = _Lines(stage.steps, context, link)
        loose = "".join(f"<li>{escape(words['loose'])} – {lines.said(at)}</li>" for at in shape.loose)
        end = f"<li>{escape(ending(stage, context))}</li>" if shape.goes_on else ""
        steps.append(f"<ol>{''.join(lines.of(shape.items))}{loose}{end}</ol>")
        parts += steps
    if context.program.prospect is not None:
        parts.append(f"<ul>{''.join(_row(row) for row in prospect_rows(context.program.prospect, context))}</ul>")
    return "".join(parts)


def _row(row: Row) -> str:
    text = f"<code>{escape(row.text)}</code>" if row.is_code else escape(row.text)
    return f"<li>{escape(row.label)} {text}</li>"


class _Lines:
    """The steps of one stage as list items."""

    def __init__(self, steps: Sequence[object], context: Context, link: Link) -> None:
        self._steps = steps
        self._context = context
        self._link = link

    def of(self, items: Sequence[Item]) -> Iterator[str]:
        for item in items:
            yield f"<li>{self.said(item.at)}{''.join(self._sides(item))}</li>"

    def said(self, at: int) -> str:
        step = self._steps[at]
        whole = escape(face_of(step, self._context).whole)
        href = self._link(str(getattr(step, "key", "")))
        return f'<a href="{escape(href)}">{whole}</a>' if href else whole

    def _sides(self, item: Item) -> Iterator[str]:
        for side in item.sides:
            if side.items:
                turn = escape(self._context.words[f"turn_{side.turn}"])
                yield f"<ul><li><em>{turn}</em><ol>{''.join(self.of(side.items))}</ol></li></ul>"
