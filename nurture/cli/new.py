"""`nurture new`: the beginning of a campaign, a newsletter, a content or a template, which passes `nurture check` as it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.check import read_files
from nurture.cli.errors import CommandProblem
from nurture.cli.opening import read_settings, terminal_of
from nurture.cli.options import Language
from nurture.cli.terminal import Terminal

if TYPE_CHECKING:
    from nurture.authoring.files import Read
    from nurture.config import Settings
    from nurture.storage.worlds import Bundle

InWords = Annotated[Language, typer.Option("--language", help="The language it is written in.")]

CONTENT = "content.yaml"
PAGE = "article"


@dataclass(frozen=True)
class Project:
    """The files as they are, to which one is added."""

    terminal: Terminal
    settings: "Settings"
    bundle: "Bundle"

    @cached_property
    def read(self) -> "Read":
        """What the files say, as far as they can be understood."""
        from nurture.authoring.files import read_files as read
        from nurture.authoring.problems import Log

        return read(self.bundle.files, Log())

    @cached_property
    def templates(self) -> Mapping[str, str]:
        """The mail templates by file name."""
        from nurture.authoring.files import templates_of

        return templates_of(self.bundle.files)

    def has_template(self, kind: str, language: str) -> bool:
        """Whether a mail of this kind can be made in this language."""
        return f"{kind}.{language}.mjml" in self.templates or f"{kind}.mjml" in self.templates

    def line_for_editors(self, schema: str) -> str:
        """The line by which editors find a file's schema; nothing where no schemas were written."""
        from nurture.authoring.schemas.files import FOLDER, line_for_editors

        return line_for_editors(schema) if (self.settings.campaigns_dir / FOLDER).is_dir() else ""

    def renew_schemas(self) -> None:
        """Have editors know the new names as well, where schemas were written."""
        from nurture.authoring.schemas.files import FOLDER, SCHEMAS
        from nurture.cli.schema import known_names, write

        if (folder := self.settings.campaigns_dir / FOLDER).is_dir():
            write(folder, SCHEMAS, known_names(self.settings))

    def add(self, folder: Path, file: str, text: str) -> None:
        """Write a new file, never over another (CommandProblem), and say so."""
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with (folder / file).open("x", encoding="utf-8") as new:
                new.write(text)
        except FileExistsError:
            raise CommandProblem(f"{folder / file} is there already, and was left as it is.") from None
        self.terminal.say(f"{folder / file} is written. `nurture check` tells what it lacks.")
        self.renew_schemas()


def campaign(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Small letters, digits and hyphens.")],
    language: InWords = Language.FR,
) -> None:
    """Begin a campaign: campaigns/NAME.yaml."""
    from nurture.authoring import scaffold

    project = _project(ctx)
    _check_name(name)
    _check_free(project, name)
    text = scaffold.campaign(
        name,
        language.value,
        _content_to_send(project, language.value),
        sender=next((program.sender for program in project.read.programs), None),
        team=next(iter(project.read.teams), None),
        with_relance=project.has_template("relance", language.value),
    )
    project.add(project.settings.campaigns_dir, f"{name}.yaml", project.line_for_editors("campaign") + text)


def newsletter(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Small letters, digits and hyphens.")],
    to: Annotated[str, typer.Option("--to", metavar="SEGMENT", help="To whom; the first of segments.yaml.")] = "",
    language: InWords = Language.FR,
) -> None:
    """Begin a newsletter: campaigns/NAME.yaml."""
    from nurture.authoring import scaffold

    project = _project(ctx)
    _check_name(name)
    _check_free(project, name)
    text = scaffold.newsletter(
        name,
        language.value,
        _content_to_send(project, language.value),
        _segment(project, to),
        sender=next((program.sender for program in project.read.programs), None),
        day=project.terminal.clock.now(),
    )
    project.add(project.settings.campaigns_dir, f"{name}.yaml", text)


def _segment(project: Project, wanted: str) -> str:
    from nurture.authoring.problems import did_you_mean

    known = project.read.segments.segments
    if not known:
        raise CommandProblem(
            'There is no segment to write to: write campaigns/segments.yaml, such as "segments: {everybody: always}".'
        )
    if wanted and wanted not in known:
        hint = did_you_mean(wanted, known, otherwise=f"there are {', '.join(known)}.")
        raise CommandProblem(f"There is no segment {wanted!r}: {hint}")
    return wanted or next(iter(known))


