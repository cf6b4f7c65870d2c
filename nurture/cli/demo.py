"""`nurture demo`: the whole way from a form to a prospect, in a minute or two of virtual time."""

from typing import Annotated

import typer

from nurture.cli.opening import terminal_of


def demo(
    ctx: typer.Context,
    weeks: Annotated[int, typer.Option(min=1, max=104, help="How many weeks pass.")] = 8,
    contacts: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many people there are.")] = 500,
    seed: Annotated[int, typer.Option(help="The same seed gives the same journal.")] = 1,
    keep_running: Annotated[bool, typer.Option("--keep-running", help="Leave the pages open until Ctrl-C.")] = False,
    database: Annotated[str, typer.Option(help="An empty database; left out, a SQLite file of its own.")] = "",
    workers: Annotated[int, typer.Option(min=1, max=16, help="How many workers; the journal is the same.")] = 1,
    batch_size: Annotated[int, typer.Option(min=1, max=5000, help="Contacts decided in one go; likewise.")] = 500,
    as_json: Annotated[bool, typer.Option("--json", help="End with one line of JSON, the same for a seed.")] = False,
) -> None:
    """Play weeks of real mails, clicks and replies with sample people, and show who became a prospect and why."""
    from nurture.demo.command import run_demo

    code = run_demo(
        weeks=weeks,
        contacts=contacts,
        seed=seed,
        keep_running=keep_running,
        database=database or None,
        workers=workers,
        batch_size=batch_size,
        as_json=as_json,
        console=terminal_of(ctx).out,
    )
    if code:
        raise typer.Exit(code)
