"""A file of contacts read row by row, as real files are: any separator and encoding, headers in French or English.

Nothing is held but the row at hand, so that a file may have a million of them.
"""

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO, TypeAlias

from email_validator import EmailNotValidError, validate_email

from nurture.authoring.vocabulary import STANDARD_FIELDS, Field
from nurture.core.events import FieldValue
from nurture.inbound.contact_columns import column_of, regular
from nurture.inbound.csv_rows import LONGEST_LINE, Unreadable, rows_of

MOST_BYTES = 500 * 1024 * 1024
SEPARATORS = ",;\t|"
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of spreadsheet programs begin: XLSX and ODS are zip archives, XLS is older."""

_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""What Excel writes before the header."""

FORMULAS = frozenset("=+-@\t\r")
"""A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection)."""


class ContactFileProblem(Exception):
    """The file cannot be read as contacts; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class GoodRow:
    """A contact as the file has it. `line` is the line on which the row begins."""

    line: int
    address: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken in, with the reason; `cells` as they were."""

    line: int
    reason: str
    cells: tuple[str, ...]


Row: TypeAlias = GoodRow | BadRow


@dataclass(frozen=True)
class ContactFile:
    """A readable file: its header, what its columns mean, and those that mean nothing."""

    path: Path
    encoding: str
    separator: str
    header: tuple[str, ...]
    columns: tuple[str | None, ...]
    digest: str
    header_line: int = 1
    fields: Mapping[str, Field] = field(default_factory=lambda: STANDARD_FIELDS)

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headers that mean nothing to the engine."""
        return tuple(name for name, column in zip(self.header, self.columns, strict=True) if column is None and name)

    def rows(self) -> Iterator[Row]:
        """Every row after the header; empty lines are passed over."""
        with self.path.open(encoding=self.encoding, newline="") as text:
            for found in rows_of(text, self.separator, self._can_be_a_row):
                if isinstance(found, Unreadable):
                    yield BadRow(found.line, found.reason, (found.text.rstrip("\r\n"),))
                elif found.line > self.header_line and any(cell.strip() for cell in found.cells):
                    yield self._row(found.line, [_harmless_again(cell) for cell in found.cells])

    def _can_be_a_row(self, cells: list[str]) -> bool:
        return len(cells) == len(self.columns) and "@" in cells[self.columns.index("email")]

    def _row(self, line: int, cells: list[str]) -> Row:
        while len(cells) > len(self.columns) and not cells[-1].strip():
            cells = cells[:-1]
        if len(cells) > len(self.columns):
            extra = len(cells) - len(self.columns)
            return BadRow(line, f"{extra} more cells than the header has; is a quote missing?", tuple(cells))
        found = {column: cell for column, cell in zip(self.columns, cells, strict=False) if column}
        try:
            address = _address(found.pop("email", ""))
            tags = tuple(tag.strip() for tag in found.pop("tags", "").replace(";", ",").split(",") if tag.strip())
            values = {name: regular(name, text, self.fields) for name, text in found.items()}
        except ValueError as error:
            return BadRow(line, str(error), tuple(cells))
        return GoodRow(line, address, {name: v for name, v in values.items() if v is not None}, tags)


def open_contact_file(path: Path, fields: Mapping[str, Field] = STANDARD_FIELDS) -> ContactFile:
    """Look at the file and its header; `fields` are what a column may mean (ContactFileProblem: not there, empty, too large, no column of addresses)."""
    encoding, digest = _look_through(path)
    with path.open(encoding=encoding, newline="") as text:
        first, separator, line = _header_line(text)
    if not first.strip():
        raise ContactFileProblem(f"{path} is empty: its first line must name the columns, such as email,first_name.")
    header = tuple(cell.strip() for cell in next(csv.reader(io.StringIO(first), delimiter=separator)))
    columns = tuple(column_of(name, fields) for name in header)
    if "email" not in columns:
        shown = ", ".join(repr(name) for name in header[:8])
        raise ContactFileProblem(
            f"{path} has no column of addresses (its header is {shown}): name one 'email', 'e-mail' or 'courriel'."
        )
    return ContactFile(path, encoding, separator, header, _first_of_each(columns), digest, line, fields)


def _look_through(path: Path) -> tuple[str, str]:
    """The encoding, from all bytes, and a digest of them."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ContactFileProblem(
                f"{path} has {size // 2**20} MB; at most {MOST_BYTES // 2**20} are read: split it."
            )
        with path.open("rb") as raw:
            start = raw.read(4)
            raw.seek(0)
            if start.startswith(SPREADSHEETS):
                raise ContactFileProblem(f"{path} is a spreadsheet: save it as CSV first.")
            return _encoding_of(raw, "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except FileNotFoundError:
        raise ContactFileProblem(f"{path} does not exist: check the path.") from None
    except OSError as error:
        raise ContactFileProblem(f"{path} cannot be read: {error.strerror}.") from None


def _encoding_of(raw: BinaryIO, encoding: str) -> tuple[str, str]:
    """The first encoding that reads every byte (Windows's, else the one that reads anything), and a digest."""
    digest = hashlib.sha256()
    decoders = {name: codecs.getincrementaldecoder(name)() for name in (encoding, "cp1252", "latin-1")}
    block = b"-"
    while block:
        block = raw.read(1 << 20)
        digest.update(block)
        decoders = {name: decoder for name, decoder in decoders.items() if _reads(decoder, block)}
    return next(iter(decoders)), digest.hexdigest()


def _reads(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    try:
        decoder.decode(block, final=not block)
    except UnicodeDecodeError:
        return False
    return True


def _header_line(text: TextIO) -> tuple[str, str, int]:
    """The first line that says something, the separator, and the line's number."""
    given, number, first = "", 0, " "
    while first and not first.strip():
        first = text.readline(LONGEST_LINE).replace("\x00", "")
        number += 1
        told = _SEPARATOR_LINE.fullmatch(first)
        if told is not None:
            given, first = told[1], " "
    return first, given or max(SEPARATORS, key=first.count), number


def _first_of_each(columns: tuple[str | None, ...]) -> tuple[str | None, ...]:
    return tuple(None if column in columns[:n] else column for n, column in enumerate(columns))


def _harmless_again(cell: str) -> str:
    """A cell of our own file of rejected rows, where an apostrophe keeps spreadsheets from calculating."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in FORMULAS and cell[1:] else cell


def _address(text: str) -> str:
    text = text.strip().strip("<>").removeprefix("mailto:").strip()
    if not text:
        raise ValueError("no e-mail address")
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(f"{text!r} is no e-mail address: {error}") from None
