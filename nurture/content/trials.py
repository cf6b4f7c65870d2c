"""Tries a mail that branches on people who do not exist, so that its author meets its mistakes before a contact does.

It begins with somebody of whom everything is known and with somebody of whom nothing is, and follows what the template
looks at: each field it asked for is taken away and given back, and given what the template held it against.
"""

from collections import deque
from collections.abc import Iterator, Mapping

from nurture.content.bounded import BoundedCompiler
from nurture.content.branching import Fixed, mail_of
from nurture.content.decided import Decision
from nurture.content.exchange import Request
from nurture.content.known import Value
from nurture.content.problems import TemplateProblem
from nurture.content.skeleton import Skeleton

MOST_TRIED = 96
ANYTHING: Value = "Exemple"


def mails_made(compiler: BoundedCompiler, request: Request) -> tuple[Skeleton, ...]:
    """What a template comes to: one mail, or as many as trials of it found. Raises TemplateProblem and NoCompiler."""
    match mail_of(compiler, request):
        case Fixed() as fixed:
            return (fixed.of({}).skeleton,)
        case _:
            return try_out(compiler, request)


def try_out(compiler: BoundedCompiler, request: Request) -> tuple[Skeleton, ...]:
    """The mails it came to, at least one. Raises TemplateProblem for the first that cannot be made, and NoCompiler."""
    tried = _Tried(request)
    while people := tried.next():
        decisions, _ = compiler.decide(request, people, 1)
        for values, decision in zip(people, decisions, strict=False):
            tried.take_in(values, decision)
    return tried.found()


class _Tried:
    """Whom it was tried on, and whom it is still to be tried on."""

    def __init__(self, request: Request) -> None:
        self._known: dict[str, Value] = dict.fromkeys(sorted(request.contact_fields), ANYTHING)
        nobody: dict[str, Value] = dict.fromkeys(self._known)
        self._waiting: deque[dict[str, Value]] = deque([dict(self._known), nobody])
        self._seen = {_name(one) for one in self._waiting}
        self._skeletons: dict[str, Skeleton] = {}
        self._problems: list[tuple[Mapping[str, Value], TemplateProblem]] = []

    def next(self) -> list[dict[str, Value]]:
        """The next ones to try it on; nobody, when it was tried enough or has failed."""
        people = list(self._waiting) if not self._standing() else []
        self._waiting.clear()
        return people

    def take_in(self, values: Mapping[str, Value], decision: Decision) -> None:
        """What became of one, and who is to be tried for it."""
        for name, met in decision.compared.items():
            numbers = [value for value in met if isinstance(value, int | float) and not isinstance(value, bool)]
            if numbers and self._known[name] == ANYTHING:
                self._known[name] = numbers[0]  # it is a number then: a text was no fair trial
        if decision.problem is not None:
            self._problems.append((values, decision.problem))
        elif decision.made is not None:
            self._skeletons[decision.made.composition] = decision.made
        for other in self._others(values, decision):
            if len(self._seen) < MOST_TRIED and _name(other) not in self._seen:
                self._seen.add(_name(other))
                self._waiting.append(other)

    def found(self) -> tuple[Skeleton, ...]:
        """The mails. Raises the first problem."""
        for problem in self._standing():
            raise problem
        return tuple(self._skeletons.values())

    def _others(self, values: Mapping[str, Value], decision: Decision) -> Iterator[dict[str, Value]]:
        for name in decision.decided:
            for value in (None, self._known[name], *_around(decision.compared.get(name, ()))):
                yield {**values, name: value}

    def _standing(self) -> list[TemplateProblem]:
        """Those of trials that were fair by what is known now."""
        return [
            problem
            for values, problem in self._problems
            if all(value != ANYTHING or self._known[name] == ANYTHING for name, value in values.items())
        ]


def _around(met: object) -> Iterator[Value]:
    """What a field was held against; of a number also what lies beside it."""
    for value in met if isinstance(met, list | tuple) else ():
        yield value
        if isinstance(value, int) and not isinstance(value, bool):
            yield from (value - 1, value + 1)


def _name(values: Mapping[str, Value]) -> str:
    return repr(sorted(values.items()))
