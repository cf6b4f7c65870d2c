"""`nurture status`: where everything stands, at a glance."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import typer

from nurture.cli.brakes import tell
from nurture.cli.opening import opened
from nurture.cli.options import AsJson
from nurture.cli.plan import cut_short
from nurture.cli.terminal import Terminal
from nurture.texts.counting import counted

if TYPE_CHECKING:
    from nurture.storage.brakes import Brake
    from nurture.storage.reports import Counts

SHOWN = 20
"""Troubles named one by one."""

SENT_DAYS = 7
"""Days, today among them, whose mails are counted one by one."""

LISTED = 10_000
"""Messages that --json lists, for a program that looks each of them up."""


def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show contacts, the funnel of each campaign, the outbox, and what needs a person."""
    from nurture.storage.applications import unfinished
    from nurture.storage.brakes import brakes_on, parked, record
    from nurture.storage.budgets import read_buckets
    from nurture.storage.claims import next_due
    from nurture.storage.quarantine import count_set_aside, set_aside
    from nurture.storage.reports import counts, problems, sent_per_day, strange_receipts, unknown_messages
    from nurture.storage.tasks import count_tasks
    from nurture.storage.unmade import count_unmade, unmade
    from nurture.storage.worlds import active_versions

    with opened(ctx) as session, session.db.read() as c:
        now = session.now()
        found, faults, on = counts(c, now), problems(c, SHOWN), brakes_on(c)
        first = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=SENT_DAYS - 1)
        report: dict[str, Any] = {
            "at": now,
            "sent": {day.isoformat(): count for day, count in sent_per_day(c, first).items()},
            "applied": active_versions(c),
            "cut_short": unfinished(c),
            "brakes": [asdict(brake) for brake in on],
            "brake_record": [asdict(one) for one in record(c)],
            "parked": parked(c),
            "budgets": [asdict(bucket) for bucket in read_buckets(c)],
            **asdict(found),
            "next_due": next_due(c),
            "unknown": unknown_messages(c, LISTED if as_json else SHOWN),
            "tasks": asdict(count_tasks(c, now)),
            "set_aside": {"count": count_set_aside(c), "first": set_aside(c, LISTED if as_json else SHOWN)},
            "unmade": {"count": count_unmade(c), "first": unmade(c, LISTED if as_json else SHOWN)},
            "not_understood": strange_receipts(c, LISTED if as_json else SHOWN),
            "faults": [{"contact": who, "strikes": strikes, "problem": why} for who, strikes, why in faults],
        }
    if as_json:
        session.terminal.data(report)
    else:
        _tell_brakes(session.terminal, on, report)
        _tell(session.terminal, found, report)


def _tell(terminal: Terminal, found: "Counts", report: Mapping[str, Any]) -> None:
    if not report["applied"]:
        terminal.say("No campaign has been applied yet: run `nurture apply`.")
    for one in report["cut_short"]:
        terminal.say(cut_short(one), style="yellow")
    _line(terminal, "Contacts", found.contacts)
    if found.enrolments:
        rows = [(one.campaign, one.stage, one.position, one.count) for one in found.enrolments]
        terminal.table(["Campaign", "Stage", "Position", ">Contacts"], rows)
    _tell_exhausted(terminal, found)
    _line(terminal, "Outbox", found.outbox)
    _tell_sent(terminal, report)
    _line(terminal, "Hand-offs", found.hand_offs)
    _line(terminal, "Received", found.receipts)
    due = report["next_due"]
    later = "nothing is planned" if due is None else f"next at {due:%Y-%m-%d %H:%M} UTC"
    terminal.say(f"Due now: {counted(found.due, 'contact')}; {later}.")
    _needs_a_person(terminal, found, report)


def _tell_sent(terminal: Terminal, report: Mapping[str, Any]) -> None:
    if report["sent"]:
        days = ", ".join(f"{count} on {day}" for day, count in report["sent"].items())
        terminal.say(f"Mails that left within {SENT_DAYS} days (UTC): {sum(report['sent'].values())} ({days})")


