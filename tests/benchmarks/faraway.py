"""The engine and smtp-source in turns before a server that is far away: each answer comes some milliseconds later.

Told is how many mails go in a round trip on a connection. Nobody who waits for the answer to each command gets beyond a
quarter; one is what commands that travel with the mail before them reach.
"""

from argparse import Namespace

from tests.benchmarks import engine, source
from tests.benchmarks.comparing import Line, counted, middle, say
from tests.benchmarks.places import Make, forget, fresh_databases
from tests.benchmarks.sinks import far_sink

ENOUGH = 2000
"""Mails after which smtp-source's rate, which never changes, is known."""


def compare(kind: str, processes: int, options: Namespace) -> Line:
    """Print a line for each turn, and answer (and print) the medians."""
    turns = []
    head: Line = {
        "benchmark": "send",
        "database": kind,
        "processes": processes,
        "answer_after_ms": options.answer_after,
    }
    with fresh_databases(kind) as make:
        for turn in range(1, options.runs + 1):
            turns.append(_turn(make, options, processes))
            say({**head, "turn": turn, **turns[-1]})
    return say(
        {
            **head,
            "contacts": options.contacts,
            "connections": options.connections,
            "mails": turns[-1]["mails"],
            "runs": options.runs,
            "mails_per_s": middle(turns, "mails_per_s"),
            "per_round_trip": middle(turns, "per_round_trip"),
            "per_round_trip_while_sending": middle(turns, "per_round_trip_while_sending"),
            "peak_mb": max(float(turn["peak_mb"] or 0) for turn in turns),
            "opponents": "smtp-source",
            "smtp_source_per_round_trip": middle(turns, "smtp_source_per_round_trip"),
            "ratio_smtp_source": middle(turns, "ratio_smtp_source"),
            **({} if source.is_there() else {"why_no_smtp_source": source.WHY_NOT}),
        }
    )


def _turn(make: Make, options: Namespace, processes: int) -> Line:
    url = make()
    engine.prepare(url)
    seconds = options.answer_after / 1000
    per_second = seconds / options.connections  # what a mail a second is in mails a round trip and connection
    with far_sink(options.answer_after) as sink:
        mail = engine.first_mail(url, sink.port)
        ours = engine.run(url, sink.port, options.contacts, options.connections, processes)
        told = engine.sent(url)
        mails = counted(sink.count(), told.mails) - told.to_warm_up
        busy = sink.rate_while_sending()
    forget(url)
    rate = mails / ours.seconds
    other = _source_rate(source.as_sent(mail), min(mails, ENOUGH), options) if source.is_there() else None
    return {
        "mails": mails,
        "mails_per_s": round(rate, 1),
        "per_round_trip": round(rate * per_second, 3),
        "per_round_trip_while_sending": round(busy * per_second, 3),
        "peak_mb": ours.peak_mb,
        "smtp_source_per_round_trip": other and round(other * per_second, 3),
        "ratio_smtp_source": other and round(rate / other, 2),
    }


def _source_rate(mail: bytes, mails: int, options: Namespace) -> float:
    with far_sink(options.answer_after) as sink:
        seconds = source.run(sink.port, mail, mails, options.connections)
        counted(sink.count(), mails)
    return mails / seconds
