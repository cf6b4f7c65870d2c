"""What the templates of the pages are given: rows of mails, campaigns, problems with their carets, and links that remember."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nurture.authoring.problems import Problem, render
from nurture.core.program import Program
from nurture.preview.frames import leads_to
from nurture.preview.graph.faces import KINDS
from nurture.preview.letters import Letter
from nurture.preview.mails import Mail, Notice, StepMail
from nurture.preview.readers import Reader
from nurture.preview.studio import Good, Shown
from nurture.texts import preview as texts

Link: TypeAlias = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Row:
    """A mail in a list."""

    href: str
    look: str
    kind: str
    about: str
    variant: str
    language: str
    place: str
    subject: str
    preheader: str
    size: str
    is_heavy: bool
    failure: str
    is_old: bool


@dataclass(frozen=True, slots=True)
class CampaignCard:
    """A campaign in a list, its mails by stage; `count` of them, also where they are not shown."""

    name: str
    title: str
    language: str
    file: str
    stages: tuple[str, ...]
    href: str
    count: int
    rows: Sequence[tuple[str, Sequence[Row]]]


@dataclass(frozen=True, slots=True)
class Told:
    """A problem as text with its line and caret."""

    told: str
    is_error: bool


def fill(name: str, language: str, **values: Any) -> str:
    """A page in a language."""
    return _environment().get_template(f"{name}.html").render(**values, language=language, w=texts.words(language))


def row_of(mail: Mail, shown: Shown, link: Link, language: str, place: Callable[[str], str]) -> Row:
    """A mail for a list or its own page."""
    letter, failure = shown.letter, shown.failure
    return Row(
        href=link("/mail", of=mail.id),
        look=_look(mail),
        kind=kind_of(mail, language),
        about=mail.step.content if isinstance(mail, StepMail) else mail.subject,
        variant=(mail.variant or "") if isinstance(mail, StepMail) else "",
        language=mail.language,
        place=place(mail.place),
        subject=letter.subject if letter else "",
        preheader=letter.preheader if letter else "",
        size=weight(letter.size, language) if letter else "",
        is_heavy=letter is not None and letter.is_heavy,
        failure=failure.sentence if failure else "",
        is_old=failure is not None and letter is not None,
    )


def _look(mail: Mail) -> str:
    if isinstance(mail, Notice):
        return "notice"
    kind = KINDS.get(type(mail.step).__name__)
    return kind.look if kind else "mail"


def kind_of(mail: Mail, language: str) -> str:
    """What sort of mail it is, in words."""
    words = texts.words(language)
    if isinstance(mail, Notice):
        return words.get(mail.purpose, mail.purpose)
    kind = KINDS.get(type(mail.step).__name__)
    return words[kind.label] if kind else type(mail.step).__name__


def card_of(
    program: Program, rows: Iterable[tuple[Mail, Row]], count: int, link: Link, place: Callable[[str], str]
) -> CampaignCard:
    """A campaign with the rows of its mails."""
    by_stage: dict[str, list[Row]] = {}
    for mail, row in rows:
        if isinstance(mail, StepMail) and mail.program.name == program.name:
            by_stage.setdefault(mail.stage, []).append(row)
    return CampaignCard(
        name=program.name,
        title=program.title,
        language=program.language,
        file=place(program.file),
        stages=tuple(stage.name for stage in program.stages),
        href=link(f"/campaign/{program.name}"),
        count=count,
        rows=tuple(by_stage.items()),
    )


def told(problems: Iterable[Problem], files: Mapping[str, str]) -> list[Told]:
    """Each with its line and a caret."""
    return [Told(_safe(render(problem, files)), problem.is_error) for problem in problems]


def _safe(text: str) -> str:
    """What is no UTF-8 in a file must not break the page that says so."""
    return text.encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link of a mail, and where it leads."""

    href: str
    shown: str
    kind: str


def links_of(letter: Letter, language: str) -> list[ShownLink]:
    """Where the links of a mail lead, in their order."""
    words = texts.words(language)
    found = []
    for link in letter.skeleton.links:
        href = leads_to(link)
        found.append(ShownLink(href, link.url or words["link_own_page"], words[f"link_{link.kind}"]))
    return found


def weight(octets: int, language: str) -> str:
    """Octets as people say them."""
    said = f"{octets / 1000:.1f}"
    return f"{said.replace('.', ',')} Ko" if language == "fr" else f"{said} KB"


def readers(good: Good | None, real: Reader | None, language: str) -> list[tuple[str, str]]:
    """Whom a mail can be shown for, as (name, words)."""
    words = texts.words(language)
    known = [(each.name, words.get(each.name) or words["persona"].format(name=each.name)) for each in samples_of(good)]
    return [*([("", words["contact"].format(name=real.name))] if real is not None else []), *known]


def samples_of(good: Good | None) -> Sequence[Reader]:
    """The invented people."""
    return good.samples if good is not None else ()


def address(path: str, given: Mapping[str, str], **changes: str) -> str:
    """The page of that path for the same reader in the same language, unless something is changed."""
    kept = {name: value for name, value in {**given, **changes}.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("nurture.preview", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def markup(made: str) -> Markup:
    """Text that is HTML already, every word in it escaped where it was made."""
    return Markup(made)
