"""`nurture db`: bring the tables up to date, or back."""

from typing import Annotated

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.opening import read_settings, terminal_of
from nurture.cli.options import AsJson


def upgrade(ctx: typer.Context) -> None:
    """Make the tables, or bring them up to date. Doing it again changes nothing."""
    from nurture.storage import migrate

    terminal = terminal_of(ctx)
    url = read_settings(terminal).database_url
    own = migrate.upgrade(url)
    terminal.say(f"The database is at revision {migrate.head()} (instance {own.fingerprint()}).")


def downgrade(
    ctx: typer.Context,
    revision: Annotated[str, typer.Argument(help="The revision to return to, or `base` for no tables at all.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take the tables back to an earlier revision. What later ones added is lost."""
    from alembic.util.exc import CommandError

    from nurture.storage import migrate

    terminal = terminal_of(ctx)
    url = read_settings(terminal).database_url
    if not yes and not typer.confirm(f"What was added after revision {revision} is lost. Go on?", err=True):
        raise CommandProblem("Nothing was changed.")
    try:
        migrate.downgrade(url, revision)
    except CommandError as error:
        raise CommandProblem(
            f"There is no way back to {revision!r} ({error}): `nurture db current` lists them."
        ) from None
    terminal.say(f"The database is at revision {migrate.current(url) or 'base (no tables)'}.")


def current(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Tell the revision of the tables, and what an upgrade would run. Exit code 1 when it is not the newest."""
    from nurture.storage import migrate

    terminal = terminal_of(ctx)
    url = read_settings(terminal).database_url
    found, waiting = migrate.current(url), migrate.pending(url)
    if as_json:
        terminal.data({"revision": found, "newest": migrate.head(), "pending": waiting})
    else:
        newest = "the newest" if not waiting else f"{len(waiting)} behind: run `nurture db upgrade`"
        terminal.say(f"{found or 'no tables yet'} ({newest})")
    if waiting:
        raise typer.Exit(1)
