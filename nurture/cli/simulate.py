"""`nurture simulate`: weeks in seconds, with the edited files or the applied ones, before anything is sent."""

from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.opening import read_settings, terminal_of
from nurture.cli.options import AsJson, Language
from nurture.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nurture.simulate.comparing import Comparison
    from nurture.simulate.report import Report
    from nurture.simulate.running import Progress


def simulate(
    ctx: typer.Context,
    contacts: Annotated[
        str, typer.Option(metavar="real|N", help="The database's contacts, or so many made-up ones.")
    ] = "",
    arrivals: Annotated[str, typer.Option(metavar="N/week", help="Made-up contacts who come in meanwhile.")] = "",
    applied: Annotated[
        bool, typer.Option("--applied/--files", help="Simulate what is applied, not the files as they are edited.")
    ] = False,
    against: Annotated[
        str, typer.Option("--compare", metavar="applied|FOLDER", help="Compare with what is applied, or other files.")
    ] = "",
    weeks: Annotated[int, typer.Option(min=1, max=104, help="How many weeks pass.")] = 12,
    seed: Annotated[int, typer.Option(help="The same seed gives the same report.")] = 1,
    begin: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE", help="The first day.")
    ] = None,
    rates: Annotated[Path | None, typer.Option(metavar="FILE", help="Response rates, in YAML.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report as a page, too.")] = None,
    language: Annotated[Language, typer.Option("--lang", help="The language of the page.")] = Language.EN,
    processes: Annotated[
        int, typer.Option(min=0, max=64, help="How many processes; 0: as many as there are cores.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Try campaigns out: who would be sent what and when, what holds it back, and how many prospects come of it."""
    from nurture.cli.simulate_plan import Wishes, prepared
    from nurture.cli.simulate_tables import tell, tell_comparison
    from nurture.simulate.comparing import compare
    from nurture.simulate.report import Report, report_of
    from nurture.simulate.running import run

    terminal = terminal_of(ctx)
    settings = read_settings(terminal)
    wishes = Wishes(contacts, arrivals, applied, against, weeks, seed, begin, rates)
    plan = prepared(terminal, settings, wishes)
    with _progress(terminal, plan.contacts) as progress:
        found = run(plan, processes or None, progress)
    reports = [
        report_of(plan, version.name, version.world(plan.salt), tally, settings.mails_per_hour)
        for version, tally in zip(plan.versions, found.tallies, strict=True)
    ]
    shown = reports[0] if len(reports) == 1 else compare(plan, reports[0], reports[1], found.differences)
    if html is not None:
        _write_page(terminal, shown, html, language)
    if as_json:
        terminal.data(shown)
    elif isinstance(shown, Report):
        tell(terminal, shown)
    else:
        tell_comparison(terminal, shown)


def _write_page(terminal: Terminal, shown: "Report | Comparison", file: Path, language: Language) -> None:
    from nurture.simulate.page import page_of

    if not file.absolute().parent.is_dir():
        raise CommandProblem(f"The folder of {file} does not exist: create {file.absolute().parent}.")
    file.write_text(page_of(shown, language), encoding="utf-8")
    terminal.note(f"The report as a page: {file}")


@contextmanager
def _progress(terminal: Terminal, contacts: int) -> "Iterator[Progress]":
    """A bar for whoever looks; nothing in a pipe."""
    if not terminal.err.is_terminal:
        yield lambda done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Contacts"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=terminal.err, transient=True) as bar:
        task = bar.add_task("", total=contacts)
        yield lambda done: bar.update(task, completed=done)
