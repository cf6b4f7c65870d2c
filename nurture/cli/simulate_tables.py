"""The report of a simulation as tables for a terminal."""

from datetime import date
from typing import TYPE_CHECKING

from nurture.texts.counting import counted

if TYPE_CHECKING:
    from nurture.cli.terminal import Terminal
    from nurture.simulate.comparing import Comparison
    from nurture.simulate.intervals import Range
    from nurture.simulate.report import Report

BAR = 40


def tell(terminal: "Terminal", report: "Report") -> None:
    """Everything about one version."""
    _head(terminal, report)
    _volume(terminal, report)
    _funnel(terminal, report)
    _held(terminal, report)
    _caps(terminal, report)
    _exhaustion(terminal, report)
    _contents(terminal, report)
    _prospects(terminal, report)
    _notes(terminal, report)


def tell_comparison(terminal: "Terminal", comparison: "Comparison") -> None:
    """Two versions side by side, then the funnel of each."""
    one, other = comparison.one, comparison.other
    _head(terminal, one)
    rows = [
        (row.what, whole(row.one), whole(row.other), signed(row.difference.value), _between(row.difference), _verdict(row.difference))
        for row in comparison.figures
    ]  # fmt: skip
    columns = ("", f">{one.version}", f">{other.version}", ">Difference", ">90 % interval", "")
    terminal.table(columns, rows, title="Side by side")
    weeks = [
        (f"{mine.begins:%d %b}", whole(mine.prospects.value), whole(theirs.prospects.value), signed(by.prospects.value), _between(by.prospects))
        for mine, theirs, by in zip(one.prospects, other.prospects, comparison.weeks, strict=True)
    ]  # fmt: skip
    terminal.table(("Week of", *columns[1:5]), weeks, title="Prospects")
    for report in (one, other):
        _funnel(terminal, report)
    _notes(terminal, one)


def _head(terminal: "Terminal", report: "Report") -> None:
    made_up = f", {report.made_up} of them made up" if report.made_up else ""
    terminal.say(
        f"{counted(report.weeks, 'week')} from {report.start:%Y-%m-%d} with {counted(report.contacts, 'contact')}{made_up} "
        f"(seed {report.seed}; times in {report.zone}).",
        style="bold",
    )
    terminal.say()


