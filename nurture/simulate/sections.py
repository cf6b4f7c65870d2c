"""The sections of a simulation's page: each a heading, a sentence, a drawing and its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from markupsafe import Markup

from nurture.simulate.charts import Bar, Stretch, bars, columns, heat, stretches, whiskers
from nurture.simulate.comparing import Comparison
from nurture.simulate.report import ExhaustionRow, Report, Week
from nurture.simulate.speaking import Speaker


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of words; the first `words` columns are no numbers."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a sentence, a drawing, and its figures."""

    title: str
    note: str
    chart: Markup | None
    table: Table
    legend: Sequence[str] = ()
    open: bool = False


class Teller(Speaker):
    """Tells a report section by section."""

    def subtitle(self, report: Report) -> str:
        """What was simulated."""
        start = self.day(report.days[0].day, year=True)
        said = self.w["subtitle"].format(
            weeks=report.weeks, start=start, contacts=self.number(report.contacts), zone=report.zone
        )
        made_up = self.w["made_up"].format(made_up=self.number(report.made_up))
        return f"{said} ({made_up})" if report.made_up else said

    def tiles(self, report: Report, suffix: str = "") -> list[tuple[str, str, str]]:
        """The four figures one looks for first."""
        return [
            (f"{self.term(what)}{suffix}", self.number(report.figures[what].value), self.interval(report.figures[what]))
            for what in ("mails", "prospects", "replied", "unsubscribed")
        ]

    def sections(self, report: Report, suffix: str = "") -> list[Section]:
        """Everything about one version."""
        found = [
            self._volume(report), self._hours(report), self._funnel(report), self._prospects(report), self._held(report),
            self._caps(report), self._exhaustion(report), self._contents(report), *self._others(report), self._rates(report),
        ]  # fmt: skip
        return [_named(section, suffix) for section in found]

    def funnel_and_prospects(self, report: Report) -> list[Section]:
        """The same of the other version, as far as one looks at it."""
        return [_named(section, f" – {report.version}") for section in (self._funnel(report), self._prospects(report))]

    def differences(self, comparison: Comparison) -> list[Section]:
        """What differs."""
        one, other = comparison.one.version, comparison.other.version
        rows = [
            (self.term(row.what), self.number(row.one), self.number(row.other), self.signed(row.difference.value),
             self.between(row.difference, signed=True) if row.difference.is_clear else self.w["no_difference"])
            for row in comparison.figures
        ]  # fmt: skip
        heads = (self.w["figure"], one, other, self.w["difference"], self.w["range"])
        table = Table(heads, rows)
        by_week = self._by_week(comparison.weeks, self.w["weekly_difference"], signed=True)
        return [Section(self.w["differences"], self.w["differences_note"], None, table, open=True), by_week]

    def _volume(self, report: Report) -> Section:
        w, used = self.w, [day for day in report.days if day.all]
        names = list(_colours(report))
        drawn = [
            Bar(
                self.day(day.day) if n % 7 == 0 and (n // 7) % (1 + report.weeks // 14) == 0 else "",
                [day.mails.get(name, 0) for name in names],
                f"{self.day(day.day)}: {self.number(day.all)}",
            )
            for n, day in enumerate(report.days)
        ]
        rows = [
            (self.day(d.day, year=True), *(self.number(d.mails.get(n, 0)) for n in names), self.number(d.all))
            for d in used
        ]
        most = max(used, key=lambda day: day.all, default=None)
        note = w["none_yet"] if most is None else w["volume_note"].format(
            mails=self.number(report.figures["mails"].value), days=len(used), most=self.number(most.all), busiest=self.day(most.day)
        )  # fmt: skip
        return Section(
            w["volume"],
            note,
            columns(w["volume"], drawn, self.number),
            Table((w["day"], *names, w["all"]), rows),
            names,
        )

    def _hours(self, report: Report) -> Section:
        w, names = self.w, self.w["days"].split(" ")
        chart = heat(
            w["hours"],
            list(zip(names, report.hours, strict=True)),
            lambda weekday, hour, mails: f"{names[weekday]} {hour}:00 – {self.number(mails)}",
        )
        rows = [
            (f"{hour:02d}:00", *(self.number(report.hours[day][hour]) for day in range(7)))
            for hour in range(24)
            if any(report.hours[day][hour] for day in range(7))
        ]
        return Section(w["hours"], w["hours_note"], chart, Table((w["hour"], *names), rows))

    def _funnel(self, report: Report) -> Section:
        w = self.w
        campaigns = _colours(report)
        drawn = [
            (f"{row.campaign} › {row.stage}", row.entered + row.before, self.number(row.entered + row.before), campaigns[row.campaign])
            for row in report.stages
        ]  # fmt: skip
        rows = [
            (row.campaign, row.stage, *map(self.number, (row.entered, row.before, row.passed, row.moved_on, row.ended, row.there, row.exhausted)),
             self.days(row.median_days), self.days(row.p90_days))
            for row in report.stages
        ]  # fmt: skip
        heads = tuple(
            w[n]
            for n in (
                "campaign",
                "stage",
                "entered",
                "before",
                "passed",
                "moved_on",
                "ended",
                "there",
                "exhausted",
                "median",
                "p90",
            )
        )
        return Section(w["funnel"], w["funnel_note"], bars(drawn), Table(heads, rows, words=2), open=True)

    def _prospects(self, report: Report) -> Section:
        all_ = report.figures["prospects"]
        note = self.w["prospects_note"].format(
            all=self.number(all_.value), low=self.number(all_.low), high=self.number(all_.high)
        )
        section = self._by_week(report.prospects, self.w["prospects"])
        return Section(section.title, note, section.chart, section.table)

    def _by_week(self, weeks: Sequence[Week], title: str, *, signed: bool = False) -> Section:
        show = self.signed if signed else self.number
        points = [
            (self.day(week.begins) if len(weeks) <= 16 or n % 4 == 0 else "", week.prospects, f"{self.day(week.begins)}: {show(week.prospects.value)}")
            for n, week in enumerate(weeks)
        ]  # fmt: skip
        rows = [
            (self.day(w.begins, year=True), show(w.prospects.value), self.between(w.prospects, signed=signed))
            for w in weeks
        ]
        heads = (self.w["week"], self.w["prospects"].split()[0], self.w["range"])
        return Section(title, "", whiskers(title, points, show), Table(heads, rows))

    def _held(self, report: Report) -> Section:
        w = self.w
        campaigns = _colours(report)
        worst = sorted(report.held, key=lambda row: -row.days)[:12]
        drawn = [
            (f"{row.campaign} – {self.term(row.gate)}", row.days, self.number(row.days), campaigns[row.campaign])
            for row in worst
        ]
        rows = [
            (
                row.campaign,
                self.term(row.gate),
                self.number(row.contacts),
                self.number(row.times),
                self.number(row.days),
            )
            for row in report.held
        ]
        heads = tuple(w[name] for name in ("campaign", "gate", "contacts", "times", "contact_days"))
        return Section(w["held"], w["held_note"], bars(drawn) if drawn else None, Table(heads, rows, words=2))

    def _caps(self, report: Report) -> Section:
        w = self.w
        rows = [
            (row.campaign, self.number(row.kept), self.number(row.sent_later), self.days(row.days_later), self.number(row.lost), self.number(row.waiting))
            for row in report.caps
        ]  # fmt: skip
        heads = tuple(w[name] for name in ("campaign", "kept", "sent_later", "days_later", "lost", "waiting"))
        return Section(w["caps"], w["caps_note"], None, Table(heads, rows), open=True)

    def _exhaustion(self, report: Report) -> Section:
        w, found = self.w, [row for row in report.exhaustion if row.exhausted]
        begin, whole, colours = report.days[0].day, timedelta(weeks=report.weeks), _colours(report)

        def at(day: date | None) -> float:
            return 0.0 if day is None else min((day - begin) / whole, 1.0)

        drawn = [
            Stretch(self._group(row), at(row.first), at(row.half), self._from_to(row), colours[row.campaign])
            for row in found
        ]
        step = 1 + report.weeks // 8
        marks = [
            (week / report.weeks, self.day(begin + timedelta(weeks=week))) for week in range(0, report.weeks, step)
        ]
        rows = [
            (row.campaign, row.stage, self.term(row.persona), row.language, self.number(row.came), self.number(row.exhausted), self.day(row.first), self.day(row.half))
            for row in report.exhaustion
        ]  # fmt: skip
        heads = tuple(
            w[name] for name in ("campaign", "stage", "persona", "language", "came", "exhausted", "first", "half")
        )
        chart = stretches(drawn, marks) if drawn else None
        return Section(
            w["exhaustion"], w["exhaustion_note"] if drawn else w["none_yet"], chart, Table(heads, rows, words=4)
        )

    def _from_to(self, row: ExhaustionRow) -> str:
        return f"{self.day(row.first)} → {self.day(row.half)}"

    def _group(self, row: ExhaustionRow) -> str:
        return f"{row.campaign} › {row.stage} – {self.term(row.persona)}, {row.language}"

    def _contents(self, report: Report) -> Section:
        w = self.w
        rows = [
            (r.campaign, r.content, *map(self.number, (r.sent, r.relanced, r.opened, r.clicked, r.downloaded, r.registered, r.attended)))
            for r in report.contents
        ]  # fmt: skip
        heads = (
            w["campaign"],
            w["content"],
            w["sent"],
            w["relanced"],
            *(self.term(n) for n in ("opened", "clicked", "downloaded", "registered", "attended")),
        )
        return Section(w["contents"], "", None, Table(heads, rows, words=2), open=True)

    def _others(self, report: Report) -> list[Section]:
        w, found = self.w, list[Section]()
        for title, counts in (("passed_over", report.passed_over), ("answers", _answers(report.answers))):
            if counts:
                rows = [(self.term(name), self.number(times)) for name, times in counts.items()]
                found.append(Section(w[title], "", None, Table((w["reason"], w["times"]), rows), open=True))
        if report.pace is not None:
            pace = report.pace
            note = w["pace_note"].format(
                limit=self.number(pace.limit),
                busiest=self.number(pace.busiest_hour),
                delayed=self.number(pace.delayed),
                hours=pace.longest_hours,
            )
            found.append(Section(w["pace"], note, None, Table((), ())))
        return found

    def _rates(self, report: Report) -> Section:
        w = self.w
        rows = [(rate.name, self._rate(rate.name, rate.value), self._source(rate.source)) for rate in report.rates]
        return Section(w["assumptions"], w["assumptions_note"], None, Table((w["rate"], w["value"], w["source"]), rows))

    def _rate(self, name: str, value: float) -> str:
        factor = name.startswith(("stages.", "personas.")) or name == "relance"
        told = f"× {value:g}" if factor else f"{value * 100:.2f} %"
        return told.replace(".", ",") if self.language == "fr" else told

    def _source(self, source: str) -> str:
        word, _, rest = source.partition(":")
        return f"{self.w[word]}{f' ({rest.strip()})' if rest else ''}"


def _colours(report: Report) -> dict[str, int]:
    """The campaigns, each with its colour in every chart."""
    return {name: n for n, name in enumerate(dict.fromkeys(row.campaign for row in report.stages))}


def _answers(answers: Mapping[str, int]) -> dict[str, int]:
    return {said: times for said, times in answers.items() if said != "offered"}


def _named(section: Section, suffix: str) -> Section:
    return replace(section, title=f"{section.title}{suffix}")
