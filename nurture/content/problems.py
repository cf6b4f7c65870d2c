"""What can go wrong with a mail, as sentences for the person who can put it right."""

from collections.abc import Iterable
from difflib import get_close_matches


class TemplateProblem(Exception):
    """A template says something that cannot be sent. The author corrects `file` at `line`.

    `line` and `column` count from 1 and are None where the place is unknown; `suggestion` is the
    known word nearest to a mistaken one.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        file: str = "",
        line: int | None = None,
        column: int | None = None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.suggestion = suggestion

    def at(self, file: str, line: int | None = None) -> "TemplateProblem":
        """The same problem with its place, unless it already knows a better one."""
        self.file = self.file or file
        self.line = self.line or line
        return self

    def again(self) -> "TemplateProblem":
        """One of its own for whoever raises it: an exception that is raised again and again grows."""
        return TemplateProblem(
            self.code, self.message, file=self.file, line=self.line, column=self.column, suggestion=self.suggestion
        )

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        hint = f' Did you mean "{self.suggestion}"?' if self.suggestion else ""
        return f"{place}  {self.message} ({self.code}){hint}".strip()


TOO_LONG = "M114"
TOO_LARGE = "M115"
ENDLESS = "M116"
BROKE_DOWN = "M117"
UNBOUNDED = frozenset({TOO_LONG, TOO_LARGE, BROKE_DOWN})
"""Codes of templates that had to be stopped, or that brought their process down: finding out again would cost as much."""

NEEDS_THE_CONTACT = frozenset({"M101", "M102", "M104", "M105", "M106"})
"""Codes of what cannot be decided, or made, before the contact is known; it may be possible then."""

SECONDS = 3
MEGABYTES = 256
"""What making one mail may take. The templates of this repository take 10 ms and 40 MB."""


class Stopped(Exception):
    """Raised within a template that has used up its time."""


def out_of_bounds(error: BaseException) -> TemplateProblem | None:
    """What an author is told of a template that takes too much; None for any other error."""
    match error:
        case Stopped():
            return TemplateProblem(
                TOO_LONG,
                f"This takes more than {SECONDS} seconds, and was stopped; a loop or a calculation is too long.",
            )
        case MemoryError():
            return TemplateProblem(
                TOO_LARGE,
                f"This needs more than {MEGABYTES} MB of memory, and was stopped; a text or a list is too long.",
            )
        case RecursionError():
            return TemplateProblem(ENDLESS, "This calls or includes itself, or is nested, deeper than can be followed.")
        case _:
            return None


class MissingVariable(Exception):
    """A contact lacks a value the mail needs. Give the slot a default, or the contact a value."""

    def __init__(self, field: str, template: str) -> None:
        super().__init__(field, template)
        self.field = field
        self.template = template

    def __str__(self) -> str:
        return (
            f'The contact has no "{self.field}", which {self.template} needs: '
            f"write {{{{ contact.{self.field} | default('…') }}}} or fill the field in."
        )


class HeaderRefused(Exception):
    """A header value cannot be sent safely. The value, never the code, is to be corrected."""

    def __init__(self, header: str, why: str) -> None:
        super().__init__(header, why)
        self.header = header
        self.why = why

    def __str__(self) -> str:
        return f"The header {self.header} was refused: {self.why}."


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word an author probably meant."""
    close = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return close[0] if close else None
