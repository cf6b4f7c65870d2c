"""Where the steps of a stage stand: a column that runs downwards, its ways side by side where they part.

Coordinates are relative: x to the column's axis, on which it is entered and left, y to its top.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from nurture.preview.graph.shape import Item, Shape, Side, Turn

WIDTH = 262
"""Of a card."""
GAP = 26
"""Between two cards of a column."""
_TURN = 18
_APART = 28

Point: TypeAlias = tuple[float, float]
Heights: TypeAlias = Callable[[int], float]
Words: TypeAlias = Callable[[Turn], str]


@dataclass(frozen=True, slots=True)
class Box:
    """The card of a step, by its index; `x` and `y` are of its top left corner."""

    at: int
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A way from one card to another. Its label begins, or with `ends` ends, at `label_at`."""

    points: tuple[Point, ...]
    arrow: bool = True
    label: str = ""
    label_at: Point = (0, 0)
    ends: bool = False


@dataclass(frozen=True)
class Block:
    """Cards and lines; it reaches `left` and `right` of its axis and `height` down. Flow leaves at its foot, if at all."""

    left: float
    right: float
    height: float
    goes_on: bool = True
    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = field(default=())

    def moved(self, dx: float, dy: float) -> "Block":
        """The same elsewhere; its extents stay those about its own axis."""
        boxes = tuple(replace(box, x=box.x + dx, y=box.y + dy) for box in self.boxes)
        lines = tuple(
            replace(
                line,
                points=tuple((x + dx, y + dy) for x, y in line.points),
                label_at=(line.label_at[0] + dx, line.label_at[1] + dy),
            )
            for line in self.lines
        )
        return replace(self, boxes=boxes, lines=lines)


def column(shape: Shape, height_of: Heights, words: Words) -> Block:
    """The whole stage; what nothing leads to stands below the rest, without an arrow."""
    block = _sequence(shape.items, shape.goes_on, height_of, words)
    for at in shape.loose:
        y = block.height + (GAP if block.height else 0)
        box = Box(at, -WIDTH / 2, y, height_of(at))
        sides = max(block.left, WIDTH / 2), max(block.right, WIDTH / 2)
        block = Block(*sides, y + box.height, False, (*block.boxes, box), block.lines)
    return block


def _sequence(items: Sequence[Item], goes_on: bool, height_of: Heights, words: Words) -> Block:
    left = right = y = 0.0
    boxes: list[Box] = []
    lines: list[Line] = []
    for n, item in enumerate(items):
        if n:
            lines.append(Line(((0, y), (0, y + GAP))))
            y += GAP
        block = _item(item, height_of, words).moved(0, y)
        boxes += block.boxes
        lines += block.lines
        left, right, y = max(left, block.left), max(right, block.right), y + block.height
    return Block(left, right, y, goes_on, tuple(boxes), tuple(lines))


def _item(item: Item, height_of: Heights, words: Words) -> Block:
    height = height_of(item.at)
    card = Block(WIDTH / 2, WIDTH / 2, height, item.goes_on, (Box(item.at, -WIDTH / 2, 0, height),))
    blocks = [_sequence(side.items, side.goes_on, height_of, words) for side in item.sides]
    match item.sides:
        case ():
            return card
        case (Side(items=()) as straight, Side() as aside) if straight.goes_on:
            return _beside(card, words(straight.turn), words(aside.turn), blocks[1])
        case (Side() as straight, Side(items=()) as past) if past.goes_on:
            return _bypassed(card, words(straight.turn), blocks[0], words(past.turn))
        case _:
            return _spread(card, [words(side.turn) for side in item.sides], blocks)


def _wide(label: str) -> int:
    """How wide a label is, about: whole numbers and their halves add up exactly."""
    return 7 * len(label)


def _beside(card: Block, straight: str, label: str, block: Block) -> Block:
    """The way straight on is empty: the other hangs at the right and comes back."""
    half, top = WIDTH / 2, card.height + _TURN
    x = max(block.left, half) + _APART
    foot = max(top + block.height + _TURN, card.height + GAP + _TURN)
    out = Line(
        ((half, card.height / 2), (x, card.height / 2), (x, top)),
        label=label,
        label_at=(x + 9, card.height / 2 + 13),
    )
    on = Line(((0, card.height), (0, foot)), arrow=False, label=straight, label_at=(-9, card.height + 16), ends=True)
    back = (Line(((x, top + block.height), (x, foot), (0, foot)), arrow=False),) if block.goes_on else ()
    moved = block.moved(x, top)
    right = max(x + block.right, x + 9 + _wide(label))
    left = max(half, 9 + _wide(straight))
    return Block(left, right, foot, True, (*card.boxes, *moved.boxes), (on, out, *back, *moved.lines))


def _bypassed(card: Block, straight: str, block: Block, label: str) -> Block:
    """The other way is empty: a line passes the cards at the right."""
    half, top = WIDTH / 2, card.height + GAP + 8
    foot = top + block.height + _TURN
    x = max(half, block.right) + _APART
    into = Line(((0, card.height), (0, top)), label=straight, label_at=(9, card.height + 18))
    past = Line(
        ((half, card.height / 2), (x, card.height / 2), (x, foot), (0, foot)),
        arrow=False,
        label=label,
        label_at=(x + 7, card.height / 2 + 13),
    )
    on = (Line(((0, top + block.height), (0, foot)), arrow=False),) if block.goes_on else ()
    moved = block.moved(0, top)
    right = x + 7 + _wide(label)
    boxes, lines = (*card.boxes, *moved.boxes), (into, past, *on, *moved.lines)
    return Block(max(half, block.left), right, foot, True, boxes, lines)


def _spread(card: Block, labels: Sequence[str], blocks: Sequence[Block]) -> Block:
    """Ways side by side below the card."""
    sized = [replace(b, left=max(b.left, 20), right=max(b.right, 20 + 9 + _wide(w))) if not b.boxes else b
             for b, w in zip(blocks, labels, strict=True)]  # fmt: skip
    total = sum(b.left + b.right for b in sized) + _APART * (len(sized) - 1)
    bar, top = card.height + 16, card.height + 16 + GAP
    foot = top + max(b.height for b in sized) + _TURN
    goes_on = any(b.goes_on for b in sized)
    boxes, lines, edge = list(card.boxes), list[Line](), -total / 2
    for block, label in zip(sized, labels, strict=True):
        x = edge + block.left
        points = ((0.0, card.height), (0.0, bar), (x, bar), (x, top))
        lines.append(Line(points, arrow=bool(block.boxes), label=label, label_at=(x + 9, top - 10)))
        moved = block.moved(x, top)
        boxes += moved.boxes
        lines += moved.lines
        if block.goes_on:
            lines.append(Line(((x, top + block.height), (x, foot), (0, foot)), arrow=False))
        edge += block.left + block.right + _APART
    return Block(max(total / 2, WIDTH / 2), max(total / 2, WIDTH / 2), foot, goes_on, tuple(boxes), tuple(lines))
