"""An author's mistake as a good compiler would tell it: what, where, and what was probably meant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache


class Severity(StrEnum):
    """An error keeps the files from being applied; a warning is worth a look."""

    ERROR = "error"
    WARNING = "warning"


class Code(StrEnum):
    """The stable name of each kind of mistake. A code is never given another meaning."""

    NOT_UTF8 = "C001"
    TOO_LARGE = "C002"
    BAD_YAML = "C003"
    TAB = "C004"
    DUPLICATE_KEY = "C005"
    REFUSED_YAML = "C006"
    WRONG_SHAPE = "C007"
    UNKNOWN_KEY = "C008"
    MISSING_KEY = "C009"
    BAD_VALUE = "C010"
    UNKNOWN_STEP = "C011"
    UNKNOWN_CONTENT = "C012"
    UNKNOWN_TEAM = "C013"
    UNKNOWN_STAGE = "C014"
    UNKNOWN_FIELD = "C015"
    UNKNOWN_SIGNAL = "C016"
    BAD_CONDITION = "C017"
    WRONG_TYPE = "C018"
    UNKNOWN_VALUE = "C019"
    NO_TRANSLATION = "C020"
    UNKNOWN_ZONE = "C021"
    UNKNOWN_COUNTRY = "C022"
    BAD_SPAN = "C023"
    BAD_SHARES = "C024"
    REPEATED_NAME = "C025"
    NOTHING_TO_RELANCE = "C026"
    WAIT_FOR_NOTHING = "C027"
    LOOSER_THAN_COMPANY = "C028"
    BAD_ADDRESS = "C029"
    NO_ASSET = "C030"
    WRONG_KIND = "C031"
    UNKNOWN_LANGUAGE = "C032"
    NO_CAMPAIGN = "C033"
    LOST_VERSION = "C034"
    NOT_HERE = "C035"
    UNKNOWN_FORM = "C036"
    NO_DATE = "C037"
    MAIL = "C038"
    NO_WAY_IN = "C039"
    NEVER_TRUE = "C040"
    ALWAYS_TRUE = "C041"
    CONTENT_GAP = "C042"
    CAP_DELAYS = "C043"
    UNKNOWN_CODE = "C044"
    GOES_ROUND = "C050"
    UNREACHABLE = "C051"
    UNKNOWN_SEGMENT = "C070"
    SEGMENT_OF_ITSELF = "C071"
    UNUSED_SEGMENT = "C072"
    CLOSED_THEN = "C073"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int = 1
    column: int = 1
    length: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `message` says what is wrong, `hint` what to do or what was probably meant."""

    code: str
    file: str
    line: int
    column: int
    length: int
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        """Whether the files cannot be applied with it."""
        return self.severity is Severity.ERROR

    def __str__(self) -> str:
        hint = f": {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}  {self.message} ({self.code}){hint}"


@dataclass(slots=True)
class Log:
    """Collects the problems of all files while they are read."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, code: Code, spot: Spot, message: str, hint: str = "") -> None:
        """An error at a place."""
        self._note(code, spot, message, hint, Severity.ERROR)

    def warn(self, code: Code, spot: Spot, message: str, hint: str = "") -> None:
        """Something worth a look at a place."""
        self._note(code, spot, message, hint, Severity.WARNING)

    def _note(self, code: Code, spot: Spot, message: str, hint: str, severity: Severity) -> None:
        place = (spot.file, spot.line, spot.column, spot.length)
        self.problems.append(Problem(code.value, *place, message, hint, severity))

    @property
    def failed(self) -> bool:
        """Whether an error was found."""
        return any(problem.is_error for problem in self.problems)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, by file and place."""
    return sorted(dict.fromkeys(problems), key=lambda p: (p.file, p.line, p.column, p.code, p.message))


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """`did you mean "…"?` when a known word is near, else `otherwise`."""
    near = nearest(word, known)
    return f'did you mean "{near}"?' if near else otherwise


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that the author probably meant."""
    by_folded = {name.casefold(): name for name in sorted(known, reverse=True)}
    close = get_close_matches(word.casefold()[:80], list(by_folded), n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def one_of(known: Iterable[str]) -> str:
    """`one of a, b, c`, for a hint."""
    return f"one of {', '.join(known)}"


_WIDEST = 150


def render(problem: Problem, files: Mapping[str, str]) -> str:
    """The problem with its source line and a caret, for a terminal; `files` are the texts it was found in."""
    warning = "warning: " if problem.severity is Severity.WARNING else ""
    place = f"{problem.file}:{problem.line}:{problem.column}"
    head = f"{place}  {warning}{problem.message} ({problem.code})"
    line = _line(files.get(problem.file, ""), problem.line)
    if line is None:
        return f"{head}\n      {problem.hint}" if problem.hint else head
    shown, column = _clip(line, problem.column)
    carets = "^" * max(1, min(problem.length, len(shown) - column + 1))
    under = f"{' ' * (column - 1)}{carets} {problem.hint}".rstrip()
    return f"{head}\n{problem.line:>5} | {shown}\n      | {under}"


def _line(text: str, number: int) -> str | None:
    lines = _lines(text)
    if not text or number > len(lines):
        return None
    printable = (c if c.isprintable() else "\ufffd" for c in lines[number - 1].replace("\t", " "))
    return "".join(printable).rstrip()


@lru_cache(maxsize=4)
def _lines(text: str) -> list[str]:
    """A file with one mistake may have ten thousand, and is shown a line of for each."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _clip(line: str, column: int) -> tuple[str, int]:
    """A window of a long line that holds the column, and the column in it."""
    start = max(0, column - 1 - _WIDEST // 2) if len(line) > _WIDEST else 0
    return line[start : start + _WIDEST], column - start
