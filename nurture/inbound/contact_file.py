"""A file of contacts read row by row, as real files are: any separator, UTF-8 or Latin-1, headers in French or English.

Nothing is held but the row at hand, so that a file may have a million of them.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeAlias

from email_validator import EmailNotValidError, validate_email

from nurture.core.events import FieldValue
from nurture.inbound.contact_columns import column_of, regular

MOST_BYTES = 500 * 1024 * 1024
LONGEST_LINE = 100_000
SEPARATORS = ",;\t|"


class ContactFileProblem(Exception):
    """The file cannot be read as contacts; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class GoodRow:
    """A contact as the file has it. `line` is the line on which the row ends."""

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

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headers that mean nothing to the engine."""
        return tuple(name for name, column in zip(self.header, self.columns, strict=True) if column is None and name)

    def rows(self) -> Iterator[Row]:
        """Every row after the header; empty lines are passed over."""
        with self.path.open(encoding=self.encoding, newline="") as text:
            reader = csv.reader(_without_nul(text), delimiter=self.separator)
            next(reader)
            while True:
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield BadRow(reader.line_num, f"not readable as CSV: {error}", ())
                    continue
                if any(cell.strip() for cell in cells):
                    yield self._row(reader.line_num, cells)

    def _row(self, line: int, cells: list[str]) -> Row:
        if len(cells) > len(self.columns):
            extra = len(cells) - len(self.columns)
            return BadRow(line, f"{extra} more cells than the header has; is a quote missing?", tuple(cells))
        found = {column: cell for column, cell in zip(self.columns, cells, strict=False) if column}
        try:
            address = _address(found.pop("email", ""))
            tags = tuple(tag.strip() for tag in found.pop("tags", "").replace(";", ",").split(",") if tag.strip())
            values = {name: regular(name, text) for name, text in found.items()}
        except ValueError as error:
            return BadRow(line, str(error), tuple(cells))
        return GoodRow(line, address, {name: v for name, v in values.items() if v is not None}, tags)


def open_contact_file(path: Path, extra_fields: frozenset[str] = frozenset()) -> ContactFile:
    """Look at the file and its header (ContactFileProblem: not there, empty, too large, no column of addresses)."""
    encoding, digest = _look_through(path)
    with path.open(encoding=encoding, newline="") as text:
        first = text.readline(LONGEST_LINE)
    if not first.strip():
        raise ContactFileProblem(f"{path} is empty: its first line must name the columns, such as email,first_name.")
    separator = max(SEPARATORS, key=first.count)
    header = tuple(cell.strip() for cell in next(csv.reader(io.StringIO(first), delimiter=separator)))
    columns = tuple(column_of(name, extra_fields) for name in header)
    if "email" not in columns:
        shown = ", ".join(repr(name) for name in header[:8])
        raise ContactFileProblem(
            f"{path} has no column of addresses (its header is {shown}): name one 'email', 'e-mail' or 'courriel'."
        )
    return ContactFile(path, encoding, separator, header, _first_of_each(columns), digest)


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
            if start.startswith(b"PK\x03\x04"):
                raise ContactFileProblem(f"{path} is a spreadsheet: save it as CSV first.")
            return _encoding_of(raw, "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except FileNotFoundError:
        raise ContactFileProblem(f"{path} does not exist: check the path.") from None
    except OSError as error:
        raise ContactFileProblem(f"{path} cannot be read: {error.strerror}.") from None


def _encoding_of(raw: BinaryIO, encoding: str) -> tuple[str, str]:
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder(encoding)()
    while block := raw.read(1 << 20):
        digest.update(block)
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            encoding, decoder = "latin-1", codecs.getincrementaldecoder("latin-1")()
    return encoding, digest.hexdigest()


def _first_of_each(columns: tuple[str | None, ...]) -> tuple[str | None, ...]:
    return tuple(None if column in columns[:n] else column for n, column in enumerate(columns))


def _without_nul(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line.replace("\x00", "")


def _address(text: str) -> str:
    text = text.strip().strip("<>").removeprefix("mailto:").strip()
    if not text:
        raise ValueError("no e-mail address")
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(f"{text!r} is no e-mail address: {error}") from None
