"""Contact data while the contact is known: what a template that branches is given instead of slots.

A value may be tested, compared, looped over, calculated with and filtered freely. Printed, it is a placeholder word all
the same: so it is escaped where it stands, capped, and refused in addresses, attributes and style sheets exactly as in
a mail of slots only, and two contacts for whom a template decides alike share one skeleton. What a template *learnt* of
a contact on its way is noted: whoever has the same values there is sent the same.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from jinja2 import Undefined
from markupsafe import Markup

from nurture.content.fills import COMPUTED, DEFAULT, FILTERS, Applied, Fill, apply, clean
from nurture.content.problems import TemplateProblem, nearest
from nurture.content.slots import Late, Ledger, applied_to

Value: TypeAlias = str | int | float | bool | None

_IF_UNKNOWN = frozenset({"default", "d", "defined", "undefined", "none"})
_LEARNT_AT_MOST = 20


@dataclass(slots=True)
class Run:
    """One contact's way through a template: `decided` are the fields it hung on, `compared` what they were held against.

    `computed` are the values that the template made of others and printed, by the names of their slots.
    """

    ledger: Ledger
    values: Mapping[str, Value]
    decided: dict[str, None] = field(default_factory=dict)
    compared: dict[str, list[Value]] = field(default_factory=dict)
    computed: dict[str, str] = field(default_factory=dict)

    def print(self, text: str) -> str:
        """The word that stands for a computed text; nothing may be printed of one that is empty."""
        name = next((known for known, words in self.computed.items() if words == text), None)
        if name is None:
            name = f"{COMPUTED}{self.ledger.prefix}.{len(self.computed)}"
            self.computed[name] = text
        return self.ledger.word(Fill(name, (Applied(DEFAULT, ""),)))

    def note(self, fields: tuple[str, ...], other: object) -> None:
        """What a field was held against, for whoever looks for the ways through a template."""
        if isinstance(other, str | int | float):
            for name in fields:
                met = self.compared.setdefault(name, [])
                if other not in met and len(met) < _LEARNT_AT_MOST:
                    met.append(other)


def _ordered(function: Callable[[Any, Any], bool]) -> Callable[["Known", object], bool]:
    def operate(self: "Known", other: object) -> bool:
        self.run.note(self.fields, other)
        value, other = _fitting(self.learn(), other), raw(other)
        # What is unknown is neither more nor less than anything, nor is a text that is no number beside one.
        beside = isinstance(value, str) and isinstance(other, int | float)
        return not (value is None or other is None or beside) and function(value, other)

    return operate


def _made(function: Callable[[Any, Any], Any]) -> Callable[["Known", object], "Known"]:
    def operate(self: "Known", other: object) -> "Known":
        self.run.note(self.fields, other)
        return self.like(function(_fitting(self.present("calculated with"), other), raw(other)))

    return operate


def _fitting(value: object, other: object) -> object:
    """A number that was noted as text is a number beside one."""
    if isinstance(value, str) and isinstance(other, int | float):
        try:
            return float(value) if "." in value else int(value)
        except ValueError:
            return value
    return value


class Known(Late):
    """A contact's value, or what a template made of some; `fields` are those it comes from."""

    __slots__ = ("fields", "run")

    def __init__(self, run: Run, fields: tuple[str, ...]) -> None:
        self.run = run
        self.fields = fields

    def got(self) -> Any:
        """The value; None where the contact has none."""
        raise NotImplementedError

    def learn(self) -> Any:
        """The value, on which the mail hangs from here on."""
        self.run.decided |= dict.fromkeys(self.fields)
        return self.got()

    def present(self, doing: str) -> Any:
        """The value, which something is done with that takes one. Raises TemplateProblem where there is none."""
        value = self.learn()
        if value is None:
            raise TemplateProblem("M120", _UNKNOWN.format(fields=self.named, doing=doing))
        return value

    @property
    def named(self) -> str:
        """How an author calls it."""
        return " and ".join(f"contact.{name}" for name in self.fields)

    def like(self, value: object, *others: "Known") -> "Known":
        """What was made of this value, and of others."""
        fields = dict.fromkeys(self.fields)
        for other in others:
            fields |= dict.fromkeys(other.fields)
        return Computed(self.run, tuple(fields), value)

    def through(
        self, name: str, at: int, arguments: tuple[Any, ...], named: Mapping[str, Any], function: Callable[..., Any]
    ) -> Any:
        """What a filter or a test makes of it; `arguments[at]` is the value that is filtered."""
        after = arguments[at + 1 :]
        if name in FILTERS and not named and arguments[at] is self and all(isinstance(a, str | int) for a in after):
            try:
                return self.applied(applied_to(self.named, name, after))
            except TemplateProblem:
                pass  # taken otherwise than slots take it: as Jinja's own filter of that name, which may well allow it
        return _through(self, name, at, arguments, named, function)

    def applied(self, filter_: Applied) -> "Known":
        """The value through a filter of the allow-list."""
        return self.like(apply(filter_, clean(self.learn())))

    def __str__(self) -> str:
        value = self.present("printed")
        if isinstance(value, Markup):
            value = value.unescape()  # a contact's value is never markup
        if not isinstance(value, str | int | float):
            raise TemplateProblem(
                "M121", f"What is made of {self.named} here is no text: print one of it at a time, or use join."
            )
        return self.run.print(str(value))

    def __html__(self) -> str:
        return str(self)

    def __bool__(self) -> bool:
        return bool(self.learn())

    def __eq__(self, other: object) -> bool:
        self.run.note(self.fields, other)
        return bool(self.learn() == raw(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.learn())

    def __contains__(self, other: object) -> bool:
        self.run.note(self.fields, other)
        return raw(other) in self.present("searched")

    def __iter__(self) -> Iterator["Known"]:
        return map(self.like, self.present("looped over"))

    def __getitem__(self, places: object) -> "Known":
        """A part of it; whatever else stands in brackets is the environment's to look at."""
        return self.like(self.present("taken apart")[raw(places)])

    def __len__(self) -> int:
        return len(self.present("measured"))

    def __int__(self) -> int:
        return int(self.present("calculated with"))

    def __index__(self) -> int:
        return operator.index(self.present("calculated with"))

    def __float__(self) -> float:
        return float(self.present("calculated with"))

    def __neg__(self) -> "Known":
        return self.like(-self.present("calculated with"))

    __lt__ = _ordered(operator.lt)
    __le__ = _ordered(operator.le)
    __gt__ = _ordered(operator.gt)
    __ge__ = _ordered(operator.ge)
    __add__ = _made(operator.add)
    __sub__ = _made(operator.sub)
    __mul__ = _made(operator.mul)
    __truediv__ = _made(operator.truediv)
    __floordiv__ = _made(operator.floordiv)
    __mod__ = _made(operator.mod)
    __pow__ = _made(operator.pow)
    __radd__ = _made(lambda a, b: b + a)
    __rsub__ = _made(lambda a, b: b - a)
    __rmul__ = _made(lambda a, b: b * a)
    __rtruediv__ = _made(lambda a, b: b / a)
    __rfloordiv__ = _made(lambda a, b: b // a)
    __rmod__ = _made(lambda a, b: b % a)
    __rpow__ = _made(lambda a, b: b**a)


class Field(Known):
    """A field of the contact, through filters that slots have too: printed, it is a slot, and nothing is learnt."""

    __slots__ = ("fill",)

    def __init__(self, run: Run, fill: Fill) -> None:
        super().__init__(run, (fill.field,))
        self.fill = fill

    def got(self) -> Any:
        value = self.run.values.get(self.fill.field)
        if not self.fill.filters:
            return value if value != "" else None
        text = clean(value)
        for filter_ in self.fill.filters:
            text = apply(filter_, text)
        return text

    def applied(self, filter_: Applied) -> Known:
        return Field(self.run, replace(self.fill, filters=(*self.fill.filters, filter_)))

    def __str__(self) -> str:
        return self.run.ledger.word(self.fill)


class Computed(Known):
    """What a template made of values of the contact."""

    __slots__ = ("value",)

    def __init__(self, run: Run, fields: tuple[str, ...], value: object) -> None:
        super().__init__(run, fields)
        self.value = value

    def got(self) -> Any:
        return self.value


class KnownContact:
    """The `contact` of a template that branches."""

    __slots__ = ("_run",)

    def __init__(self, run: Run) -> None:
        self._run = run

    def __getitem__(self, name: str) -> Known:
        known = self._run.ledger.contact_fields
        if name not in known:
            raise TemplateProblem("M103", f'Contacts have no field "{name}".', suggestion=nearest(name, known))
        return Field(self._run, Fill(name))


def raw(value: Any) -> Any:
    """The value itself, learnt, also within a list."""
    if isinstance(value, Known):
        return value.learn()
    if any_known(value) is None:
        return value
    if isinstance(value, dict):
        return {raw(key): raw(one) for key, one in value.items()}
    return type(value)(map(raw, value))


def any_known(value: object) -> "Known | None":
    """The first value of a contact's in this one, if any."""
    if isinstance(value, Known):
        return value
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple):
        return next((found for one in value if (found := any_known(one)) is not None), None)
    return None


def _through(
    first: Known,
    name: str,
    at: int,
    arguments: tuple[Any, ...],
    named: Mapping[str, Any],
    function: Callable[..., Any],
) -> Any:
    given = list(arguments)
    plain = [*given[:at], *map(raw, given[at:])]
    value = plain[at] if len(plain) > at else None
    if value is None and isinstance(given[at], Known):
        if name not in _IF_UNKNOWN:
            raise TemplateProblem("M120", _UNKNOWN.format(fields=first.named, doing=f"given to {name}"))
        plain[at] = None if name == "none" else Undefined()
    for other in plain[at + 1 :]:
        first.run.note(first.fields, other)
    made = function(*plain, **{key: raw(one) for key, one in named.items()})
    if isinstance(made, bool | Undefined):
        return made
    return first.like(list(made) if isinstance(made, Iterator) else made, *_all_known((*given, *named.values())))


def _all_known(values: object) -> Iterator[Known]:
    if isinstance(values, Known):
        yield values
    elif isinstance(values, dict):
        yield from _all_known([*values.keys(), *values.values()])
    elif isinstance(values, list | tuple):
        for one in values:
            yield from _all_known(one)


_UNKNOWN = (
    "{fields} is {doing}, and not every contact has a value there; ask first, as in {{% if contact.field %}}, "
    "or give a default('…')."
)
