"""The last words of a demo: the funnel, what was sent and what came of it, and the prospects with their reasons."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nurture.demo.board import funnel, shown
from nurture.demo.results import ContentResult, Figures, answer_of, name_of, reasons_of
from nurture.inbound.importing import Report
from nurture.storage.hand_offs import Prospect
from nurture.texts.counting import counted

TOLD = 8
"""Prospects told in full; the page shows them all."""


def tell_files(console: Console, reports: Sequence[tuple[str, Report]]) -> None:
    """What became of the rows of each file."""
    for name, report in reports:
        line = f"{name}: {counted(report.created, 'contact')} taken in, {counted(report.doubles, 'double')}, {counted(len(report.bad), 'bad row')}"
        _say(console, line + (":" if report.bad else "."))
        for bad in report.bad[:3]:
            _say(console, f"    line {bad.line}: {bad.reason}", "dim")


def tell(
    console: Console, found: Figures, contents: Sequence[ContentResult], given: Sequence[Prospect], digest: str
) -> None:
    """Tell how it went."""
    _say(console, "Where everybody is", "bold")
    console.print(funnel(found.counts.enrolments))
    statuses = ", ".join(f"{count} {status}" for status, count in found.counts.contacts.items())
    _say(console, f"Statuses: {statuses}.")
    stopped = ", ".join(f"{count} {reason}" for reason, count in found.suppressed.items()) or "nobody"
    _say(console, f"Never written to again: {stopped}.")
    _say(console)
    _say(console, "What was sent, and how many people did what with it", "bold")
    console.print(_contents(contents))
    _prospects(console, given)
    _say(console, f"Journal digest: {digest}")


def _contents(contents: Sequence[ContentResult]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("campaign", "content"):
        table.add_column(name)
    for name in ("sent", "opened", "clicked", "downloaded"):
        table.add_column(name, justify="right")
    for one in contents:
        did = (one.sent, one.opened, one.clicked, one.downloaded)
        table.add_row(one.campaign, one.content, *(str(count or "·") for count in did))
    return table


def _prospects(console: Console, given: Sequence[Prospect]) -> None:
    by_state: dict[str, int] = {}
    for prospect in given:
        by_state[prospect.hand_off.state.value] = by_state.get(prospect.hand_off.state.value, 0) + 1
    states = ", ".join(f"{count} {state}" for state, count in sorted(by_state.items()))
    _say(console, f"Prospects handed to sales: {len(given)}" + (f" ({states})" if given else ""), "bold")
    for prospect in given[:TOLD]:
        job = ", ".join(str(prospect.fields[part]) for part in ("job_title", "company") if prospect.fields.get(part))
        when = shown(prospect.hand_off.offered_at)
        _say(console, f"  {name_of(prospect)}{f' ({job})' if job else ''}, {when}, {answer_of(prospect)}")
        for reason in reasons_of(prospect):
            _say(console, f"      {reason}", "dim")
    if len(given) > TOLD:
        _say(console, f"  … and {len(given) - TOLD} more, on the page of mails.")
    _say(console)


def _say(console: Console, text: str = "", style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)