def _tell_exhausted(terminal: Terminal, found: "Counts") -> None:
    """What authors can mend: contacts for whom a stage has nothing left."""
    stages = [one for one in found.enrolments if one.position == "exhausted"]
    if stages:
        total = counted(sum(one.count for one in stages), "contact")
        where = ", ".join(f"{one.campaign} {one.stage} {one.count}" for one in stages)
        terminal.say(f"Out of content: {total} ({where}); what is added to the stage wakes them.")


def _tell_set_aside(terminal: Terminal, report: Mapping[str, Any]) -> None:
    found = report["set_aside"]
    if not found["count"]:
        return
    terminal.say(
        f"{counted(found['count'], 'contact')} set aside, because their mail could not be made three times or their campaign goes round: mend what "
        "is said here, run `nurture apply` where it was a file, then `nurture contacts resume --set-aside`, or ADDRESS for one.",
        style="yellow",
    )
    for one in found["first"]:
        terminal.say(f"  {one.address}  {one.campaign}  {one.step}  {one.problem}")
    _tell_more(terminal, found)


def _tell_unmade(terminal: Terminal, report: Mapping[str, Any]) -> None:
    found = report["unmade"]
    if not found["count"]:
        return
    terminal.say(
        f"{counted(found['count'], 'notice')} could not be made: mend what is said here, run `nurture apply` where it was a file, then "
        "`nurture contacts resume --set-aside`, or ADDRESS for one.",
        style="yellow",
    )
    for one in found["first"]:
        terminal.say(f"  {one.purpose.replace('_', '-')} about {one.contact} to {one.recipient}  {one.problem}")
    _tell_more(terminal, found)


def _tell_more(terminal: Terminal, found: Mapping[str, Any]) -> None:
    if (more := found["count"] - len(found["first"])) > 0:
        terminal.say(f"  … and {more} more: `nurture status --json` lists them.")


def _tell_brakes(terminal: Terminal, on: "Sequence[Brake]", report: Mapping[str, Any]) -> None:
    """First of all: whoever asks why nothing is sent should not have to read on."""
    for brake in on:
        waiting = report["parked"].get(brake.campaign, 0)
        behind = f" {counted(waiting, 'message')} put aside." if waiting else ""
        terminal.say(tell(brake) + behind, style="yellow")
    for bucket in report["budgets"]:
        wait = f", {counted(bucket['behind'], 'message')} put off" if bucket["behind"] else ""
        since = f"{bucket['window_at']:%Y-%m-%d %H:%M} UTC"
        terminal.say(f"Budget {bucket['bucket']}: {bucket['used']} used since {since}{wait}")


def _line(terminal: Terminal, what: str, numbers: Mapping[str, int]) -> None:
    total = sum(numbers.values())
    parts = ", ".join(f"{count} {name}" for name, count in numbers.items())
    terminal.say(f"{what}: {total} ({parts})" if parts else f"{what}: none")


def _needs_a_person(terminal: Terminal, found: "Counts", report: Mapping[str, Any]) -> None:
    unknown = found.outbox.get("unknown", 0)
    if unknown:
        terminal.say(
            f"{counted(unknown, 'message')} may or may not have gone out: `nurture outbox unknown` "
            "says which are still looked into, and which wait for you.",
            style="yellow",
        )
        for message in report["unknown"]:
            terminal.say(f"  {message.address}  {message.step}  Message-ID {message.message_id}  {message.detail}")
        if (more := unknown - len(report["unknown"])) > 0:
            terminal.say(f"  … and {more} more: `nurture status --json` lists them.")
    _tell_set_aside(terminal, report)
    _tell_unmade(terminal, report)
    if tasks := report["tasks"]["open"]:
        late = f", {report['tasks']['late']} late" if report["tasks"]["late"] else ""
        terminal.say(f"Open tasks: {tasks}{late}; `nurture tasks` lists them.", style="yellow")
    if not_understood := found.receipts.get("not_understood", 0):
        terminal.say(f"Received and not understood, kept as it came: {not_understood}", style="yellow")
        for one in report["not_understood"]:
            terminal.say(f"  {one.received_at:%Y-%m-%d %H:%M}  {one.source}  receipt {one.id}: {one.problem}")
    if found.failing:
        terminal.say(f"Contacts that could not be decided: {found.failing}", style="yellow")
        for fault in report["faults"]:
            terminal.say(f"  contact {fault['contact']}, {fault['strikes']} times: {fault['problem']}")
