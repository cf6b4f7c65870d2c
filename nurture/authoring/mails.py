"""Compiles every mail that a campaign can send, so that a template's mistake is found before a contact finds it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeAlias

from nurture.authoring.alike import MOST_STOPPED, Made, Project, made
from nurture.authoring.lint.mail import Sources, look_over, look_over_subject, needed
from nurture.authoring.problems import Code, Log, Problem, Spot
from nurture.content.bounded import SHARED
from nurture.content.exchange import Request
from nurture.content.problems import TemplateProblem
from nurture.content.spec import SUBJECT_OF_STEP, MailSpec, Sender
from nurture.content.trials import mails_made
from nurture.core.invite import Invite
from nurture.core.program import Mailing, Program, Relance, Send
from nurture.core.world import World

SpecOf: TypeAlias = Callable[[World, Program, Mailing, str | None], MailSpec]
"""How delivery says what a step's mail is: (world, program, step, name of the variant or part)."""

TEMPLATES = "email_templates"
BASE_URL = "https://nurture.exemple.example"
"""Links are not followed while checking."""


def mails_of(program: Program) -> Iterator[tuple[Mailing, str | None]]:
    """Every mail of a program, as step and variant, or part of an invitation."""
    for stage in program.stages:
        for step in stage.steps:
            match step:
                case Send(variants=variants) if variants:
                    yield from ((step, variant.name) for variant in variants)
                case Invite(parts=parts):
                    yield from ((step, part) for part in parts)
                case Send() | Relance():
                    yield step, None
                case _:
                    pass


def notices_of(world: World, languages: Mapping[str, frozenset[str]]) -> Iterator[MailSpec]:
    """The mails outside campaigns, with sample words: `languages` are those of each kind."""
    for program in world.current_programs()[:1]:
        sender = Sender(program.sender.name, program.sender.address, program.sender.postal)
        for kind, extra in NOTICES.items():
            for language in sorted(languages[kind]):
                yield MailSpec(kind, language, sender, marketing=False, extra=extra)


NOTICES: Mapping[str, Mapping[str, object]] = {
    "confirmation": {"confirm_url": f"{BASE_URL}/confirm/x", "form": "audit"},
    "hand_off": {
        "contact_name": "Camille Martin",
        "contact_email": "camille.martin@exemple.example",
        "score": "72 · B",
        "reasons": ["…"],
        "accept_url": f"{BASE_URL}/handoff/x/accept",
        "reject_url": f"{BASE_URL}/handoff/x/reject",
        "deadline": "…",
    },
    "notify": {
        "contact_name": "Camille Martin",
        "contact_email": "camille.martin@exemple.example",
        "score": "72 · B",
        "series": "…",
        "stage": "…",
    },
}
"""What each notice is always given, by kind."""


def check_notices(
    world: World, templates: Mapping[str, str], contact_fields: frozenset[str], languages: Mapping[str, frozenset[str]]
) -> list[Problem]:
    """What is wrong with the mails outside campaigns."""
    found: list[Problem] = []
    for spec in notices_of(world, languages):
        template = Spot(f"{TEMPLATES}/{spec.kind}.{spec.language}.mjml")
        try:
            mails = mails_made(SHARED, Request(spec, templates, BASE_URL, contact_fields))
        except TemplateProblem as problem:
            found.append(_problem(problem, template, templates))
        else:
            logs = [Log() for _ in mails]
            for skeleton, log in zip(mails, logs, strict=True):
                _check_links(spec, "".join(piece for piece in skeleton.html if isinstance(piece, str)), template, log)
            found += next((log.problems for log in logs if log.problems), [])
    return found


def _check_links(spec: MailSpec, html: str, template: Spot, log: Log) -> None:
    """A notice exists for its links: one that was mistyped within a condition would vanish without a word."""
    for name, value in spec.extra.items():
        if name.endswith("_url") and str(value) not in html:
            log.add(Code.MAIL, template, f"this mail does not lead to extra.{name}", "a button or link must")


@dataclass(frozen=True, slots=True)
class Need:
    """A contact of this language that lacks the field has this mail withheld from it."""

    field: str
    language: str
    spot: Spot


@dataclass(slots=True)
class Mails:
    """What the mails of all campaigns came to."""

    problems: list[Problem] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    stopped: int = 0


def check_mails(
    world: World,
    templates: Mapping[str, str],
    contact_fields: frozenset[str],
    spots: Mapping[tuple[str, str, str], Spot],
    spec_of: SpecOf,
    sources: Sources,
) -> Mails:
    """What is wrong with the mails of all current campaigns: each is made once, however many campaigns send it.

    Where mails have to be stopped, not all are tried: a mistake in the layout would take seconds in each of them.
    """
    places: dict[str, list[Spot]] = {}
    specs: dict[str, MailSpec] = {}
    for program in world.current_programs():
        for step, variant in mails_of(program):
            spec = spec_of(world, program, step, variant)
            specs.setdefault(key := repr(spec), spec)
            places.setdefault(key, []).append(_place(program, step, variant, spots))
    mails = Mails()
    with closing(made(specs.values(), Project(templates, BASE_URL, contact_fields))) as making:
        for spec, each in making:
            _note(each, places[repr(spec)], templates, sources, mails)
            if mails.stopped >= MOST_STOPPED:
                break
    return mails


def _note(each: Made, places: Sequence[Spot], templates: Mapping[str, str], sources: Sources, mails: Mails) -> None:
    if each.problem is not None:
        mails.problems += [_problem(each.problem, place, templates) for place in places]
        mails.stopped += each.is_stopped
        return
    always = sorted(frozenset.intersection(*map(needed, each.mails)))
    mails.needs += [Need(name, each.mails[0].language, place) for place in places for name in always]
    for one in each.mails:
        if each.is_like_another:
            mails.problems += look_over_subject(one, places[0])
        else:
            mails.problems += look_over(one, f"{TEMPLATES}/{one.template}", places[0], sources)


def _place(program: Program, step: Mailing, variant: str | None, spots: Mapping[tuple[str, str, str], Spot]) -> Spot:
    """Where the author chose the subject or the template of this mail, else the step."""
    parts = (variant, "subject", "template", "")
    places = (spots.get((program.name, step.key, part)) for part in parts if part is not None)
    return next((spot for spot in places if spot is not None), Spot(program.file, max(1, step.line)))


def _problem(problem: TemplateProblem, step: Spot, templates: Mapping[str, str]) -> Problem:
    """At the template's line where it has one; a subject or a missing template is the step's."""
    hint = f'did you mean "{problem.suggestion}"?' if problem.suggestion else ""
    spot = step
    if problem.file != SUBJECT_OF_STEP and problem.file in templates:
        spot = Spot(f"{TEMPLATES}/{problem.file}", max(1, problem.line or 1), max(1, problem.column or 1))
    code = problem.code or Code.MAIL.value
    return Problem(code, spot.file, spot.line, spot.column, spot.length, problem.message, hint)
