"""`nurture explain-code`: what a code of `nurture check` means, with an example, wrong and right."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.opening import terminal_of
from nurture.cli.options import AsJson
from nurture.cli.terminal import Terminal

if TYPE_CHECKING:
    from nurture.authoring.explained import Explained


def explain_code(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(metavar="[CODE]", help="Such as C012; all are listed without one.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say what a code of `nurture check` means, and show it wrong and right."""
    from nurture.authoring.explained import EXPLAINED

    terminal = terminal_of(ctx)
    if not code:
        _list(terminal, list(EXPLAINED.values()), as_json)
        return
    explained = EXPLAINED.get(code.upper())
    if explained is None:
        raise CommandProblem(f"There is no code {code!r}: `nurture explain-code` lists them all.")
    if as_json:
        terminal.data(asdict(explained))
    else:
        _tell(terminal, explained)


def _list(terminal: Terminal, codes: "list[Explained]", as_json: bool) -> None:
    if as_json:
        terminal.data([asdict(explained) for explained in codes])
    else:
        terminal.table(("code", "what it means"), [(each.code, each.title) for each in codes])


def _tell(terminal: Terminal, explained: "Explained") -> None:
    terminal.say(f"{explained.code}  {explained.title}", style="bold")
    terminal.say()
    terminal.say(explained.why)
    for name, words in (("Wrong", explained.wrong), ("Right", explained.right)):
        if words:
            terminal.say()
            terminal.say(f"{name}:")
            for line in words.strip("\n").split("\n"):
                terminal.say(f"    {line}")
