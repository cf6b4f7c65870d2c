"""Compiles mails where no template can do harm: in a process of their own, bounded in time and memory.

Whoever writes a template may write a loop without end or a text of a gigabyte, and no sandbox stops that. So the author's
Jinja, MJML and CSS run in a child that is killed when it takes too long; one child serves all threads of this process,
starts when first needed and ends when there is nothing to do. What is filled in per contact afterwards is no program,
and needs none of this (`render.py`).
"""

import atexit
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from itertools import takewhile

from nurture.content.child import CannotStart, Child, Died, Overran
from nurture.content.decided import Decision
from nurture.content.exchange import Request, read_answer, read_decision, read_subject
from nurture.content.known import Value
from nurture.content.problems import BROKE_DOWN, SECONDS, UNBOUNDED, Stopped, TemplateProblem, out_of_bounds
from nurture.content.skeleton import Pieces, Skeleton
from nurture.content.spec import MailSpec, template_of

PRESS = "nurture.content.press"

REMEMBERED_SECONDS = 600.0
MOST_REMEMBERED = 256
"""How long, and how many, templates that had to be stopped are refused unread: the mails after them shall not wait.
Not for ever: a machine that stood still for a moment is no fault of a template's."""


AT_ONCE = 128
"""Contacts for whom a mail that branches is decided in one request."""

MOST_IN_A_ROW = 3
"""Contacts for whom a mail may have to be stopped, one after the other, before nobody else is tried."""


