"""Mails that differ in nothing but their subject, or in the campaign's title that they print, are made once for all.

Hundreds of campaigns send the same contents. What their templates make of a content is tried once, and the subjects that
steps give it are tried on it, one after the other; so `nurture check` costs what there is to read, not what there is to send.
"""

import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from queue import SimpleQueue

from nurture.content.bounded import SECOND, SHARED, BoundedCompiler
from nurture.content.branching import Fixed, mail_of
from nurture.content.exchange import Request
from nurture.content.problems import NEEDS_THE_CONTACT, UNBOUNDED, TemplateProblem
from nurture.content.skeleton import Pieces, Skeleton
from nurture.content.spec import SUBJECT_OF_STEP, MailSpec
from nurture.content.trials import try_out

MOST_STOPPED = 3
"""Mails that take too long, or too much, before the others are left for when these are mended: each takes seconds."""

CAMPAIGN = "campaign"
WORTH_ANOTHER = 40
"""Mails to make for which a second process is worth its start."""

OF_SUBJECTS = frozenset({"M107", "M112", "M113"})
"""Codes of what is wrong with a finished subject, whoever gave it."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a mail came to. `mails` are several when it branches; one like another differs from it in its subject only."""

    mails: tuple[Skeleton, ...] = ()
    problem: TemplateProblem | None = None
    is_like_another: bool = False

    @property
    def is_stopped(self) -> bool:
        """Whether it took too long, or too much."""
        return self.problem is not None and self.problem.code in UNBOUNDED


@dataclass(frozen=True, slots=True)
class Project:
    """What all mails are made from, and by whom."""

    templates: Mapping[str, str]
    base_url: str
    contact_fields: frozenset[str]
    compilers: Sequence[BoundedCompiler] = (SHARED, SECOND)


@dataclass(frozen=True, slots=True)
class _At:
    """One of the project's compilers at work."""

    project: Project
    compiler: BoundedCompiler

    def request(self, spec: MailSpec) -> Request:
        """How the mail is asked for."""
        return Request(spec, self.project.templates, self.project.base_url, self.project.contact_fields)