def _check_free(project: Project, name: str) -> None:
    if any(program.name == name for program in project.read.programs):
        raise CommandProblem(f"There is a campaign {name!r} already: choose another name.")


def _content_to_send(project: Project, language: str) -> str:
    spoken = [each for each in project.read.catalogue.values() if each.translation(language) is not None]
    if not spoken:
        raise CommandProblem(
            f"No content of content.yaml is in {language!r}: "
            f"begin one with `nurture new content ID --kind {PAGE} --language {language}`."
        )
    made = [each.id for each in spoken if project.has_template(each.kind, language)]
    if not made:
        raise CommandProblem(
            f"No content in {language!r} has a template: "
            f"begin one with `nurture new template {spoken[0].kind} --language {language}`."
        )
    return made[0]


def content(
    ctx: typer.Context,
    content_id: Annotated[str, typer.Argument(metavar="ID", help="Small letters, digits and hyphens.")],
    kind: Annotated[str, typer.Option("--kind", help="white_paper, webinar, case_study, article, demo, …")] = PAGE,
    stage: Annotated[str, typer.Option("--stage", help="Where in the funnel it helps.")] = "tofu",
    language: InWords = Language.FR,
) -> None:
    """Begin a content: an entry at the end of campaigns/content.yaml."""
    from nurture.authoring import scaffold
    from nurture.authoring.naming import EVENT_KINDS

    project = _project(ctx)
    for name in (content_id, kind, stage):
        _check_name(name)
    if content_id in project.read.catalogue:
        raise CommandProblem(f"There is a content {content_id!r} already: choose another id.")
    day, dated = project.terminal.clock.now(), kind in EVENT_KINDS
    path = project.settings.campaigns_dir / CONTENT
    before = project.bundle.files.get(f"campaigns/{CONTENT}")
    indent = " " * _indent(project) if before is not None else "  "
    entry = scaffold.content(content_id, kind, stage, language.value, indent=indent, day=day, dated=dated)
    if before is None:
        project.add(project.settings.campaigns_dir, CONTENT, f"{project.line_for_editors('content')}contents:\n{entry}")
        return
    ending = "" if before.endswith("\n") else "\n"
    with path.open("a", encoding="utf-8") as file:
        file.write(ending + entry)
    project.terminal.say(f"{path} has the content {content_id!r} at its end: replace its words.")
    project.renew_schemas()


def _indent(project: Project) -> int:
    """How far the entries of content.yaml are indented (CommandProblem: nothing can be put at its end)."""
    from nurture.authoring.nodes import Table
    from nurture.authoring.problems import Log
    from nurture.authoring.yaml import load

    tree = load(f"campaigns/{CONTENT}", project.bundle.files[f"campaigns/{CONTENT}"], Log())
    entries = tree.get("contents") if isinstance(tree, Table) else None
    if isinstance(entries, Table) and entries.items and isinstance(tree, Table) and tree.items[-1][1] is entries:
        first = entries.items[0][0].spot
        key = tree.key("contents")
        if key is not None and first.line > key.spot.line and first.column > key.spot.column:
            return first.column - 1
    raise CommandProblem(
        f"{CONTENT} cannot be added to: it must be right (`nurture check`) and end with its contents, one a line."
    )


def template(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help="The kind of content whose mails it makes.")],
    language: InWords = Language.FR,
) -> None:
    """Begin a mail template: email_templates/KIND.LANGUAGE.mjml, on the layout."""
    from nurture.authoring import scaffold

    project = _project(ctx)
    _check_name(kind)
    if "layout.mjml" not in project.templates:
        raise CommandProblem("email_templates/ holds no layout.mjml, on which templates are made: put one there.")
    project.add(project.settings.templates_dir, f"{kind}.{language.value}.mjml", scaffold.template(language.value))


def _project(ctx: typer.Context) -> Project:
    terminal = terminal_of(ctx)
    settings = read_settings(terminal)
    return Project(terminal, settings, read_files(settings))


def _check_name(name: str) -> None:
    from nurture.authoring.files import SHARED
    from nurture.authoring.values import LONGEST_NAME, is_name

    if not is_name(name):
        raise CommandProblem(f"{name!r} cannot be a name: use a-z, 0-9 and hyphens, at most {LONGEST_NAME}.")
    if f"{name}.yaml" in SHARED:
        raise CommandProblem(f"{name}.yaml is a file of the company's, not a campaign: choose another name.")
