"""The only work done per contact on a mail's words: a field, passed through a few filters.

The filters are a closed table. Each takes the value (None when the contact has none) and answers
a value; a filter that needs one lets None pass, so that `default` may stand last.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nurture.content.dates import in_words
from nurture.content.problems import MissingVariable

LONGEST_VALUE = 200
COMPUTED = "="
"""What the names of values begin with that a template made of a contact's fields; no field's does."""

_SPACES = re.compile(r"[ \t-\r\x1c-\x1f\x85\u2028\u2029]+")
_CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)))
_WORD = re.compile(r"[^\W\d_]+")


def cap(text: str, length: int = LONGEST_VALUE) -> str:
    """At most `length` characters, an ellipsis showing that words are missing."""
    return text if len(text) <= length else text[: max(length - 1, 0)].rstrip() + "…"


def clean(value: object) -> str | None:
    """One line of printable text, or None where there is nothing to print."""
    if value is None:
        return None
    text = str(value)
    if text.isascii() and text.isprintable() and "  " not in text:
        return cap(text.strip()) or None
    text = _SPACES.sub(" ", text).translate(_CONTROLS).strip()
    return cap(text.encode("utf-8", "replace").decode()) or None


def _title(text: str) -> str:
    return _WORD.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), text)


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:].lower()


Filter = Callable[..., str]

# Filters of a present value: name → (function, number of arguments).
OF_VALUES: Mapping[str, tuple[Filter, type | None]] = {
    "upper": (str.upper, None),
    "lower": (str.lower, None),
    "capitalize": (_capitalize, None),
    "title": (_title, None),
    "trim": (str.strip, None),
    "truncate": (cap, int),
    "prefix": (lambda text, words: words + text, str),
    "date": (in_words, str),
    "suffix": (lambda text, words: text + words, str),
}
DEFAULT = "default"
FILTERS = frozenset({*OF_VALUES, DEFAULT})


@dataclass(frozen=True, slots=True)
class Applied:
    """One filter with its argument, as the author wrote it."""

    name: str
    argument: str | int | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """A place in a mail where a contact's value goes."""

    field: str
    filters: tuple[Applied, ...] = ()

    def words(self, values: Mapping[str, object], template: str) -> str:
        """The text for this contact. Raises MissingVariable where there is none to print."""
        text = clean(values.get(self.field))
        for applied in self.filters:
            text = apply(applied, text)
        if text is None:
            raise MissingVariable(self.field, template)
        return text


def apply(applied: Applied, text: str | None) -> str | None:
    """The text through one filter; None, where there is nothing to print, passes all but `default`."""
    if applied.name == DEFAULT:
        return text if text is not None else str(applied.argument or "")
    if text is None:
        return None
    function, _ = OF_VALUES[applied.name]
    return function(text) if applied.argument is None else function(text, applied.argument)
