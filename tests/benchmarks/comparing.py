"""The two sides in turns on one kind of database: A B A B …, each on a fresh database and a fresh sink."""

import json
from argparse import Namespace
from statistics import median
from typing import TypeAlias

from tests.benchmarks import engine, naive
from tests.benchmarks.places import Make, forget, fresh_databases
from tests.benchmarks.sinks import running_sink

Line: TypeAlias = dict[str, str | int | float]


class WrongCount(Exception):
    """The sink took another number of mails than were to be sent: the figure would mean nothing."""


def compare(kind: str, processes: int, options: Namespace) -> Line:
    """Print a line for each turn, and answer (and print) the medians."""
    turns = []
    with fresh_databases(kind) as make:
        for turn in range(1, options.runs + 1):
            turns.append(_turn(make, options, processes))
            say({"benchmark": "send", "database": kind, "processes": processes, "turn": turn, **turns[-1]})
    ours, theirs = (median(float(turn[name]) for turn in turns) for name in ("mails_per_s", "naive_mails_per_s"))
    return say(
        {
            "benchmark": "send",
            "database": kind,
            "processes": processes,
            "contacts": options.contacts,
            "connections": options.connections,
            "dkim": options.dkim,
            **{name: turns[-1][name] for name in ("mails", "sink", "html_bytes")},
            "runs": options.runs,
            "mails_per_s": round(ours, 1),
            "naive_mails_per_s": round(theirs, 1),
            "ratio_naive": round(median(float(turn["ratio_naive"]) for turn in turns), 2),
        }
    )


def _turn(make: Make, options: Namespace, processes: int) -> Line:
    url = make()
    engine.prepare(url)
    with running_sink(options.sink) as sink:
        mail = engine.first_mail(url, sink.port)
        ours = engine.run(url, sink.port, options.contacts, options.connections, processes)
        told = engine.sent(url)
        mails = _counted(sink.count(), told.mails) - told.to_warm_up
    forget(url)
    url = make()
    with running_sink(options.sink) as sink:
        theirs = naive.run(url, sink.port, mail, engine.WARM_UP, mails)
        _counted(sink.count(), engine.WARM_UP + mails)
        name = sink.name
    forget(url)
    return {
        "mails": mails,
        "sink": name,
        "html_bytes": len("".join(piece for piece in mail.html if isinstance(piece, str)).encode()),
        "mails_per_s": round(mails / ours, 1),
        "naive_mails_per_s": round(mails / theirs, 1),
        "ratio_naive": round(theirs / ours, 2),
    }


def _counted(at_the_sink: int, wanted: int) -> int:
    if at_the_sink != wanted:
        raise WrongCount(f"The sink took {at_the_sink} mails, and {wanted} were to be sent.")
    return at_the_sink


def say(line: Line) -> Line:
    """Print a JSON line at once, and answer it."""
    print(json.dumps(line), flush=True)
    return line