def made(specs: Iterable[MailSpec], project: Project) -> Generator[tuple[MailSpec, Made], None, None]:
    """Each of these mails once, with what it came to; not all of them where some have to be stopped. Raises NoCompiler."""
    groups: dict[str, list[MailSpec]] = {}
    is_printed = only_printed(project.templates)
    for spec in {repr(each): each for each in specs}.values():
        title = "" if is_printed and CAMPAIGN not in (spec.subject or "") else spec.campaign
        groups.setdefault(repr(replace(spec, subject=None, campaign=title)), []).append(spec)
    longest_first = (sorted(group, key=lambda spec: -len(spec.campaign)) for group in groups.values())
    free: SimpleQueue[BoundedCompiler] = SimpleQueue()
    busy = project.compilers[: 1 + len(groups) // WORTH_ANOTHER]
    for compiler in busy:
        free.put(compiler)
    with ThreadPoolExecutor(len(busy), thread_name_prefix="mails") as workers:  # which wait for other processes
        waiting = [workers.submit(_by_who_is_free, free, group, project) for group in longest_first]
        try:
            for each in waiting:
                yield from each.result()
        finally:
            workers.shutdown(wait=False, cancel_futures=True)


def _by_who_is_free(
    free: "SimpleQueue[BoundedCompiler]", specs: Sequence[MailSpec], project: Project
) -> list[tuple[MailSpec, Made]]:
    compiler = free.get()
    try:
        return _of_group(specs, _At(project, compiler))
    finally:
        free.put(compiler)


def _of_group(specs: Sequence[MailSpec], at: _At) -> list[tuple[MailSpec, Made]]:
    """The one with the longest title is made as it is, the others in its image."""
    done: list[tuple[MailSpec, Made]] = []
    for number, spec in enumerate(specs):
        others = specs[number + 1 :]
        found, is_fixed = _alone(spec, at)
        done.append((spec, found))
        if sum(each.is_stopped for _, each in done) >= MOST_STOPPED:
            break
        if is_fixed:
            return [*done, *_with_subjects(found.mails[0], spec, others, at)]
        if found.problem is not None and _is_of_body(found.problem):
            return [*done, *_without_body(found.problem, spec, others, at)]
    return done


def _alone(spec: MailSpec, at: _At) -> tuple[Made, bool]:
    """The mail, and whether it is the same for everybody."""
    request = at.request(spec)
    try:
        match mail_of(at.compiler, request):
            case Fixed() as fixed:
                return Made((fixed.of({}).skeleton,)), True
            case _:
                return Made(try_out(at.compiler, request)), False
    except TemplateProblem as problem:
        return Made(problem=problem), False


def _with_subjects(
    like: Skeleton, first: MailSpec, others: Sequence[MailSpec], at: _At
) -> Iterator[tuple[MailSpec, Made]]:
    """The mail with each of the other subjects; one whose subject cannot be told alone is made as a whole."""
    told: dict[str | None, Made] = {first.subject: _like(like, like.subject)}
    told |= {source: _like(like, subject) for source, subject in _subjects(first, others, at).items()}
    stopped = 0
    for spec in others:
        found = told.get(spec.subject)
        if stopped >= MOST_STOPPED:
            return
        if found is None or (found.problem is not None and found.problem.code in NEEDS_THE_CONTACT):
            found, is_fixed = _alone(spec, at)
            if is_fixed:
                told[spec.subject] = _like(like, found.mails[0].subject)
        stopped += found.is_stopped
        yield spec, found


def _without_body(
    problem: TemplateProblem, first: MailSpec, others: Sequence[MailSpec], at: _At
) -> Iterator[tuple[MailSpec, Made]]:
    """What is wrong with all of them, or with the subject of one, which its author may mend meanwhile."""
    told = _subjects(first, others, at)
    for spec in others:
        match told.get(spec.subject or ""):
            case TemplateProblem(code=code) as own if not _is_of_body(own) and code not in NEEDS_THE_CONTACT:
                yield spec, Made(problem=own)
            case _:
                yield spec, Made(problem=problem)


def _subjects(first: MailSpec, others: Sequence[MailSpec], at: _At) -> dict[str, Pieces | TemplateProblem]:
    """What the subjects that steps give come to, apart from the first one's."""
    own = list(dict.fromkeys(spec.subject for spec in others if spec.subject and spec.subject != first.subject))
    return dict(zip(own, at.compiler.subjects(at.request(first), own) if own else (), strict=False))


def _like(mail: Skeleton, subject: Pieces | TemplateProblem) -> Made:
    if isinstance(subject, TemplateProblem):
        return Made(problem=subject)
    return Made((replace(mail, subject=subject),), is_like_another=True)


def _is_of_body(problem: TemplateProblem) -> bool:
    """Whether the others have it as well: it is none that a subject may have, or may cause."""
    return problem.file != SUBJECT_OF_STEP and problem.code not in UNBOUNDED | OF_SUBJECTS


_STATEMENT = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
_WORDS = re.compile(r"\"[^\"]*\"|'[^']*'")
_ASKS = re.compile(r"==|!=|[<>\[]|\b(?:in|is|if|and|or|not)\b")
_WHETHER = re.compile(r"\{%[-+]?\s*(?:el)?if\s+campaign\s*[-+]?%\}")


def only_printed(templates: Mapping[str, str]) -> bool:
    """Whether no template does more with the campaign's title than print it, and ask whether there is one."""
    statements = (_WORDS.sub("", each) for text in templates.values() for each in _STATEMENT.findall(text))
    return all(_prints(each) for each in statements if re.search(rf"\b{CAMPAIGN}\b", each))


def _prints(statement: str) -> bool:
    if statement.startswith("{{"):
        return not _ASKS.search(statement)
    return statement.startswith("{#") or _WHETHER.fullmatch(statement) is not None