def _volume(terminal: "Terminal", report: "Report") -> None:
    mails = report.figures["mails"]
    days = [day for day in report.days if day.all]
    if not days:
        terminal.say("No mail would be sent.")
        return
    busiest = max(days, key=lambda day: day.all)
    terminal.say(
        f"{counted(int(mails.value), 'mail')} on {counted(len(days), 'day')}, at most {busiest.all} on one: {busiest.day:%a %Y-%m-%d}."
    )
    weeks = [report.days[at : at + 7] for at in range(0, len(report.days), 7)]
    sums = [sum(day.all for day in week) for week in weeks]
    rows = [
        (f"{week[0].day:%d %b}", *(day.all or "" for day in week), total, "█" * (BAR * total // (2 * max(sums))))
        for week, total in zip(weeks, sums, strict=True)
    ]
    names = [f">{day.day:%a}" for day in weeks[0]]
    terminal.table(("Week of", *names, ">All", ""), rows, title="Mails a day")
    by_hour = [sum(weekday[hour] for weekday in report.hours) for hour in range(24)]
    most = max(by_hour)
    hours = [(f"{hour:02d}:00", count, "█" * (BAR * count // most)) for hour, count in enumerate(by_hour) if count]
    terminal.table(("Hour", ">Mails", ""), hours, title="Mails by hour of the day")


def _funnel(terminal: "Terminal", report: "Report") -> None:
    rows = [
        (row.campaign, row.stage, row.entered, row.before or "", row.passed or "", row.moved_on, row.ended, row.there, row.exhausted,
         days(row.median_days), days(row.p90_days))
        for row in report.stages
    ]  # fmt: skip
    columns = (
        "Campaign",
        "Stage",
        ">Entered",
        ">Before",
        ">Passed",
        ">Moved on",
        ">Ended",
        ">There",
        ">Ran out",
        ">½ days",
        ">90 % days",
    )
    terminal.table(columns, rows, title=f"Funnel: {report.version}")


def _held(terminal: "Terminal", report: "Report") -> None:
    rows = [(row.campaign, _word(row.gate), row.contacts, row.times or "", whole(row.days)) for row in report.held]
    terminal.table(("Campaign", "Held by", ">Contacts", ">Times", ">Contact-days"), rows, title="Who is held by what")


def _caps(terminal: "Terminal", report: "Report") -> None:
    if report.caps:
        rows = [
            (row.campaign, row.kept, row.sent_later, f"{row.days_later:.1f}", row.lost, row.waiting)
            for row in report.caps
        ]
        columns = ("Campaign", ">Kept by a cap", ">Sent later", ">Days later", ">Never sent", ">Still waiting")
        terminal.table(columns, rows, title="Sends and caps")
    if report.passed_over:
        told = ", ".join(f"{_word(reason)}: {times}" for reason, times in report.passed_over.items())
        terminal.say(f"Sends left out by the rules – {told}.")
        terminal.say()
    if report.pace is not None:
        pace = report.pace
        terminal.say(
            f"NURTURE_MAILS_PER_HOUR={pace.limit}: the busiest hour brings {pace.busiest_hour}; "
            + (f"{pace.delayed} mails would wait, at most {counted(pace.longest_hours, 'hour')}." if pace.delayed else "none would wait.")
        )  # fmt: skip


def _exhaustion(terminal: "Terminal", report: "Report") -> None:
    rows = [
        (row.campaign, row.stage, row.persona, row.language, row.came, row.exhausted, _day(row.first), _day(row.half))
        for row in report.exhaustion
        if row.exhausted
    ]
    columns = ("Campaign", "Stage", "Persona", "Language", ">Came", ">Run out", "The first", "Half of them")
    terminal.table(columns, rows, title="When content runs out")


def _contents(terminal: "Terminal", report: "Report") -> None:
    rows = [
        (r.campaign, r.content, r.sent, r.relanced or "", r.opened, r.clicked or "", r.downloaded or "", r.registered or "", r.attended or "")
        for r in report.contents
    ]  # fmt: skip
    columns = (
        "Campaign",
        "Content",
        ">Sent",
        ">Relances",
        ">Opens",
        ">Clicks",
        ">Downloads",
        ">Registered",
        ">Attended",
    )
    terminal.table(columns, rows, title="What comes of each content")


def _prospects(terminal: "Terminal", report: "Report") -> None:
    most = max((week.prospects.high for week in report.prospects), default=0)
    rows = [
        (f"{week.begins:%d %b}", whole(week.prospects.value), _between(week.prospects), _whisker(week.prospects, most))
        for week in report.prospects
    ]
    terminal.table(("Week of", ">Prospects", ">90 % interval", ""), rows, title="Prospects a week")
    all_ = report.figures["prospects"]
    terminal.say(f"{whole(all_.value)} prospects in all ({_between(all_)}).")
    if report.answers:
        told = ", ".join(f"{_word(said)} {times}" for said, times in report.answers.items() if said != "offered")
        terminal.say(f"Sales: {told or 'no answer yet'}.")


def _notes(terminal: "Terminal", report: "Report") -> None:
    f = report.figures
    terminal.say(
        f"Expected: {_with_range(f['unsubscribed'])} unsubscribe, {_with_range(f['complained'])} complain, "
        f"{_with_range(f['bounced'])} bounce, {_with_range(f['replied'])} reply."
    )
    for sentence, times in report.faults.items():
        terminal.note(f"{counted(times, 'contact')} could not be decided: {sentence}", style="red")
    given = sum(rate.source != "assumed" for rate in report.rates)
    basis = "all of them assumed" if not given else f"{given} of them counted or given, the others assumed"
    terminal.say(f"From {len(report.rates)} rates, {basis}; --json and --html list each, --rates FILE changes them.")


def _word(word: str) -> str:
    from nurture.texts.simulation import term

    return term(word, "en")


def whole(value: float) -> str:
    """`1 234`."""
    return f"{value:,.0f}".replace(",", " ")


def signed(value: float) -> str:
    """`+12`, `-3`, `0`."""
    return f"{value:+,.0f}".replace(",", " ") if value else "0"


def days(value: float | None) -> str:
    """One decimal; nothing where nobody got so far."""
    return "" if value is None else f"{value:.1f}"


def _between(range_: "Range") -> str:
    return f"{whole(range_.low)} to {whole(range_.high)}"


def _with_range(range_: "Range") -> str:
    return f"{whole(range_.value)} ({_between(range_)})"


def _verdict(range_: "Range") -> str:
    return "" if range_.is_clear else "no clear difference"


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%Y-%m-%d}"


def _whisker(range_: "Range", most: float) -> str:
    """A line from low to high, and a dot where the figure is."""
    if not most:
        return ""
    low, value, high = (round((BAR - 1) * each / most) for each in (range_.low, range_.value, range_.high))
    return "".join("●" if n == value else "─" if low <= n <= high else " " for n in range(high + 1))
