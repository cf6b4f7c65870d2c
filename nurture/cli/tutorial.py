"""`nurture tutorial`: the way from nothing to a simulated campaign, step by step, in the terminal."""

from importlib.resources import files
from typing import Annotated

import typer

from nurture.cli.opening import terminal_of

TEXT = "tutorial.md"


def tutorial(
    ctx: typer.Context,
    raw: Annotated[bool, typer.Option("--raw", help="As Markdown, for another program to show.")] = False,
) -> None:
    """Show how to come from nothing to a simulated campaign in 15 minutes."""
    from rich.markdown import Markdown

    terminal = terminal_of(ctx)
    text = files("nurture.cli").joinpath(TEXT).read_text(encoding="utf-8")
    if raw:
        terminal.say(text)
    else:
        terminal.out.print(Markdown(text, code_theme="ansi_dark", hyperlinks=False))
