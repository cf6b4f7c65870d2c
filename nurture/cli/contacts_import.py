"""`nurture contacts import`: a file's people taken in, the good rows in, the bad ones reported and written aside."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.opening import Session, opened
from nurture.cli.options import AsJson
from nurture.cli.rejected import rejected_beside
from nurture.cli.terminal import Terminal
from nurture.texts.counting import counted

if TYPE_CHECKING:
    from nurture.authoring.vocabulary import Field
    from nurture.inbound.contact_file import ContactFile
    from nurture.inbound.importing import Progress, Report, Terms

SHOWN = 10
"""Bad rows named on the screen; the file beside has them all."""

BASES = {
    "opt_in": "they asked to be written to, and you can prove it",
    "legitimate_interest": "professional addresses, a message that fits their job, and an easy way out",
    "existing_customer": "they bought something similar from you",
}
"""The legal grounds on which somebody may be written to, as the person who imports must choose one."""


def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Any separator, UTF-8 or Latin-1.")],
    basis: Annotated[str, typer.Option(help=f"Why they may be written to: {', '.join(BASES)}.")] = "",
    source: Annotated[str, typer.Option(help="Where the addresses come from, such as salon-2026.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="A tag for all of them; may be given again.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report, change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take contacts in. The same file again changes nothing; bad rows go to FILE.rejected.csv."""
    from nurture.inbound.contact_file import open_contact_file
    from nurture.inbound.importing import Terms

    terms = Terms(_basis(basis), _source(source), tuple(t.strip() for t in tag or () if t.strip()))
    with opened(ctx) as session:
        opened_file = open_contact_file(file, _fields(session))
        if not as_json:
            _tell_what_was_understood(session.terminal, opened_file)
        if dry_run:
            report, aside = _rehearse(session, opened_file), None
        else:
            report, aside = _take_in(session, opened_file, terms)
        result = _result(report, aside, dry_run=dry_run)
        if as_json:
            session.terminal.data(result)
        else:
            _tell(session.terminal, file, report, aside, dry_run=dry_run)


def _basis(given: str) -> Any:
    """Nobody else can know the ground, so there is no default."""
    from nurture.core.words import Basis

    given = given.strip().lower().replace("-", "_")
    if given in BASES:
        return Basis(given)
    wrong = f"{given!r} is no basis" if given else "--basis is missing: the law wants a ground for each mail"
    choices = "\n".join(f"  --basis {name:<20} {meaning}" for name, meaning in BASES.items())
    raise CommandProblem(f"{wrong}. Choose the one that is true of everybody in the file:\n{choices}", code=2)


def _source(given: str) -> str:
    if not given.strip():
        raise CommandProblem(
            "--source is missing: say where the addresses come from, such as --source salon-2026; it is kept as evidence.",
            code=2,
        )
    return given.strip()


def _fields(session: Session) -> "Mapping[str, Field]":
    """What a column may mean: the usual fields, and those of the files that are applied."""
    from nurture.authoring.vocabulary import STANDARD_FIELDS
    from nurture.engine.worlds import NothingApplied, Worlds

    try:
        return Worlds(session.db).current().compiled.fields
    except NothingApplied:
        return STANDARD_FIELDS


def _rehearse(session: Session, file: "ContactFile") -> "Report":
    from nurture.inbound.importing import rehearse

    with _progress(session.terminal, file.path.name) as progress:
        return rehearse(session.db, file, progress)


def _take_in(session: Session, file: "ContactFile", terms: "Terms") -> "tuple[Report, Path | None]":
    from nurture.inbound.importing import import_contacts

    now = session.now()
    with rejected_beside(file) as rejected, _progress(session.terminal, file.path.name) as progress:
        report = import_contacts(session.db, file, terms, now, progress, rejected.add)
    return report, rejected.path if report.rejected else None


@contextmanager
def _progress(terminal: Terminal, name: str) -> Iterator["Progress"]:
    """Rows read so far, where somebody looks."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed} rows"))
    bar = Progress(*columns, TimeElapsedColumn(), console=terminal.err, transient=True)
    if not terminal.err.is_terminal:
        yield lambda rows: None
        return
    with bar:
        task = bar.add_task(name, total=None)
        yield lambda rows: bar.update(task, completed=rows)


def _result(report: "Report", aside: Path | None, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "rows": report.rows,
        "created": report.created,
        "known": report.known,
        "doubles": report.doubles,
        "suppressed": report.suppressed,
        "erased": report.erased,
        "rejected": report.rejected,
        "first_rejected": [{"line": row.line, "reason": row.reason} for row in report.bad],
        "rejected_file": None if aside is None else str(aside),
    }


def _tell_what_was_understood(terminal: Terminal, file: "ContactFile") -> None:
    known = ", ".join(column for column in file.columns if column)
    terminal.note(f"{file.path}: {file.encoding}, separated by {file.separator!r}; columns understood: {known}")
    if file.ignored:
        terminal.note(f"Columns that mean nothing here: {', '.join(file.ignored)}", style="yellow")


def _tell(terminal: Terminal, path: Path, report: "Report", aside: Path | None, *, dry_run: bool) -> None:
    verb = "would be taken in" if dry_run else "taken in"
    terminal.say(
        f"{counted(report.rows, 'row')}: {counted(report.created, 'contact')} {verb}, {report.known} known already."
    )
    if report.doubles:
        terminal.say(f"Rows that repeat an address of the file, where the first counts: {report.doubles}.")
    if report.suppressed:
        terminal.say(f"{report.suppressed} asked earlier not to be written to, or bounce: they are never written to.")
    if report.erased:
        terminal.say(f"{report.erased} asked to be erased: they are not taken in again.")
    for row in report.bad[:SHOWN]:
        terminal.note(f"{path}:{row.line}: {row.reason}", style="yellow")
    if report.rejected > SHOWN:
        terminal.note(f"… and {report.rejected - SHOWN} more", style="yellow")
    if report.rejected:
        where = f"see {aside}, with the reason: mend and import that file" if aside else "they would be left out"
        terminal.say(f"{counted(report.rejected, 'row')} cannot be taken in; {where}.")
