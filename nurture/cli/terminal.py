"""Where a command's words go: sentences and tables for people, JSON for programs, each to its own stream."""

import json
import sys
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from nurture.plain_text import printable

if TYPE_CHECKING:
    from rich.console import Console

    from nurture.clock import Clock

WIDTH = 120
"""Columns where nobody looks: a pipe, a file."""


class Terminal:
    """What a command writes to, and the clock it reads. Tests give their own streams and time."""

    def __init__(
        self, out: TextIO | None = None, err: TextIO | None = None, clock: "Clock | None" = None, debug: bool = False
    ) -> None:
        self._out = out
        self._err = err
        self.given_clock = clock
        self.debug = debug

    @cached_property
    def out(self) -> "Console":
        """What was asked for."""
        return _console(self._out or sys.stdout)

    @cached_property
    def err(self) -> "Console":
        """Everything else: progress, hints, problems."""
        return _console(self.err_stream)

    @property
    def err_stream(self) -> TextIO:
        """Where notes and logs go."""
        return self._err or sys.stderr

    @cached_property
    def clock(self) -> "Clock":
        """What time it is where no database can be asked."""
        from nurture.clock import SystemClock

        return self.given_clock or SystemClock()

    def say(self, text: str = "", style: str = "") -> None:
        """A line of the answer."""
        self.out.print(printable(text), style=style or None, soft_wrap=True)

    def note(self, text: str, style: str = "") -> None:
        """A line about the answer; a program that reads the answer does not see it."""
        self.err.print(printable(text), style=style or None, soft_wrap=True)

    def data(self, value: Any) -> None:
        """The answer as JSON."""
        text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
        stream = self._out or sys.stdout
        stream.write(text + "\n")
        stream.flush()

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
        """A table; columns whose name begins with `>` hold numbers."""
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        table = Table(box=SIMPLE_HEAD, title=title or None, title_justify="left", title_style="bold", pad_edge=False)
        for name in columns:
            table.add_column(name.lstrip(">"), justify="right" if name.startswith(">") else "left", overflow="fold")
        for row in rows:
            table.add_row(*(printable(str(cell)) for cell in row))
        self.out.print(table)


def _console(stream: TextIO) -> "Console":
    """Words of contacts and authors are never markup."""
    from rich.console import Console

    return Console(file=stream, markup=False, emoji=False, highlight=False, width=None if stream.isatty() else WIDTH)


def _plain(value: Any) -> Any:
    """Instants and enums as the journal writes them."""
    from nurture.core.codec import plain

    found = plain(value)
    return str(value) if found is value else found
