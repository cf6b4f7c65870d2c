"""Compiled mails, kept as long as they are of use: compiling costs milliseconds, filling one in costs microseconds."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace

from nurture.content.bounded import SHARED, BoundedCompiler
from nurture.content.branching import Decided, Mail, at_once, mail_of
from nurture.content.exchange import Request
from nurture.content.problems import UNBOUNDED, TemplateProblem
from nurture.content.skeleton import Pieces, Skeleton
from nurture.content.spec import MailSpec
from nurture.core.invite import REPLAY, Invite
from nurture.core.program import Mailing, Program
from nurture.delivery.calendars import webinar_calendar
from nurture.delivery.library import OF_EVERY_CONTACT, Library, Templates
from nurture.delivery.specs import CannotCompose, spec_of

KEPT = 512
REPLY_MARK = "Re: "


@dataclass(frozen=True, slots=True)
class Thread:
    """The mail that a relance answers: its step, as the version that sent it had it, and which of its mails was sent."""

    program: Program
    step: Mailing
    which: str | None


class Compositions:
    """The mails of steps, compiled once per world, version, step, variant and thread. Used by one thread at a time."""

    def __init__(self, base_url: str, *, kept: int = KEPT, compiler: BoundedCompiler = SHARED) -> None:
        self._base_url = base_url
        self._compiler = compiler
        self._kept = kept
        self._made: OrderedDict[Hashable, Mail | CannotCompose] = OrderedDict()

    def of_step(
        self, library: Library, program: Program, step: Mailing, which: str | None, thread: Thread | None
    ) -> Mail:
        """The mail of a step, `which` as in `spec_of`; in a thread it bears the subject of what it answers.

        Raises CannotCompose.
        """
        answered = (thread.program.version, thread.step.key, thread.which) if thread is not None else None
        name = (library.world.hash, program.name, program.version, step.key, which, answered)
        return self._kept_or_made(name, lambda: self._step(library, program, step, which, thread))

    def of_notice(self, library: Library, spec: MailSpec, values: Mapping[str, object]) -> Decided:
        """A mail to one person about one thing: compiled each time. Raises CannotCompose."""
        mail = self._compile(spec, library.templates, library)
        try:
            return at_once(mail, values)
        except TemplateProblem as problem:
            raise CannotCompose(str(problem)) from problem

    def _step(
        self, library: Library, program: Program, step: Mailing, which: str | None, thread: Thread | None
    ) -> Mail:
        spec = spec_of(library.world, program, step, which)
        made = self._compile(spec, library.templates_of(program), library)
        if isinstance(step, Invite) and which != REPLAY:
            event = webinar_calendar(library.world.catalogue[step.content], spec)
            made = _Dated(made, event)
        if thread is None:
            return made
        answered = self.of_step(library, thread.program, thread.step, thread.which, None)
        return _Answering(made, answered)

    def _compile(self, spec: MailSpec, templates: Templates, library: Library) -> Mail:
        fields = library.contact_fields | OF_EVERY_CONTACT
        try:
            return mail_of(self._compiler, Request(spec, templates, self._base_url, fields))
        except TemplateProblem as problem:
            raise CannotCompose(str(problem)) from problem

    def _kept_or_made(self, name: Hashable, make: Callable[[], Mail]) -> Mail:
        """A mail that cannot be made is remembered too: the next thousand contacts need not find out again."""
        found = self._made.get(name)
        if found is None:
            try:
                found = make()
            except CannotCompose as problem:
                if _was_stopped(problem):
                    raise  # the compiler remembers it, for as long as it may be believed
                found = problem
            self._made[name] = found
            if len(self._made) > self._kept:
                self._made.popitem(last=False)
        else:
            self._made.move_to_end(name)
        if isinstance(found, CannotCompose):
            raise CannotCompose(str(found))
        return found


class _Dated:
    """A mail with an entry for the calendar."""

    def __init__(self, own: Mail, calendar: tuple[str, ...]) -> None:
        self._own = own
        self._calendar = calendar
        self._made: OrderedDict[str, Skeleton] = OrderedDict()

    def of(self, values: Mapping[str, object]) -> Decided:
        own = self._own.of(values)
        made = self._made.get(own.name)
        if made is None:
            made = self._made[own.name] = replace(own.skeleton, calendar=self._calendar)
            if len(self._made) > KEPT:
                self._made.popitem(last=False)
        return Decided(made, own.computed)


class _Answering:
    """A mail with the subject of the one that it answers, as the contact was sent it."""

    def __init__(self, own: Mail, answered: Mail) -> None:
        self._own = own
        self._answered = answered
        self._made: OrderedDict[tuple[str, str], Skeleton] = OrderedDict()

    def of(self, values: Mapping[str, object]) -> Decided:
        own, answered = self._own.of(values), self._answered.of(values)
        name = (own.name, answered.name)
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = replace(own.skeleton, subject=answering(answered.skeleton.subject))
            if len(self._made) > KEPT:
                self._made.popitem(last=False)
        return Decided(made, {**own.computed, **answered.computed})


def _was_stopped(problem: CannotCompose) -> bool:
    return isinstance(problem.__cause__, TemplateProblem) and problem.__cause__.code in UNBOUNDED


def answering(subject: Pieces) -> Pieces:
    """The subject of an answer: marked once, however long the thread becomes."""
    if subject and isinstance(subject[0], str):
        rest = subject[0]
        while rest[:3].lower() == "re:":
            rest = rest[3:].lstrip()
        return (REPLY_MARK + rest, *subject[1:])
    return (REPLY_MARK, *subject)
