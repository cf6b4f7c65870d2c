"""`nurture new project`: from an empty folder to one where campaigns can be written."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.new import InWords
from nurture.cli.opening import read_settings, terminal_of
from nurture.cli.options import Language

if TYPE_CHECKING:
    from nurture.config import Settings

IGNORED = Path(".gitignore")


def project(ctx: typer.Context, language: InWords = Language.FR) -> None:
    """Begin a project in this folder: who sells, when mails may leave, what signals are worth, and mail templates."""
    from nurture.authoring.schemas.files import FOLDER, SCHEMAS
    from nurture.cli.schema import known_names, write

    terminal = terminal_of(ctx)
    settings = read_settings(terminal)
    files = _files(settings, language.value)
    if there := [path for path in files if path.exists()]:
        raise CommandProblem(f"There is a project here already: {there[0]} was left as it is, and nothing was written.")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    write(settings.campaigns_dir / FOLDER, SCHEMAS, known_names(settings))
    terminal.say(f"{settings.campaigns_dir} and {settings.templates_dir} hold {len(files)} files to begin with.")
    terminal.say(
        f"Next: `nurture new content ID --kind white_paper --language {language}`, then `nurture new campaign`."
    )


def _files(settings: "Settings", language: str) -> dict[Path, str]:
    from nurture.authoring.first_files import company_files, first_templates, ignored

    campaigns = {settings.campaigns_dir / name: text for name, text in company_files(language).items()}
    templates = {settings.templates_dir / name: text for name, text in first_templates(language).items()}
    return {**campaigns, **templates, **({} if IGNORED.exists() else {IGNORED: ignored()})}
