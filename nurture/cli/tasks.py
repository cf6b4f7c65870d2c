"""`nurture tasks`: what campaigns ask of colleagues, and saying that it was done."""

from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.opening import opened
from nurture.cli.options import AsJson
from nurture.texts.counting import counted

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from nurture.storage.tasks import ListedTask

SHOWN = 8
"""Characters of a key in the list: enough to name a task by."""


def tasks(
    ctx: typer.Context,
    team: Annotated[str, typer.Option(help="Only those of this team.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also those that are done.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the open tasks, the most urgent first; `nurture tasks done TASK` ends one."""
    if ctx.invoked_subcommand is not None:
        return
    from nurture.storage.tasks import list_tasks

    with opened(ctx) as session, session.db.read() as c:
        found, now = list_tasks(c, team=team, done=everything), session.now()
    if as_json:
        session.terminal.data(found)
    elif not found:
        session.terminal.say("No open tasks.")
    else:
        rows = [_row(one, one.done_at is None and one.due_at < now) for one in found]
        session.terminal.table(["Task", "What", "Contact", "Text", "For", "Until"], rows)


def _row(one: "ListedTask", late: bool) -> tuple[str, ...]:
    when = f"{one.due_at:%Y-%m-%d %H:%M} UTC"
    until = f"done {one.done_at:%Y-%m-%d %H:%M} UTC" if one.done_at else f"{when}, late" if late else when
    return (one.key[:SHOWN], one.what.value, one.address, one.text, f"{one.owner} ({one.team})", until)


def done(
    ctx: typer.Context,
    keys: Annotated[list[str], typer.Argument(metavar="TASK...", help="Tasks, as `nurture tasks` names them.")],
) -> None:
    """Say that tasks are done: the contacts get the tags that their campaigns give for it."""
    from nurture.storage.tasks import finish

    with opened(ctx) as session, session.db.begin() as c:
        now = session.now()
        finished = sum(finish(c, key, now) for key in [_the_key(c, key) for key in dict.fromkeys(keys)])
        before = len(set(keys)) - finished
        session.terminal.say(
            f"{counted(finished, 'task')} done." + (f" {before} had been done before." if before else "")
        )


def _the_key(c: "Connection", beginning: str) -> str:
    from nurture.storage.tasks import keys_like

    found = keys_like(c, beginning)
    if len(found) != 1:
        what = "More than one task begins" if found else "No task begins"
        raise CommandProblem(f'{what} with "{beginning}": `nurture tasks` lists them.')
    return found[0]
