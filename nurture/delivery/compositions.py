"""Compiled mails, kept as long as they are of use: compiling costs milliseconds, filling one in costs microseconds."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

from nurture.content.bounded import SHARED, BoundedCompiler
from nurture.content.fills import Fill
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


@dataclass(frozen=True, slots=True)
class Compiled:
    """A skeleton, and the names of the contact's values that it prints."""

    skeleton: Skeleton
    fields: tuple[str, ...]

    @property
    def name(self) -> str:
        """The composition's hash."""
        return self.skeleton.composition


class Compositions:
    """The mails of steps, compiled once per world, version, step, variant and thread. Used by one thread at a time."""

    def __init__(self, base_url: str, *, kept: int = KEPT, compiler: BoundedCompiler = SHARED) -> None:
        self._base_url = base_url
        self._compiler = compiler
        self._kept = kept
        self._made: OrderedDict[Hashable, Compiled | CannotCompose] = OrderedDict()

    def of_step(
        self, library: Library, program: Program, step: Mailing, which: str | None, thread: Thread | None
    ) -> Compiled:
        """The mail of a step, `which` as in `spec_of`; in a thread it bears the subject of what it answers.

        Raises CannotCompose.
        """
        answered = (thread.program.version, thread.step.key, thread.which) if thread is not None else None
        name = (library.world.hash, program.name, program.version, step.key, which, answered)
        return self._kept_or_made(name, lambda: self._step(library, program, step, which, thread))

    def of_notice(self, library: Library, spec: MailSpec) -> Compiled:
        """A mail to one person about one thing: compiled each time. Raises CannotCompose."""
        return self._compile(spec, library.templates, library)

    def _step(
        self, library: Library, program: Program, step: Mailing, which: str | None, thread: Thread | None
    ) -> Compiled:
        spec = spec_of(library.world, program, step, which)
        made = self._compile(spec, library.templates_of(program), library)
        if isinstance(step, Invite) and which != REPLAY:
            event = webinar_calendar(library.world.catalogue[step.content], spec)
            made = _compiled(replace(made.skeleton, calendar=event))
        if thread is None:
            return made
        answered = self.of_step(library, thread.program, thread.step, thread.which, None)
        return _compiled(replace(made.skeleton, subject=answering(answered.skeleton.subject)))

    def _compile(self, spec: MailSpec, templates: Templates, library: Library) -> Compiled:
        fields = library.contact_fields | OF_EVERY_CONTACT
        try:
            return _compiled(self._compiler.compile(spec, templates, base_url=self._base_url, contact_fields=fields))
        except TemplateProblem as problem:
            raise CannotCompose(str(problem)) from problem

    def _kept_or_made(self, name: Hashable, make: Callable[[], Compiled]) -> Compiled:
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


def _compiled(skeleton: Skeleton) -> Compiled:
    pieces = (*skeleton.wire.fills, *(piece for piece in skeleton.subject if isinstance(piece, Fill)))
    return Compiled(skeleton, tuple(sorted({piece.field for piece in pieces})))
