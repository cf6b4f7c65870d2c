"""A mail whose words hang on what is known of the contact, as whoever sends it sees it: asked for, remembered, repeated.

Its template runs in the child, for many contacts in one request. Most need not be asked about: where a template looked
at the industry alone, one answer stands for everybody of that industry, and a mail costs what one of slots only costs.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from nurture.content.bounded import BoundedCompiler
from nurture.content.decided import Decision
from nurture.content.exchange import Request
from nurture.content.known import Value
from nurture.content.problems import NEEDS_THE_CONTACT, UNBOUNDED, TemplateProblem
from nurture.content.skeleton import Skeleton

MOST_WAYS = 64
MOST_ANSWERS = 8192
MOST_SKELETONS = 256
STOPPED_FOR = 60.0
"""Seconds for which a contact whose mail had to be stopped is not tried again."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The mail for one contact, ready to be filled in: with the contact's values, and with those `computed` of them."""

    skeleton: Skeleton
    computed: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The composition's hash."""
        return self.skeleton.composition

    def with_computed(self, values: Mapping[str, object]) -> Mapping[str, object]:
        """All values that the slots may ask for."""
        return {**values, **self.computed} if self.computed else values


class Mail(Protocol):
    """What a template came to: the same for everybody, or a question for each."""

    def of(self, values: Mapping[str, object]) -> Decided:
        """The mail for the contact who has these values. Raises Undecided, or TemplateProblem."""


class Undecided(Exception):
    """The mail is not decided for this contact yet: have its `mail` learn it, with others if there are some."""

    def __init__(self, mail: "Branching", values: Mapping[str, Value]) -> None:
        super().__init__("This mail was not yet made for this contact.")
        self.mail = mail
        self.values = values


class Fixed:
    """A mail of slots only: nothing to decide."""

    __slots__ = ("_decided",)

    def __init__(self, skeleton: Skeleton) -> None:
        self._decided = Decided(skeleton)

    def of(self, values: Mapping[str, object]) -> Decided:
        """Always the same."""
        return self._decided


class Branching:
    """A mail that branches. Used by one thread at a time."""

    def __init__(
        self, request: Request, compiler: BoundedCompiler, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._request = request
        self._compiler = compiler
        self._monotonic = monotonic
        self._fields = tuple(sorted(request.contact_fields))
        self._ways: OrderedDict[tuple[str, ...], OrderedDict[Hashable, Decided | TemplateProblem]] = OrderedDict()
        self._stopped: OrderedDict[Hashable, tuple[TemplateProblem, float]] = OrderedDict()
        self._skeletons: OrderedDict[str, Skeleton] = OrderedDict()

    def of(self, values: Mapping[str, object]) -> Decided:
        """What was learnt for contacts like this one."""
        for fields, answers in self._ways.items():
            found = answers.get(_key(fields, values))
            if found is not None:
                return _told(found)
        stopped, until = self._stopped.get(_key(self._fields, values), (None, 0.0))
        if stopped is not None and until > self._monotonic():
            raise stopped.again()
        raise Undecided(self, {name: _value(values.get(name)) for name in self._fields})

    def learn(self, people: Sequence[Mapping[str, Value]], most_stopped: int) -> int:
        """Decide it for these contacts; how many of them had to be stopped.

        After `most_stopped` the others are left undecided. Raises NoCompiler.
        """
        unlike = list({_key(self._fields, values): values for values in people}.values())
        decisions, stopped = self._compiler.decide(self._request, unlike, most_stopped)
        for values, decision in zip(unlike, decisions, strict=False):
            self._take_in(values, decision)
        return stopped

    def _take_in(self, values: Mapping[str, Value], decision: Decision) -> None:
        problem = decision.problem
        if problem is not None and problem.code in UNBOUNDED:  # nobody knows on what that hung
            until = self._monotonic() + STOPPED_FOR
            _keep(self._stopped, _key(self._fields, values), (problem, until), MOST_ANSWERS)
            return
        answers = self._ways.get(decision.decided)
        if answers is None:
            answers = OrderedDict()
            _keep(self._ways, decision.decided, answers, MOST_WAYS)
        made = problem if decision.made is None else Decided(self._one(decision.made), decision.computed)
        if made is not None:
            _keep(answers, _key(decision.decided, values), made, MOST_ANSWERS)

    def _one(self, skeleton: Skeleton) -> Skeleton:
        """Equal ones are one: what was worked out of it once need not be again."""
        name = skeleton.composition
        found = self._skeletons.get(name)
        if found is None:
            found = skeleton
            _keep(self._skeletons, name, found, MOST_SKELETONS)
        return found


K = TypeVar("K")
V = TypeVar("V")


def _keep(kept: OrderedDict[K, V], name: K, value: V, most: int) -> None:
    kept[name] = value
    if len(kept) > most:
        kept.popitem(last=False)


def mail_of(compiler: BoundedCompiler, request: Request) -> Mail:
    """The mail of slots, if it is one, else the one that branches. Raises TemplateProblem and NoCompiler.

    That it branches says nothing yet of whether it can be made: `trials` tell.
    """
    try:
        return Fixed(
            compiler.compile(
                request.spec,
                request.templates,
                base_url=request.base_url,
                contact_fields=request.contact_fields,
            )
        )
    except TemplateProblem as problem:
        if problem.code not in NEEDS_THE_CONTACT:
            raise
        return Branching(request, compiler)


def at_once(mail: Mail, values: Mapping[str, object]) -> Decided:
    """The mail for one contact, asked for if need be. Raises TemplateProblem and NoCompiler."""
    try:
        return mail.of(values)
    except Undecided as undecided:
        undecided.mail.learn([undecided.values], 1)
        return mail.of(values)


def _key(fields: tuple[str, ...], values: Mapping[str, object]) -> Hashable:
    # True, 1 and 1.0 are equal, and print differently.
    return tuple([(type(value), value) for value in map(values.get, fields)])


def _value(value: object) -> Value:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _told(found: Decided | TemplateProblem) -> Decided:
    if isinstance(found, TemplateProblem):
        raise found.again()
    return found
