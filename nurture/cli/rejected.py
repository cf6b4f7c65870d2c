"""Rows that could not be taken in, written beside their file with the reason, for a spreadsheet to open without harm."""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from nurture.inbound.contact_file import BadRow, ContactFile


class Rejected:
    """FILE.rejected.csv in the making: begun with the first bad row, named so once it is whole."""

    def __init__(self, file: "ContactFile") -> None:
        self.path = file.path.with_name(f"{file.path.stem}.rejected.csv")
        self._unfinished = self.path.with_name(self.path.name + ".part")
        self._file = file
        self._text: TextIO | None = None

    def add(self, row: "BadRow") -> None:
        """Write a row with its line and reason."""
        if self._text is None:
            self._text = self._unfinished.open("w", encoding="utf-8-sig", newline="")
            self._write("line", "reason", *self._file.header)
        self._write(str(row.line), row.reason, *row.cells)

    def _write(self, *cells: str) -> None:
        assert self._text is not None
        csv.writer(self._text, delimiter=self._file.separator).writerow([harmless(cell) for cell in cells])

    def finish(self) -> None:
        """Give it its name."""
        if self._text is not None:
            self._text.close()
            os.replace(self._unfinished, self.path)

    def give_up(self) -> None:
        """Leave nothing."""
        if self._text is not None:
            self._text.close()
            self._unfinished.unlink()


@contextmanager
def rejected_beside(file: "ContactFile") -> Iterator[Rejected]:
    """Collect bad rows beside their file."""
    rejected = Rejected(file)
    try:
        yield rejected
    except BaseException:
        rejected.give_up()
        raise
    rejected.finish()


def harmless(cell: str) -> str:
    """The cell as text, whatever it begins with."""
    from nurture.inbound.contact_file import FORMULAS

    return f"'{cell}" if cell[:1] in FORMULAS and cell else cell
