"""The engine and its two opponents in turns on one kind of database: A B C A B C …, each on a fresh database and sink."""

import json
from argparse import Namespace
from collections.abc import Sequence
from statistics import median
from typing import TypeAlias

from nurture.content.skeleton import Skeleton
from tests.benchmarks import engine, naive, source
from tests.benchmarks.places import Make, forget, fresh_databases
from tests.benchmarks.sinks import running_sink

Line: TypeAlias = dict[str, str | int | float | None]


class WrongCount(Exception):
    """The sink took another number of mails than were to be sent: the figure would mean nothing."""


def compare(kind: str, processes: int, options: Namespace) -> Line:
    """Print a line for each turn, and answer (and print) the medians."""
    turns = []
    head: Line = {"benchmark": "send", "database": kind, "processes": processes}
    with fresh_databases(kind) as make:
        for turn in range(1, options.runs + 1):
            turns.append(_turn(make, options, processes))
            say({**head, "turn": turn, **turns[-1]})
    return say(
        {
            **head,
            "contacts": options.contacts,
            "connections": options.connections,
            "dkim": options.dkim,
            **{name: turns[-1][name] for name in ("mails", "sink", "html_bytes", "mail_bytes")},
            "runs": options.runs,
            "mails_per_s": middle(turns, "mails_per_s"),
            "peak_mb": max(float(turn["peak_mb"] or 0) for turn in turns),
            "opponents": "a naive loop; smtp-source",
            **{name: middle(turns, name) for name in _OF_OPPONENTS},
            **({} if source.is_there() else {"why_no_smtp_source": source.WHY_NOT}),
        }
    )


_OF_OPPONENTS = ("naive_mails_per_s", "ratio_naive", "smtp_source_mails_per_s", "ratio_smtp_source")


def middle(turns: Sequence[Line], name: str) -> float | None:
    """The median of what the turns told; None when they told nothing."""
    told = [float(value) for turn in turns if (value := turn[name]) is not None]
    return round(median(told), 2) if told else None


def _turn(make: Make, options: Namespace, processes: int) -> Line:
    url = make()
    engine.prepare(url)
    with running_sink(options.sink) as sink:
        mail = engine.first_mail(url, sink.port)
        ours = engine.run(url, sink.port, options.contacts, options.connections, processes)
        told = engine.sent(url)
        mails = counted(sink.count(), told.mails) - told.to_warm_up
    forget(url)
    rate = mails / ours.seconds
    naive_rate = _naive_rate(make, mail, options)
    source_rate = _source_rate(mail, mails, options) if source.is_there() else None
    return {
        "mails": mails,
        "sink": sink.name,
        "html_bytes": len("".join(piece for piece in mail.html if isinstance(piece, str)).encode()),
        "mail_bytes": len(source.as_sent(mail)),
        "mails_per_s": round(rate, 1),
        "peak_mb": ours.peak_mb,
        "naive_mails_per_s": round(naive_rate, 1),
        "ratio_naive": round(rate / naive_rate, 2),
        "smtp_source_mails_per_s": source_rate and round(source_rate, 1),
        "ratio_smtp_source": source_rate and round(rate / source_rate, 2),
    }


def _naive_rate(make: Make, mail: Skeleton, options: Namespace) -> float:
    url = make()
    with running_sink(options.sink) as sink:
        seconds = naive.run(url, sink.port, mail, engine.WARM_UP, options.naive)
        counted(sink.count(), engine.WARM_UP + options.naive)
    forget(url)
    return float(options.naive / seconds)


def _source_rate(mail: Skeleton, mails: int, options: Namespace) -> float:
    with running_sink(options.sink) as sink:
        seconds = source.run(sink.port, source.as_sent(mail), mails, options.connections)
        counted(sink.count(), mails)
    return mails / seconds


def counted(at_the_sink: int, wanted: int) -> int:
    """The count at the sink; WrongCount when another was to come."""
    if at_the_sink != wanted:
        raise WrongCount(f"The sink took {at_the_sink} mails, and {wanted} were to be sent.")
    return at_the_sink


def say(line: Line) -> Line:
    """Print a JSON line at once, and answer it."""
    print(json.dumps(line), flush=True)
    return line
