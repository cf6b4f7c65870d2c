"""What the benchmarks found, as the table in the README: which are in it, how each is run for it, and what its rows say.

The options are such that all of them together take a quarter of an hour on two quiet cores. A row names the opponent that was
measured in the same run and the goal; what was not measured is a dash, never a guess.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Line: TypeAlias = Mapping[str, Any]
Cells: TypeAlias = tuple[str, str, str, str, str]
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
NONE = "–"
TRIPS = "mails_per_round_trip_and_connection"
BEGIN = "<!-- what `python -m tests.benchmarks --table` found -->"
END = "<!-- /what it found -->"
HEAD = ("What", "Where", "Here", "Beside it, in the same run", "Ratio", "Goal")


@dataclass(frozen=True, slots=True)
class Entry:
    """One benchmark of the table. `rows` makes what stands right of the title from the lines that it printed; with the
    options `short` it says nothing, and is soon over.
    """

    name: str
    title: str
    module: str
    options: tuple[str, ...]
    short: tuple[str, ...]
    rows: Callable[[Sequence[Line]], Iterable[Cells]]


def _send(lines: Sequence[Line]) -> Iterable[Cells]:
    for line in _whole(lines):
        yield (
            _where(line),
            f"{_n(line['mails_per_s'])} mails/s, {_n(line['peak_mb'])} MB",
            f"smtp-source {_n(line['smtp_source_mails_per_s'])}, naive loop {_n(line['naive_mails_per_s'])}",
            f"{_n(line['ratio_smtp_source'])}, {_n(line['ratio_naive'])}",
            "≥ 0.9, ≥ 40; < 300 MB",
        )


def _far(lines: Sequence[Line]) -> Iterable[Cells]:
    for line in _whole(lines):
        yield (
            _where(line),
            f"{_n(line['per_round_trip'])} mail a round trip and connection "
            f"({_n(line['per_round_trip_while_sending'])} while it sends)",
            f"smtp-source {_n(line['smtp_source_per_round_trip'])}",
            _n(line["ratio_smtp_source"]),
            "≥ 0.9 mail",
        )


def _drip(lines: Sequence[Line]) -> Iterable[Cells]:
    for line in lines:
        yield (
            _where(line),
            f"{_n(line['mails_per_s'])} mails/s, {_n(line['peak_mb'])} MB",
            f"django-drip-campaigns {_n(line['opponent_mails_per_s'])}",
            _n(line["ratio"]),
            "≥ 20",
        )


def _due(lines: Sequence[Line]) -> Iterable[Cells]:
    for database, sizes in _grouped(line for line in lines if line["due"]).items():
        first, *others = sizes
        yield (
            database,
            ", ".join(f"{_n(line['ms'])} ms beside {_n(line['enrolments'])}" for line in others),
            f"{_n(first['ms'])} ms beside {_n(first['enrolments'])}",
            ", ".join(_n(line["ratio"]) for line in others),
            "0.75 to 1.25",
        )


def _memory(lines: Sequence[Line]) -> Iterable[Cells]:
    for database, numbers in _grouped(lines).items():
        first, last = numbers[0], numbers[-1]
        yield (
            database,
            f"{_n(last['peak_mb'])} MB for {_n(last['mails'])} mails",
            f"{_n(first['peak_mb'])} MB for {_n(first['mails'])}",
            _n(last["ratio"]),
            "≤ 1.1; < 300 MB",
        )


def _decide(lines: Sequence[Line]) -> Iterable[Cells]:
    for line in lines:
        if line["event"] == "all":
            beside = f"a copy of the state {_n(line['copy_us'])} µs"
            yield "one core", f"{_n(line['per_s'])} decisions/s", beside, _n(line["ratio_copy"]), "≥ 40,000/s"


def _asked(goals: Mapping[str, str]) -> Callable[[Sequence[Line]], Iterable[Cells]]:
    def rows(lines: Sequence[Line]) -> Iterable[Cells]:
        for line in _whole(lines):
            asked = str(line["asked"])
            yield (
                f"{_where(line)}, {asked}",
                f"{_n(line['per_s'])}/s; p99 {_n(line['p99_ms'])} ms at a steady pace",
                f"naive {_n(line['naive_per_s'])}/s; the web server with nothing behind it {_n(line['floor_per_s'])}/s",
                _n(line["ratio_naive"]),
                goals.get(asked, NONE),
            )

    return rows


def _pipelining(lines: Sequence[Line]) -> Iterable[Cells]:
    clients = {str(line["client"]): line for line in lines}
    ours, plain = (clients[name] for name in ("pipelined", "plain"))
    here, beside = (
        f"{_n(line['cpu_us'])} µs a mail, {_n(line[TRIPS])} mail a round trip and connection" for line in (ours, plain)
    )
    ratio = f"{_n(ours['cpu_us'] / plain['cpu_us'])}, {_n(ours[TRIPS] / plain[TRIPS])}"
    yield f"{_n(ours['connections'])} connections", here, f"the plain client {beside}", ratio, "≥ 0.9 mail"


def _dkim(lines: Sequence[Line]) -> Iterable[Cells]:
    for line in lines:
        ours, theirs = f"{_n(line['signing_us'])} µs a mail", f"dkimpy {_n(line['dkimpy_us'])} µs"
        yield str(line["keys"]), ours, theirs, _n(line["ratio_dkimpy"]), NONE


def _signed(lines: Sequence[Line]) -> Iterable[Cells]:
    for line in _whole(lines):
        here, beside = (
            f"{_n(line['mails_per_s'])} mails/s",
            f"smtp-source {_n(line['smtp_source_mails_per_s'])}, unsigned",
        )
        yield _where(line), here, beside, _n(line["ratio_smtp_source"]), "≥ 1,500 mails/s"


_ONE = "≥ 4,000/s; p99 < 60 ms"
_SEND = ("--contacts", "8000", "--naive", "300")
_FAR = ("--processes", "1", "--runs", "1", "--answer-after", "20")
_SIGNED = ("--processes", "2", "--runs", "1", "--database", "postgresql", "--dkim", "rsa")
_FEW = ("--contacts", "12", "--connections", "2")
_MANY_KNOCKS = ("--requests", "10000", "--paced", "1000", "--runs", "1")
_FEW_KNOCKS = ("--requests", "40", "--paced", "10", "--connections", "4", "--people", "20", "--runs", "1")
ENTRIES = (
    Entry("send", "Send, end to end", "send", _SEND, (*_FEW, "--naive", "5", "--runs", "1"), _send),
    Entry("far", "The same, the server 20 ms away", "send", (*_FAR, "--contacts", "12000"), (*_FAR, *_FEW), _far),
    Entry(
        "signed", "The same, signed by rsa-2048", "send", (*_SIGNED, *_SEND), (*_SIGNED, *_FEW, "--naive", "5"), _signed
    ),
    Entry(
        "pipelining",
        "The SMTP client by itself",
        "pipelining",
        ("--runs", "1"),
        ("--mails", "10", "--far-mails", "2", "--connections", "2", "--round-trip", "5", "--runs", "1"),
        _pipelining,
    ),
    Entry("drip", "Three small mails to everybody", "drip", ("--contacts", "10000"), (*_FEW, "--alone"), _drip),
    Entry(
        "due",
        "A tick with 1,000 due, by enrolments",
        "due",
        ("--rounds", "7"),
        ("--enrolments", "30", "60", "--due", "5", "--rounds", "1"),
        _due,
    ),
    Entry("memory", "Memory of one process", "memory", (), ("--contacts", "60", "--due", "25", "40"), _memory),
    Entry("decide", "`core.decide`", "decide", (), ("--contacts", "3", "--rounds", "1"), _decide),
    Entry(
        "intake",
        "Events taken in, durably",
        "intake",
        _MANY_KNOCKS,
        _FEW_KNOCKS,
        _asked({"postmark": _ONE, "resend": _ONE, "event": _ONE, "events x 100": "≥ 30,000/s"}),
    ),
    Entry("redirect", "Clicks sent on", "redirect", _MANY_KNOCKS, _FEW_KNOCKS, _asked({"click": "≥ 10,000/s"})),
    Entry("dkim", "A DKIM signature", "dkim", (), ("--mails", "2", "--rounds", "1"), _dkim),
)
NAMES = tuple(entry.name for entry in ENTRIES)


def rewritten(readme: str, found: Mapping[str, Sequence[Line]]) -> str:
    """The text with the rows of these benchmarks in its table; those of others stay. ValueError: it has no table."""
    before, begin, rest = readme.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"there is no table between {BEGIN} and {END}")
    rows = {entry.title: _kept(old, entry.title) for entry in ENTRIES}
    for entry in ENTRIES:
        if entry.name in found:
            rows[entry.title] = [_row((entry.title, *cells)) for cells in entry.rows(found[entry.name])]
    table = [_row(HEAD), "|---" * len(HEAD) + "|", *(row for some in rows.values() for row in some)]
    return before + begin + "\n\n" + "\n".join(table) + "\n\n" + end + after


def _kept(table: str, title: str) -> list[str]:
    return [line for line in table.splitlines() if line.startswith(f"| {title} |")]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _whole(lines: Sequence[Line]) -> Iterable[Line]:
    """The lines that sum up, without those of single turns."""
    return (line for line in lines if "turn" not in line)


def _grouped(lines: Iterable[Line]) -> Mapping[str, list[Line]]:
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(_where(line), []).append(line)
    return groups


def _where(line: Line) -> str:
    database = DATABASES[line["database"]]
    return (
        f"{database}, {line['processes']} process{'es' * (line['processes'] > 1)}" if "processes" in line else database
    )


def _n(value: float | None) -> str:
    """A figure with as many digits as mean something; a dash for what was not measured."""
    if value is None:
        return NONE
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
