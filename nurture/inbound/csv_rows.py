"""Rows of a CSV file in which somebody forgot a quote.

A standard reader takes everything up to the next quote for one cell, and people vanish into it. Here a quoted cell may
run over several lines, as postal addresses do, but not over a line that is a row of its own: then the quote is missing,
the line it opens on is bad, and the next one counts again.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TextIO, TypeAlias

LONGEST_LINE = 100_000
MOST_LINES = 50
"""Lines that one row may have."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A row. `line` is the line on which it begins, counted from 1."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is no row; `text` as it stands."""

    line: int
    reason: str
    text: str


Line: TypeAlias = tuple[int, str]
LooksLikeARow: TypeAlias = Callable[[list[str]], bool]


def rows_of(text: TextIO, separator: str, looks_like_a_row: LooksLikeARow) -> Iterator[Cells | Unreadable]:
    """Every row of the text, empty lines left out; `looks_like_a_row` tells whether cells can be a row by themselves."""
    lines, back = _lines(text), deque[Line]()
    while (line := back.popleft() if back else next(lines, None)) is not None:
        number, said = line
        if len(said) > LONGEST_LINE:
            yield Unreadable(number, f"longer than {LONGEST_LINE} characters", said[:200])
        elif '"' in said and _opens(said, separator):
            yield _across(line, lines, back, separator, looks_like_a_row)
        elif said.strip():
            yield Cells(number, _parse([said], separator))


def _across(
    first: Line, lines: Iterator[Line], back: deque[Line], separator: str, looks_like_a_row: LooksLikeARow
) -> Cells | Unreadable:
    """The row that begins with an open quote; lines looked at in vain go back."""
    taken = [first]
    while len(taken) < MOST_LINES:
        following = back.popleft() if back else next(lines, None)
        if following is None:
            break
        taken.append(following)
        if not _opens(following[1], separator) and looks_like_a_row(_parse([following[1]], separator)):
            break
        texts = [said for _, said in taken]
        if not _opens("".join(texts), separator):
            cells = _parse_strictly(texts, separator)
            if cells is not None:
                return Cells(first[0], cells)
            break
    back.extendleft(reversed(taken[1:]))
    return Unreadable(first[0], "a quote is opened and never closed", first[1])


def _lines(text: TextIO) -> Iterator[Line]:
    """Each line with its number; of one that is too long only the beginning is kept."""
    number = 0
    while said := text.readline(LONGEST_LINE + 1):
        number += 1
        rest = said
        while len(said) > LONGEST_LINE and not rest.endswith(("\n", "\r")):
            rest = text.readline(LONGEST_LINE)
            if not rest:
                break
        yield number, said.replace("\x00", "")


def _parse(lines: list[str], separator: str) -> list[str]:
    return next(csv.reader(lines, delimiter=separator), [])


def _parse_strictly(lines: list[str], separator: str) -> list[str] | None:
    """The cells; None when words stand between a quote and the next separator: the quote belongs to another row."""
    try:
        return next(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error:
        return None


def _opens(said: str, separator: str) -> bool:
    """Whether a quote is still open at the end: the reader then asks for another line, or finds the cell too large."""
    reader = csv.reader([said, "\n"], delimiter=separator)
    try:
        next(reader, None)
    except csv.Error:
        return True
    return reader.line_num > 1
