"""`nurture doctor`: whether this instance can do its work, point by point, with what to do where it cannot."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from nurture.cli.findings import Finding, Level, fail
from nurture.cli.opening import terminal_of
from nurture.cli.options import AsJson
from nurture.cli.terminal import Terminal

if TYPE_CHECKING:
    from nurture.config import Settings

STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


def doctor(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Examine settings, database, files, mail server and web. Exit code 1 when something cannot work."""
    terminal = terminal_of(ctx)
    findings = list(examine(terminal))
    if as_json:
        terminal.data([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            _tell(terminal, finding)
        terminal.note(_summary(findings))
    if any(finding.level is Level.FAIL for finding in findings):
        raise typer.Exit(1)


def examine(terminal: Terminal) -> Iterator[Finding]:
    """Everything that was found, in the order of what stands on what."""
    from nurture.cli import doctor_database, doctor_mail, doctor_web
    from nurture.config import SettingsProblem, load_settings

    try:
        settings = load_settings()
    except SettingsProblem as problem:
        yield from (fail("settings", line) for line in str(problem).splitlines())
        return
    yield Finding(Level.OK, "settings", "all can be used")
    rooms: list[Callable[[Settings], Iterator[Finding]]] = [
        doctor_database.examine,
        doctor_web.examine,
        doctor_mail.examine,
    ]
    for room in rooms:
        yield from room(settings)


def _tell(terminal: Terminal, finding: Finding) -> None:
    terminal.say(f"{finding.level.value:<5} {finding.what:<12} {finding.found}", style=STYLES[finding.level])
    if finding.remedy:
        terminal.say(f"{'':<18} → {finding.remedy}")


def _summary(findings: list[Finding]) -> str:
    count = {level: sum(finding.level is level for finding in findings) for level in Level}
    return f"{count[Level.OK]} ok, {count[Level.WARN]} to look at, {count[Level.FAIL]} that cannot work."
