"""`nurture check`: every mistake in the authors' files at once, each with its place."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import groupby, islice
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.opening import read_settings, terminal_of
from nurture.cli.options import AsJson
from nurture.cli.terminal import Terminal

if TYPE_CHECKING:
    from nurture.authoring.bundle import Bundle
    from nurture.authoring.mails import Need
    from nurture.authoring.problems import Problem
    from nurture.config import Settings


MANIFEST = "campaigns/assets.sha256"
"""What a bundle says of the files that can be downloaded; nobody writes it by hand."""


MOST_SHOWN = 50
"""Problems of one file that are shown to a person: after so many, the first is mended before the others are read."""


class Format(StrEnum):
    """How problems are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


@dataclass(frozen=True)
class Checked:
    """The authors' files, and what is wrong with them; places are those of the real folders."""

    bundle: "Bundle"
    problems: Sequence["Problem"]
    files: Mapping[str, str]
    needs: Sequence["Need"] = ()

    @property
    def errors(self) -> int:
        """How many problems keep the files from being applied."""
        return sum(problem.is_error for problem in self.problems)


def check(
    ctx: typer.Context,
    form: Annotated[Format, typer.Option("--format", help="How problems are written.")] = Format.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 for warnings as well.")] = False,
    contacts: Annotated[
        bool, typer.Option("--contacts", help="Count the contacts of the database that a mail would be withheld from.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read the campaigns and mail templates and tell every mistake. Exit code 1 when there is an error."""
    terminal = terminal_of(ctx)
    settings = read_settings(terminal)
    checked = checked_files(settings)
    if contacts:
        from nurture.cli.check_contacts import withheld_from_contacts

        checked = _with(checked, withheld_from_contacts(terminal, settings, checked.needs), settings)
    _write(terminal, checked, Format.JSON if as_json else form)
    if checked.errors or (strict and checked.problems):
        raise typer.Exit(1)


def _write(terminal: Terminal, checked: Checked, form: Format) -> None:
    from nurture.cli.formats import github, sarif

    match form:
        case Format.TEXT:
            tell(terminal, checked)
            terminal.note(summary(checked))
        case Format.JSON:
            terminal.data([asdict(problem) for problem in checked.problems])
        case Format.GITHUB:
            for problem in checked.problems:
                terminal.say(github(problem))
        case Format.SARIF:
            terminal.data(sarif(checked.problems))


def checked_files(settings: "Settings") -> Checked:
    """Read and check the files of the settings' folders, each mail that can be sent included."""
    from nurture.authoring.bundle import examine
    from nurture.delivery.specs import spec_of
    from nurture.memory import uncollected

    bundle = read_files(settings)
    with uncollected():
        examined = examine(bundle, spec_of)
    real = {path: real_place(path, settings) for path in bundle.files if path != MANIFEST}
    files = {where: bundle.files[path] for path, where in real.items()}
    return _with(Checked(bundle, (), files, examined.needs), examined.problems, settings)


def _with(checked: Checked, problems: Sequence["Problem"], settings: "Settings") -> Checked:
    """The files with more problems, at their places in the real folders."""
    from nurture.authoring.explained import EXPLAINED
    from nurture.authoring.lint.ignored import silenced_by
    from nurture.authoring.problems import in_order

    ignored = silenced_by(checked.bundle.files, frozenset(EXPLAINED))
    placed = [replace(each, file=real_place(each.file, settings)) for each in problems if not ignored(each)]
    return replace(checked, problems=in_order([*checked.problems, *placed]))


def read_files(settings: "Settings") -> "Bundle":
    """The files of the settings' folders (CommandProblem: there is no such folder)."""
    from nurture.authoring.bundle import read_bundle

    for name, folder in (("CAMPAIGNS", settings.campaigns_dir), ("TEMPLATES", settings.templates_dir)):
        if not folder.is_dir():
            raise CommandProblem(
                f"There is no folder {folder}: run the command where it lies, set NURTURE_{name}_DIR, "
                "or begin with `nurture new project`."
            )
    return read_bundle(settings.campaigns_dir, settings.templates_dir)


def real_place(path: str, settings: "Settings") -> str:
    """Where a file of the bundle lies on this machine."""
    for begin, folder in (("campaigns", settings.campaigns_dir), ("email_templates", settings.templates_dir)):
        if path == begin:
            return str(folder)
        if path.startswith(f"{begin}/"):
            return str(folder / path.removeprefix(f"{begin}/"))
    return path


def tell(terminal: Terminal, checked: Checked) -> None:
    """Each problem with its line and a caret; of a file with very many, those that are met first."""
    from nurture.authoring.problems import render

    for file, found in groupby(checked.problems, key=lambda problem: problem.file):
        shown, more = islice(found, MOST_SHOWN), sum(problem.file == file for problem in checked.problems) - MOST_SHOWN
        for problem in shown:
            terminal.say(render(problem, checked.files))
            terminal.say()
        if more > 0:
            terminal.say(f"{file}: and {_many(more, 'problem')} more, which --format json tells.")
            terminal.say()


def summary(checked: Checked) -> str:
    """How it stands, in a line."""
    count = f"{len(checked.files)} files"
    if not checked.problems:
        return f"{count}: no mistakes."
    warnings = len(checked.problems) - checked.errors
    return f"{count}: {_many(checked.errors, 'error')}, {_many(warnings, 'warning')}."


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
