"""Contact data at compile time: recorded as slots, printed as words that are replaced later.

No contact exists while a template is compiled. `contact.first_name` therefore yields a `Slot`,
which notes the field and its filters and prints a placeholder word; the word passes unharmed
through the MJML compiler and the CSS inliner. Whatever would need a value now (a test, a loop, a
comparison) is refused, because it would silently decide for everybody.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from nurture.content.fills import DEFAULT, FILTERS, OF_VALUES, Applied, Fill
from nurture.content.problems import TemplateProblem, nearest

Piece = str | Fill | None
"""A part of a finished text: fixed words, a contact's value, or (None) the message's token."""

TOKEN: None = None

# What a mangled placeholder still begins with, long enough never to occur by chance.
_TELLTALE = 7


@dataclass(slots=True)
class Ledger:
    """The placeholders given out during one compilation, all beginning with one rare `prefix`."""

    prefix: str
    contact_fields: frozenset[str]
    fills: list[Fill] = field(default_factory=list)

    @property
    def token_word(self) -> str:
        """Stands for the message token in links."""
        return f"{self.prefix}tz"

    def word(self, fill: Fill) -> str:
        """Stands for one contact value."""
        if fill not in self.fills:
            self.fills.append(fill)
        return f"{self.prefix}f{self.fills.index(fill)}z"

    def holds(self, text: str) -> bool:
        """Whether a placeholder, whole or mangled, is in this text."""
        return self.prefix[:_TELLTALE] in text.lower()

    def split(self, text: str) -> tuple[Piece, ...]:
        """The text with its placeholders turned into pieces. Refuses mangled placeholders."""
        pieces: list[Piece] = []
        for part in re.split(rf"({self.prefix}(?:f\d+|t)z)", text):
            if part.startswith(self.prefix):
                pieces.append(self._piece(part))
            elif self.holds(part):
                raise TemplateProblem("M104", _CHANGED)
            elif part:
                pieces.append(part)
        return tuple(pieces)

    def _piece(self, word: str) -> Piece:
        return TOKEN if word == self.token_word else self.fills[int(word[len(self.prefix) + 1 : -1])]


_CHANGED = (
    "Text that already holds a contact's value is changed afterwards; "
    "apply the filter to the value itself, as in {{ contact.first_name | upper }}."
)


def _refusing(doing: str) -> Callable[..., NoReturn]:
    def refuse(self: "Slot", *_: object) -> NoReturn:
        raise TemplateProblem(
            "M101",
            f"contact.{self.fill.field} is {doing}, but it is only known for each contact when the mail goes out; "
            "print it, with a default('…') for those who have none, and let the campaign's branches decide.",
        )

    return refuse


class Late:
    """A contact's value within a template, whether it is known by now or not."""

    __slots__ = ()

    def through(
        self, name: str, at: int, arguments: tuple[Any, ...], named: Mapping[str, Any], function: Callable[..., Any]
    ) -> Any:
        """What a filter or a test makes of `arguments`, this value being one of them: that at `at` is filtered."""
        raise NotImplementedError


class Slot(Late):
    """A contact's value that is not known yet. It can be printed and filtered, nothing else."""

    __slots__ = ("_ledger", "fill")

    def __init__(self, ledger: Ledger, fill: Fill) -> None:
        self._ledger = ledger
        self.fill = fill

    def __str__(self) -> str:
        return self._ledger.word(self.fill)

    __html__ = __str__

    def through(
        self, name: str, at: int, arguments: tuple[Any, ...], named: Mapping[str, Any], function: Callable[..., Any]
    ) -> "Slot":
        """The same slot through one more filter of the allow-list."""
        if name not in FILTERS or named or arguments[at] is not self:
            refuse_filter(name, self.fill.field)
        applied = applied_to(f"contact.{self.fill.field}", name, arguments[at + 1 :])
        return Slot(self._ledger, replace(self.fill, filters=(*self.fill.filters, applied)))

    __bool__ = _refusing("tested")
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refusing("compared")
    __iter__ = __len__ = __contains__ = _refusing("looped over")
    __add__ = __radd__ = __sub__ = __mul__ = __mod__ = __int__ = __float__ = _refusing("calculated with")
    __getitem__ = __call__ = _refusing("taken apart")
    __hash__ = None  # type: ignore[assignment]


def applied_to(value: str, name: str, arguments: tuple[object, ...]) -> Applied:
    """A filter of the allow-list on a value. Raises TemplateProblem for arguments that it does not take."""
    wanted = str if name == DEFAULT else OF_VALUES[name][1]
    match arguments:
        case () if wanted is None or name == DEFAULT:
            return Applied(name, "" if name == DEFAULT else None)
        case (str() | int() as argument,) if wanted is not None and isinstance(argument, wanted):
            return Applied(name, str(argument) if isinstance(argument, str) else argument)
        case _:
            raise TemplateProblem("M102", f"The filter {name} on {value} takes {_TAKES[wanted]}.", suggestion=None)


_TAKES: dict[type | None, str] = {None: "nothing", str: "one text in quotes", int: "one number"}


class ContactSlots:
    """The `contact` of a template: every known field is a slot, an unknown one a problem."""

    __slots__ = ("_ledger",)

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __getitem__(self, name: str) -> Slot:
        known = self._ledger.contact_fields
        if name not in known:
            raise TemplateProblem("M103", f'Contacts have no field "{name}".', suggestion=nearest(name, known))
        return Slot(self._ledger, Fill(name))


def refuse_filter(name: str, contact_field: str) -> NoReturn:
    """A filter that cannot wait until the contact is known."""
    raise TemplateProblem(
        "M105",
        f"The filter {name} cannot be used on contact.{contact_field}; these can: {', '.join(sorted(FILTERS))}.",
        suggestion=nearest(name, FILTERS),
    )