class NoCompiler(Exception):
    """No process could be started to make mails in. Nobody's template is at fault; the next attempt may succeed."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This machine cannot start the process that makes mails ({why}): free memory or processes.")


@dataclass(frozen=True, slots=True)
class _Stopped:
    """What was told of a template that had to be stopped."""

    code: str
    message: str
    file: str
    line: int | None
    until: float

    def problem(self) -> TemplateProblem:
        """The same, to be raised."""
        return TemplateProblem(self.code, self.message, file=self.file, line=self.line)


class BoundedCompiler:
    """Compiles mails in a child. Safe for many threads, which take turns; `close` ends the child."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, module: str = PRESS) -> None:
        self._monotonic = monotonic
        self._child = Child(module)
        self._turn = threading.Lock()
        self._stopped: OrderedDict[bytes, _Stopped] = OrderedDict()
        self._in_a_row: dict[bytes, int] = {}

    @property
    def pid(self) -> int | None:
        """The child as it runs now, if it does."""
        return self._child.pid

    def begin(self) -> None:
        """Start the child in the background, for whoever will ask soon; one that cannot be started is told to them."""
        threading.Thread(target=self._begun, name="mails-begin", daemon=True).start()

    def _begun(self) -> None:
        with self._turn, suppress(CannotStart):
            self._child.start()

    def compile(
        self, spec: MailSpec, templates: Mapping[str, str], *, base_url: str, contact_fields: frozenset[str]
    ) -> Skeleton:
        """The same as `compiler.compile_mail`, within `SECONDS` and `MEGABYTES` from its turn on.

        Raises TemplateProblem as that does, also for what had to be stopped, and NoCompiler.
        """
        template = template_of(spec, templates)
        name = _name(spec, template, templates)
        request = Request(spec, templates, base_url, contact_fields).to_bytes()
        with self._turn:
            if (known := self._known(name)) is not None:
                raise known.problem()
            made = self._made(request)
            if isinstance(made, Skeleton):
                return made
            made.at(template)
            if made.code in UNBOUNDED:
                self._child.stop()  # what it holds on to is no good to anybody
                self._remember(name, made)
        raise made

    def subjects(self, request: Request, subjects: Sequence[str]) -> list[Pieces | TemplateProblem]:
        """What each of these comes to as the subject of a mail that `compile` makes, each within the bounds of a mail.

        The list ends early where one has to be stopped: `compile` tells why. Raises NoCompiler.
        """
        asked, made = replace(request, subjects=subjects).to_bytes(), list[Pieces | TemplateProblem]()
        with self._turn, suppress(Overran, Died, ValueError, KeyError, TypeError):
            try:
                with closing(self._child.ask_each(asked, len(subjects), SECONDS)) as answers:
                    made += takewhile(_is_made, map(read_subject, answers))
            except CannotStart as why:
                raise NoCompiler(str(why)) from why
        return made

    def decide(
        self, request: Request, people: Sequence[Mapping[str, Value]], most_stopped: int
    ) -> tuple[list[Decision], int]:
        """The mail for each of these contacts, in their order, each within `SECONDS` and `MEGABYTES`; how many were stopped.

        Where one has to be stopped, the others are made by another child; after `most_stopped` the list ends early.
        A mail that was stopped for `MOST_IN_A_ROW` is refused for a while, unread. Raises NoCompiler.
        """
        made: list[Decision] = []
        stopped = 0
        while len(made) < len(people) and stopped < most_stopped:
            rest = people[len(made) : len(made) + AT_ONCE]
            with self._turn:
                known = self._known(request.mail)
                if known is not None:
                    made += [Decision(None, known.problem())] * (len(people) - len(made))
                    break
                some = self._decisions(replace(request, people=rest), len(rest))
                self._count(request.mail, some)
            made += some
            stopped += _is_stopped(some[-1])
        return made, stopped

    def _decisions(self, request: Request, expected: int) -> list[Decision]:
        """At least one; the last is what stopped it, where they are fewer than expected."""
        try:
            return self._some(request, expected, SECONDS)
        except Died:  # before the first answer: as when a mail is compiled, once more
            try:
                return self._some(replace(request, people=(request.people or ())[:1]), 1, SECONDS)
            except Died as died:
                return [Decision(None, _broke_down(died.status).at(template_of(request.spec, request.templates)))]

    def _some(self, request: Request, expected: int, seconds: float) -> list[Decision]:
        made: list[Decision] = []
        told: list[Skeleton] = []
        problem: TemplateProblem | None = None
        try:
            with closing(self._child.ask_each(request.to_bytes(), expected, seconds)) as answers:
                for answer in answers:
                    made.append(read_decision(answer, told))
                    if _is_stopped(made[-1]):
                        self._child.stop()
                        return made
        except Overran:
            problem = _too_long()
        except Died as died:
            if not made:
                raise
            problem = _broke_down(died.status)
        except CannotStart as why:
            raise NoCompiler(str(why)) from why
        except (ValueError, KeyError, TypeError, IndexError):
            problem = _broke_down(None)
        return (
            made
            if problem is None
            else [*made, Decision(None, problem.at(template_of(request.spec, request.templates)))]
        )

    def _count(self, name: bytes, made: Sequence[Decision]) -> None:
        """How often in a row a mail was stopped; a mail that is stopped for everybody shall not be tried on each."""
        for decision in made:
            if decision.problem is None or not _is_stopped(decision):
                self._in_a_row.pop(name, None)
                continue
            self._in_a_row[name] = self._in_a_row.get(name, 0) + 1
            if self._in_a_row[name] >= MOST_IN_A_ROW:
                del self._in_a_row[name]
                self._remember(name, decision.problem)

    def close(self) -> None:
        """End the child; the next mail starts another."""
        with self._turn:
            self._child.stop()

    def _made(self, request: bytes) -> Skeleton | TemplateProblem:
        until = time.monotonic() + SECONDS
        try:
            return self._asked(request, SECONDS)
        except Died:
            # Perhaps it was just about to end, or somebody else ended it: a template at fault does it again.
            return self._once_more(request, max(until - time.monotonic(), 0.0))

    def _once_more(self, request: bytes, seconds: float) -> Skeleton | TemplateProblem:
        try:
            return self._asked(request, seconds)
        except Died as died:
            return _broke_down(died.status)

    def _asked(self, request: bytes, seconds: float) -> Skeleton | TemplateProblem:
        try:
            return read_answer(self._child.ask(request, seconds))
        except Overran:
            return _too_long()
        except CannotStart as why:
            raise NoCompiler(str(why)) from why
        except (ValueError, KeyError, TypeError):
            return _broke_down(None)

    def _known(self, name: bytes) -> _Stopped | None:
        found = self._stopped.get(name)
        return found if found is not None and found.until > self._monotonic() else None

    def _remember(self, name: bytes, problem: TemplateProblem) -> None:
        until = self._monotonic() + REMEMBERED_SECONDS
        self._stopped[name] = _Stopped(problem.code, problem.message, problem.file, problem.line, until)
        if len(self._stopped) > MOST_REMEMBERED:
            self._stopped.popitem(last=False)


def _name(spec: MailSpec, template: str, templates: Mapping[str, str]) -> bytes:
    """What an author wrote of this mail, whatever is said in it."""
    return hashlib.sha256(repr((template, spec.subject, sorted(templates.items()))).encode()).digest()


def _is_made(subject: Pieces | TemplateProblem) -> bool:
    return not (isinstance(subject, TemplateProblem) and subject.code in UNBOUNDED)


def _is_stopped(decision: Decision) -> bool:
    return decision.problem is not None and decision.problem.code in UNBOUNDED


def _too_long() -> TemplateProblem:
    problem = out_of_bounds(Stopped())
    assert problem is not None
    return problem


def _broke_down(status: int | None) -> TemplateProblem:
    how = f" (signal {-status})" if status is not None and status < 0 else ""
    return TemplateProblem(
        BROKE_DOWN,
        f"Making this mail brought its process down{how}: something is nested too deeply, or far too large.",
    )


SHARED = BoundedCompiler()
"""The one of this process."""

SECOND = BoundedCompiler()
"""Another, for whoever has very many mails to make at once and a processor to spare."""

atexit.register(SHARED.close)
atexit.register(SECOND.close)
