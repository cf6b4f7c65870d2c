"""All commands together, and the way in: parse, run, and turn whatever happens into an exit code."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from nurture.cli import (
    apply,
    brakes,
    check,
    contacts_change,
    contacts_find,
    contacts_import,
    contacts_show,
    database,
    demo,
    dkim,
    dkim_check,
    doctor,
    explain,
    explain_code,
    history,
    keys,
    new,
    new_project,
    newsletters,
    outbox,
    plan,
    preview,
    prospects,
    schema,
    segments,
    send_test,
    serve,
    simulate,
    status,
    tasks,
    tutorial,
)
from nurture.cli.errors import exit_code, sentence
from nurture.cli.opening import terminal_of
from nurture.cli.terminal import Terminal

PLAIN = {"rich_markup_mode": None, "pretty_exceptions_enable": False, "no_args_is_help": True}
"""Rich help costs half a second; tracebacks are shown by --debug only."""

app = typer.Typer(name="nurture", add_completion=False, **PLAIN)  # type: ignore[arg-type]


def _tell_version(wanted: bool) -> None:
    if wanted:
        from nurture import __version__

        typer.echo(f"nurture {__version__}")
        raise typer.Exit


@app.callback()
def nurture(
    ctx: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks instead of sentences.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """Turns leads into prospects with useful content at the right pace, and says why."""
    terminal = terminal_of(ctx)
    terminal.debug = terminal.debug or debug


def _group(name: str, explained: str) -> typer.Typer:
    group = typer.Typer(help=explained, **PLAIN)  # type: ignore[arg-type]
    app.add_typer(group, name=name)
    return group


def _listing(name: str, lists: Callable[..., None]) -> typer.Typer:
    """A command that lists when it is called alone, and has others below it."""
    group = typer.Typer(callback=lists, invoke_without_command=True, **{**PLAIN, "no_args_is_help": False})  # type: ignore[arg-type]
    app.add_typer(group, name=name)
    return group


app.command("run")(serve.run)
app.command("web")(serve.web)
app.command("worker")(serve.worker)
app.command("clock")(serve.clock)

app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)

app.command("tutorial")(tutorial.tutorial)
app.command("check")(check.check)
app.command("explain-code")(explain_code.explain_code)
app.command("schema")(schema.schema)
app.command("preview")(preview.preview)
app.command("plan")(plan.plan)
app.command("apply")(apply.apply)
app.command("history")(history.history)
app.command("rollback")(history.rollback)
app.command("simulate")(simulate.simulate)

new_group = _group(
    "new",
    "Begin a project, a campaign, a newsletter, a content or a mail template; what is written passes `nurture check`.",
)
new_group.command("project")(new_project.project)
new_group.command("campaign")(new.campaign)
new_group.command("newsletter")(new.newsletter)
new_group.command("content")(new.content)
new_group.command("template")(new.template)

contacts_group = _group(
    "contacts", "Take people in, find whom a condition means, look at one, and decide about one by hand."
)
contacts_group.command("import")(contacts_import.import_)
contacts_group.command("find")(contacts_find.find)
contacts_group.command("show")(contacts_show.show)
contacts_group.command("enrol")(contacts_change.enrol)
contacts_group.command("remove")(contacts_change.remove)
contacts_group.command("hold")(contacts_change.hold)
contacts_group.command("resume")(contacts_change.resume)
contacts_group.command("suppress")(contacts_change.suppress)

app.command("pause")(brakes.pause)
app.command("resume")(brakes.resume)
app.command("approve")(brakes.approve)

app.command("status")(status.status)
app.command("prospects")(prospects.prospects)
app.command("explain")(explain.explain)

app.command("send-test")(send_test.send_test)

tasks_group = _listing("tasks", tasks.tasks)
tasks_group.command("done")(tasks.done)

segments_group = _listing("segments", segments.segments)
segments_group.command("show")(segments.show)

app.command("newsletters")(newsletters.newsletters)

outbox_group = _group("outbox", "Messages that may or may not have gone out, and what you found out about them.")
outbox_group.command("unknown")(outbox.unknown)
outbox_group.command("settle")(outbox.settle)

keys_group = _group("keys", "API keys, with which programs post events.")
keys_group.command("create")(keys.create)
keys_group.command("list")(keys.list_)
keys_group.command("revoke")(keys.revoke)

dkim_group = _group("dkim", "Keys that sign mail where the mail server does not.")
dkim_group.command("new")(dkim.new)
dkim_group.command("show")(dkim.show)
dkim_group.command("check")(dkim_check.check)

database_group = _group("db", "The tables: bring them up to date, or back.")
database_group.command("upgrade")(database.upgrade)
database_group.command("downgrade")(database.downgrade)
database_group.command("current")(database.current)


def run(arguments: Sequence[str], terminal: Terminal | None = None) -> int:
    """Run one command; answers the exit code. Only --debug lets a traceback through."""
    terminal = terminal or Terminal()
    _speak_any_language()
    try:
        app(args=list(arguments), prog_name="nurture", obj=terminal)
        sys.stdout.flush()
    except SystemExit as end:
        return _code(end)
    except BrokenPipeError:
        return _nobody_reads()
    except (Exception, KeyboardInterrupt) as error:
        if terminal.debug and not isinstance(error, KeyboardInterrupt):
            terminal.err.print_exception()
        elif said := sentence(error):
            terminal.note(said, style="red")
        return exit_code(error)
    return 0


def _code(end: SystemExit) -> int:
    if end.code is None:
        return 0
    return end.code if isinstance(end.code, int) else 1


def _speak_any_language() -> None:
    """A screen that knows no “é” gets a question mark, never an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _nobody_reads() -> int:
    """`nurture status | head` is no error; nothing may be flushed into the closed pipe at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return 0
