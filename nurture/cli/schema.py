"""`nurture schema`: JSON Schemas of the authors' files, for editors that complete and underline as one types."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.check import read_files
from nurture.cli.errors import CommandProblem
from nurture.cli.opening import read_settings, terminal_of

if TYPE_CHECKING:
    from nurture.authoring.schemas.known import Known
    from nurture.config import Settings


def schema(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="campaign, content, scoring, teams, cadence or forms: print it.")
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Write them all, to campaigns/.schemas/.")] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write to this folder instead.")] = None,
) -> None:
    """Print or write JSON Schemas of campaigns and the files beside them, with the names of the project to choose from."""
    from nurture.authoring.schemas.files import FOLDER, SCHEMAS
    from nurture.authoring.schemas.files import schema as made

    terminal, settings = terminal_of(ctx), read_settings(terminal_of(ctx))
    names = list(SCHEMAS) if every else [name]
    if bool(name) is every:
        raise CommandProblem(f"Which one? `nurture schema NAME`, of {', '.join(SCHEMAS)}; or `nurture schema --all`.")
    if unknown := set(names) - set(SCHEMAS):
        raise CommandProblem(f"There is no schema {unknown.pop()!r}: there are {', '.join(SCHEMAS)}.")
    if every and out is None:
        read_files(settings)  # where there is no project, a folder for editors would be of no use
    known = known_names(settings)
    if every or out is not None:
        folder = out or settings.campaigns_dir / FOLDER
        write(folder, names, known)
        terminal.say(f"{folder} holds {', '.join(names)}. An editor finds them by a first line such as")
        terminal.say(f"# yaml-language-server: $schema={FOLDER}/{names[0]}.json")
    else:
        terminal.data(made(name, known))


def known_names(settings: "Settings") -> "Known":
    """The names that the project's files give to things; none where there is no project."""
    from nurture.authoring.bundle import read_bundle
    from nurture.authoring.schemas.known import known_of

    return known_of(read_bundle(settings.campaigns_dir, settings.templates_dir).files)


def write(folder: Path, names: Iterable[str], known: "Known") -> None:
    """Write schemas into a folder, over those that are there."""
    from nurture.authoring.schemas.files import file_name
    from nurture.authoring.schemas.files import schema as made

    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        text = json.dumps(made(name, known), ensure_ascii=False, indent=1)
        (folder / file_name(name)).write_text(text + "\n", encoding="utf-8")
